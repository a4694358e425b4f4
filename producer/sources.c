#include "sources.h"

#include <string.h>
#include <sys/stat.h>

#include "clock.h"
#include "moment.h"
#include "seed.h"

static enum pf_rc check_moment(const struct pf_settings *settings,
                               const char *name, const char *value,
                               int64_t now_us, int64_t initial, int64_t *ret,
                               int *ret_from_now, struct pf_error *err)
{
    *ret = initial;
    *ret_from_now = 0;
    if (*value && pf_moment_parse(value, now_us, ret, ret_from_now, err))
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
        {"feed.replay.restamp", *s->replay_restamp},
        {"feed.replay.start", *s->replay_start},
        {"feed.replay.end", *s->replay_end},
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
                "standard input and pipes can be read only once");
        return pf_settings_fail(settings, "feed.replay.loop", PF_CONFIG, err);
    }
    if (s->replay.on_bad == PF_BAD_LINE_KEEP && !*s->replay.dead_letters) {
        pf_fail(err, PF_CONFIG, "dead-letter needs feed.replay.dead.letters");
        return pf_settings_fail(settings, "feed.replay.on.bad", PF_CONFIG, err);
    }
    return PF_OK;
}

static enum pf_rc check_moments(struct pf_sources *s,
                                const struct pf_settings *settings,
                                struct pf_error *err)
{
    int64_t now_us = pf_wall_ns() / 1000;
    int from_now;
    enum pf_rc rc = check_moment(settings, "feed.replay.start", s->replay_start,
                                 now_us, INT64_MIN, &s->replay.start_us,
                                 &from_now, err);

    if (!rc)
        rc = check_moment(settings, "feed.replay.end", s->replay_end, now_us,
                          INT64_MAX, &s->replay.end_us, &from_now, err);
    if (!rc)
        rc = check_moment(settings, "feed.replay.restamp", s->replay_restamp,
                          now_us, 0, &s->replay.restamp_us, &from_now, err);
    s->replay.restamp = *s->replay_restamp;
    s->replay.restamp_from_now = from_now;
    if (from_now)
        s->replay.restamp_us -= now_us;
    if (!rc)
        rc = check_moment(settings, "feed.orders.start", s->orders_start,
                          now_us, now_us, &s->orders.shop.start_us, &from_now,
                          err);
    s->orders.live = from_now;
    s->orders.now_us = now_us;
    return rc;
}

enum pf_rc pf_sources_check(struct pf_sources *s,
                            const struct pf_settings *settings,
                            struct pf_error *err)
{
    if (pf_seed_choose(s->seed, &s->seed_number, err))
        return pf_settings_fail(settings, "feed.seed", PF_CONFIG, err);
    s->random.seed = s->orders.shop.seed = s->seed_number;
    s->once = comes_once(s);
    if (check_moments(s, settings, err))
        return PF_CONFIG;
    return s->kind == PF_SOURCE_REPLAY ? check_needs(s, settings, err) : PF_OK;
}

bool pf_sources_repeat(const struct pf_sources *s)
{
    return s->kind == PF_SOURCE_REPLAY ? !s->once : *s->seed;
}

double pf_sources_rate(const struct pf_sources *s)
{
    switch (s->kind) {
    case PF_SOURCE_REPLAY:
        return *s->replay.time && s->replay.speed > 0 ? -1 : 0;
    case PF_SOURCE_ORDERS:
        return s->orders.shop.rate * s->orders.speed;
    default:
        return s->random.rate;
    }
}

enum pf_rc pf_sources_open(struct pf_sources *s,
                           const struct pf_source_start *start,
                           struct pf_source **ret, struct pf_error *err)
{
    switch (s->kind) {
    case PF_SOURCE_REPLAY:
        s->replay.start = *start;
        return pf_replay_source_open(&s->replay, ret, err);
    case PF_SOURCE_ORDERS:
        s->orders.start = *start;
        return pf_orders_source_open(&s->orders, ret, err);
    default:
        s->random.start = *start;
        return pf_random_source_open(&s->random, ret, err);
    }
}
