#include "sources.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "event_time.h"
#include "moment.h"
#include "orders_source.h"
#include "random.h"
#include "seed.h"

static enum pf_rc check_seed(struct pf_sources *s,
                             const struct pf_settings *settings,
                             struct pf_error *err)
{
    if (pf_seed_choose(s->seed, &s->seed_number, err))
        return pf_settings_fail(settings, "feed.seed", PF_CONFIG, err);
    return PF_OK;
}

static enum pf_rc check_moment(const struct pf_sources *s,
                               const struct pf_settings *settings,
                               const char *name, const char *value,
                               int64_t initial, int64_t *ret, int *ret_from_now,
                               struct pf_error *err)
{
    *ret = initial;
    if (*value && pf_moment_parse(value, s->now_us, ret, ret_from_now, err))
        return pf_settings_fail(settings, name, PF_CONFIG, err);
    return PF_OK;
}

/* Can the recording be read only once? If the file does not exist, opening it
 * reports that later. */
static bool comes_once(const struct pf_sources *s)
{
    struct stat info;

    return !strcmp(s->replay.file, "-") ||
           (!stat(s->replay.file, &info) && !S_ISREG(info.st_mode));
}

/* Settings that mean nothing unless another one is set. */
static enum pf_rc check_needs(const struct pf_sources *s,
                              const struct pf_settings *settings,
                              struct pf_error *err)
{
    const struct {
        const char *name;
        bool is_set;
    } need_time[] = {
        {"feed.replay.restamp", *s->replay.restamp},
        {"feed.replay.start", *s->replay.start},
        {"feed.replay.end", *s->replay.end},
    };

    if (!*s->replay.file) {
        pf_fail(err, PF_CONFIG, "feed.source = replay needs a file");
        return pf_settings_fail(settings, "feed.replay.path", PF_CONFIG, err);
    }
    for (size_t i = 0; i < sizeof need_time / sizeof *need_time; i++)
        if (need_time[i].is_set && !*s->replay.time) {
            pf_fail(err, PF_CONFIG, "it needs feed.replay.time");
            return pf_settings_fail(settings, need_time[i].name, PF_CONFIG,
                                    err);
        }
    if (s->replay.loop && s->once) {
        pf_fail(err, PF_CONFIG,
                "standard input comes once, and so does a pipe");
        return pf_settings_fail(settings, "feed.replay.loop", PF_CONFIG, err);
    }
    if (s->replay.on_bad == PF_BAD_LINE_KEEP && !*s->replay.dead_letters) {
        pf_fail(err, PF_CONFIG, "dead-letter needs feed.replay.dead.letters");
        return pf_settings_fail(settings, "feed.replay.on.bad", PF_CONFIG, err);
    }
    return PF_OK;
}

enum pf_rc pf_sources_check(struct pf_sources *s,
                            const struct pf_settings *settings,
                            struct pf_error *err)
{
    enum pf_rc rc = check_seed(s, settings, err);
    int ignored;

    s->now_us = pf_time_now_us();
    s->once = comes_once(s);
    if (!rc)
        rc = check_moment(s, settings, "feed.replay.start", s->replay.start,
                          INT64_MIN, &s->start_us, &ignored, err);
    if (!rc)
        rc = check_moment(s, settings, "feed.replay.end", s->replay.end,
                          INT64_MAX, &s->end_us, &ignored, err);
    if (!rc)
        rc = check_moment(s, settings, "feed.replay.restamp", s->replay.restamp,
                          0, &s->restamp_us, &s->restamp_from_now, err);
    if (!rc)
        rc = check_moment(s, settings, "feed.orders.start", s->orders.start,
                          s->now_us, &s->orders_us, &s->orders_from_now, err);
    if (!rc && s->kind == PF_SOURCE_REPLAY)
        rc = check_needs(s, settings, err);
    return rc;
}

bool pf_sources_repeat(const struct pf_sources *s)
{
    return s->kind == PF_SOURCE_REPLAY ? !s->once : *s->seed;
}

/* Length of a file's name without the suffix of its compression, cut to what
 * fits into the name of a run. */
static size_t name_len(const char *name)
{
    static const char *const suffixes[] = {".gz", ".bz2", ".zst"};
    const size_t most = PF_RUN_SIZE - sizeof "replay-" - PF_RUN_APART;
    size_t len = strlen(name);

    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        size_t n = strlen(suffixes[i]);

        if (len > n && !strcmp(name + len - n, suffixes[i])) {
            len -= n;
            break;
        }
    }
    return len < most ? len : most;
}

void pf_sources_run(const struct pf_sources *s, char ret[static PF_RUN_SIZE])
{
    const char *slash = strrchr(s->replay.file, '/');
    const char *name = slash ? slash + 1 : s->replay.file;
    size_t len = name_len(name);

    *ret = '\0';
    if (!pf_sources_repeat(s))
        return;
    if (s->kind != PF_SOURCE_REPLAY) {
        snprintf(ret, PF_RUN_SIZE, "%s-%" PRIu64,
                 s->kind == PF_SOURCE_ORDERS ? "orders" : "seed",
                 s->seed_number);
        return;
    }
    snprintf(ret, PF_RUN_SIZE, "replay-%.*s", (int)len, name);
    for (; *ret; ret++)
        if (!isalnum((unsigned char)*ret) && !strchr("._-", *ret))
            *ret = '_';
}

double pf_sources_rate(const struct pf_sources *s)
{
    switch (s->kind) {
    case PF_SOURCE_REPLAY:
        return *s->replay.time && s->replay.speed > 0 ? -1 : 0;
    case PF_SOURCE_ORDERS:
        return s->orders.rate * s->orders.speed;
    default:
        return s->rate;
    }
}

static enum pf_rc open_random(const struct pf_sources *s,
                              const struct pf_source_start *start,
                              struct pf_source **ret, struct pf_error *err)
{
    return pf_random_source_open(
        &(struct pf_random){.seed = s->seed_number,
                            .rate = s->rate,
                            .first = start->first,
                            .count = (uint64_t)s->count,
                            .stats = start->stats,
                            .due_metric = start->due_metric},
        ret, err);
}

struct pf_replay pf_sources_replay(const struct pf_sources *s,
                                   const struct pf_source_start *start)
{
    size_t limit = start->value_max < PF_REPLAY_ELEMENT_MAX
                       ? start->value_max
                       : PF_REPLAY_ELEMENT_MAX;

    return (struct pf_replay){.file = s->replay.file,
                              .form = (enum pf_form)s->replay.form,
                              .limit = limit,
                              .time = s->replay.time,
                              .key = s->replay.key,
                              .speed = s->replay.speed,
                              .max_gap_s = s->replay.max_gap_s,
                              .loop = s->replay.loop,
                              .start_us = s->start_us,
                              .end_us = s->end_us,
                              .restamp = *s->replay.restamp,
                              .restamp_us = s->restamp_from_now
                                                ? s->restamp_us - s->now_us
                                                : s->restamp_us,
                              .restamp_from_now = s->restamp_from_now,
                              .on_bad = (enum pf_on_bad_line)s->replay.on_bad,
                              .dead_letters = s->replay.dead_letters,
                              .first = start->first,
                              .count = (uint64_t)s->count,
                              .stats = start->stats,
                              .due_metric = start->due_metric,
                              .bad_metric = start->bad_metric};
}

static enum pf_rc open_replay(const struct pf_sources *s,
                              const struct pf_source_start *start,
                              struct pf_source **ret, struct pf_error *err)
{
    struct pf_replay replay = pf_sources_replay(s, start);

    return pf_replay_source_open(&replay, ret, err);
}

static enum pf_rc open_orders(const struct pf_sources *s,
                              const struct pf_source_start *start,
                              struct pf_source **ret, struct pf_error *err)
{
    return pf_orders_source_open(
        &(struct pf_orders_feed){.shop = {.seed = s->seed_number,
                                          .start_us = s->orders_us,
                                          .rate = s->orders.rate,
                                          .age = s->orders.age},
                                 .speed = s->orders.speed,
                                 .first = start->first,
                                 .count = (uint64_t)s->count,
                                 .now_us = s->now_us,
                                 .live = s->orders_from_now,
                                 .stats = start->stats,
                                 .due_metric = start->due_metric},
        ret, err);
}

enum pf_rc pf_sources_open(const struct pf_sources *s,
                           const struct pf_source_start *start,
                           struct pf_source **ret, struct pf_error *err)
{
    if (s->kind == PF_SOURCE_REPLAY)
        return open_replay(s, start, ret, err);
    return s->kind == PF_SOURCE_ORDERS ? open_orders(s, start, ret, err)
                                       : open_random(s, start, ret, err);
}
