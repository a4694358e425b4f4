#include "sources.h"

#include <string.h>
#include <sys/stat.h>

#include "clock.h"
#include "moment.h"
#include "prng.h"

/* Up to this many records a second, each is sent at once and by itself; above
 * it, they wait for linger.ms and are sent in batches. Measured on a real
 * broker: waiting costs latency at 1000/s, not waiting does at 100 000/s. */
#define ALONE_RATE 1000

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
    static const char needs_time[] = "it needs feed.replay.time";
    bool no_time = !*s->replay.time;
    const struct {
        const char *name;
        bool fails;
        const char *why;
    } needs[] = {
        {"feed.replay.path", !*s->replay.file,
         "feed.source = replay needs a file"},
        {"feed.replay.restamp", *s->replay_restamp && no_time, needs_time},
        {"feed.replay.start", *s->replay_start && no_time, needs_time},
        {"feed.replay.end", *s->replay_end && no_time, needs_time},
        {"feed.replay.loop", s->replay.loop && s->once,
         "standard input and pipes can be read only once"},
    };

    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++)
        if (needs[i].fails) {
            pf_fail(err, PF_CONFIG, "%s", needs[i].why);
            return pf_settings_fail(settings, needs[i].name, PF_CONFIG, err);
        }
    return PF_OK;
}

/* Settings that name a moment. */
static enum pf_rc check_moments(struct pf_sources *s,
                                const struct pf_settings *settings,
                                struct pf_error *err)
{
    int64_t now_us = pf_wall_ns() / 1000;
    struct pf_replay *replay = &s->replay;
    bool any; /* for start and end it does not matter */
    const struct {
        const char *name, *value;
        int64_t initial, *ret;
        bool *ret_from_now;
    } moments[] = {
        {"feed.replay.start", s->replay_start, INT64_MIN, &replay->start_us,
         &any},
        {"feed.replay.end", s->replay_end, INT64_MAX, &replay->end_us, &any},
        {"feed.replay.restamp", s->replay_restamp, 0, &replay->restamp_us,
         &replay->restamp_from_now},
        {"feed.orders.start", s->orders_start, now_us, &s->orders.shop.start_us,
         &s->orders.live},
        {"feed.template.start", s->template_start, now_us,
         &s->template.start_us, &s->template.live},
    };

    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
        *moments[i].ret = moments[i].initial;
        *moments[i].ret_from_now = false;
        if (*moments[i].value &&
            pf_moment_parse(moments[i].value, now_us, moments[i].ret,
                            moments[i].ret_from_now, err))
            return pf_settings_fail(settings, moments[i].name, PF_CONFIG, err);
    }
    replay->restamp = *s->replay_restamp;
    if (replay->restamp_from_now)
        replay->restamp_us -= now_us;
    s->orders.now_us = now_us;
    s->template.move_us = s->template.start_us - now_us;
    return PF_OK;
}

/* Its program, and what it is given. */
static enum pf_rc check_template(struct pf_sources *s,
                                 const struct pf_settings *settings,
                                 struct pf_error *err)
{
    struct pf_template *template = NULL;
    enum pf_rc rc;

    if (!*s->template.template.file) {
        pf_fail(err, PF_CONFIG, "feed.source = template needs a file");
        return pf_settings_fail(settings, "feed.template", PF_CONFIG, err);
    }
    rc = pf_template_open(&s->template.template, &template, err);
    pf_template_close(template);
    if (rc)
        return pf_settings_fail(
            settings, rc == PF_FORMAT ? "feed.template.key" : "feed.template",
            PF_CONFIG, err);
    s->template.rate = s->random.rate;
    return PF_OK;
}

enum pf_rc pf_sources_check(struct pf_sources *s,
                            const struct pf_settings *settings,
                            struct pf_error *err)
{
    if (pf_seed_choose(s->seed, &s->seed_number, err))
        return pf_settings_fail(settings, "feed.seed", PF_CONFIG, err);
    s->random.seed = s->orders.shop.seed = s->template.template.seed =
        s->seed_number;
    s->once = comes_once(s);
    if (check_moments(s, settings, err))
        return PF_CONFIG;
    if (s->kind == PF_SOURCE_TEMPLATE)
        return check_template(s, settings, err);
    return s->kind == PF_SOURCE_REPLAY ? check_needs(s, settings, err) : PF_OK;
}

bool pf_sources_repeat(const struct pf_sources *s)
{
    return s->kind == PF_SOURCE_REPLAY ? !s->once : *s->seed;
}

/*
 * Without a pace (200 ms), batches fill long before linger.ms ends. The value
 * matters for another reason. An idempotent librdkafka (2.8.0) sends up to
 * five batches when nothing of a partition is in flight, and then none until
 * all of them are answered. While a record older than linger.ms waits for
 * that, the broker thread spins instead of sleeping. So linger.ms has to be
 * longer than a record can wait in a full queue; 200 ms is, above 200 000
 * records a second.
 *
 * With many partitions the queue is full before any of their batches is, and
 * all wait for linger.ms: a million records to twelve took 6.0 s with 200 ms,
 * and to 24 they took as long with 20 ms as with 5. To six, 20 ms took a fifth
 * to a third less than 5, with one broker and with three.
 */
const char *pf_sources_linger(const struct pf_sources *s, bool by_key)
{
    const char *unpaced = by_key ? "20" : "200";
    double rate = s->random.rate;

    if (s->kind == PF_SOURCE_REPLAY)
        return *s->replay.time && s->replay.speed > 0 ? "1" : unpaced;
    if (s->kind == PF_SOURCE_ORDERS)
        rate = s->orders.shop.rate * s->orders.speed;
    return rate == 0 ? unpaced : rate <= ALONE_RATE ? "0" : "1";
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
    case PF_SOURCE_TEMPLATE:
        s->template.start = *start;
        return pf_template_source_open(&s->template, ret, err);
    default:
        s->random.start = *start;
        return pf_random_source_open(&s->random, ret, err);
    }
}
