#include "bad_records.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dead_sinks.h"
#include "log.h"

#define NOW_DEAD_LETTERS "feed.dead.letters"
#define OLD_DEAD_LETTERS "feed.replay.dead.letters"

/* Does the setting with the older name count? It does if nothing of its rank or
 * a higher one sets the newer name. Log what it is called now, or what it is
 * ignored for. */
static bool older_counts(const struct pf_settings *settings, const char *older,
                         const char *now)
{
    const struct pf_setting *s = pf_settings_get(settings, older);
    const struct pf_setting *newer = pf_settings_get(settings, now);

    if (!s)
        return false;
    if (newer && newer->rank >= s->rank) {
        pf_log(PF_LOG_WARNING,
               "%s: %s is ignored: it is called %s now, set in %s", s->where,
               older, now, newer->where);
        return false;
    }
    pf_log(PF_LOG_WARNING, "%s: %s is called %s now", s->where, older, now);
    return true;
}

/* Let the older names stand for the newer ones. */
static enum pf_rc take_older(struct pf_bad_records *bad,
                             const struct pf_settings *settings,
                             struct pf_error *err)
{
    char *path;

    if (older_counts(settings, "feed.replay.on.bad", "feed.on.bad"))
        bad->on_bad = bad->old_on_bad;
    /* Without that policy the file never mattered. */
    if (!older_counts(settings, OLD_DEAD_LETTERS, NOW_DEAD_LETTERS) ||
        bad->on_bad != PF_ON_BAD_DEAD_LETTER || !*bad->old_dead_letters)
        return PF_OK;
    if (asprintf(&path, "file:%s", bad->old_dead_letters) < 0)
        return pf_fail(err, PF_NOMEM, "dead letters: out of memory");
    free(bad->dead_letters);
    bad->dead_letters = path;
    bad->older_in = pf_settings_where(settings, OLD_DEAD_LETTERS);
    return PF_OK;
}

enum pf_rc pf_bad_records_check(struct pf_bad_records *bad,
                                const struct pf_settings *settings,
                                const char *topic, struct pf_error *err)
{
    enum pf_rc rc = take_older(bad, settings, err);
    struct pf_dead_conf conf = {.to = bad->dead_letters};

    if (rc)
        return rc;
    rc = pf_dead_conf_check(&conf, (enum pf_on_bad)bad->on_bad, err);
    if (!rc && !strcmp(bad->dead_letters, topic))
        rc = pf_fail(err, PF_CONFIG,
                     "events go to %s: dead letters need a topic of their own",
                     topic);
    if (rc)
        pf_settings_fail(settings,
                         bad->older_in ? OLD_DEAD_LETTERS : NOW_DEAD_LETTERS,
                         rc, err);
    return rc;
}

enum pf_rc pf_bad_records_open(const struct pf_bad_records *bad,
                               const char *file, size_t largest,
                               const rd_kafka_conf_t *kafka,
                               struct pf_pump *pump, struct pf_error *err)
{
    struct pf_dead_conf conf = {.to = bad->dead_letters,
                                .largest = (int64_t)largest,
                                .file = strcmp(file, "-") ? file
                                                          : "/dev/stdin"};
    enum pf_rc rc;

    pump->on_bad = (enum pf_on_bad)bad->on_bad;
    if (pump->on_bad != PF_ON_BAD_DEAD_LETTER)
        return PF_OK;
    pump->dead_letters_in = bad->dead_letters;
    rc = pf_dead_sink_open(&conf, kafka, &pump->dead_letters, err);
    if (rc && bad->older_in)
        pf_fail_in(err, rc, "%s: %s: ", bad->older_in, OLD_DEAD_LETTERS);
    return rc;
}
