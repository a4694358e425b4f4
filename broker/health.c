/* health.c - `pf-broker health`: one sentence, and 0 only if prices flow. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "clock.h"
#include "ctl.h"
#include "stats.h"
#include "stop.h"

#define ASK_MS 2000   /* for the broker's answer */
#define WATCH_MS 2000 /* how long to watch a consumer that lags */
#define BEAT_MS 3000  /* a live consumer beats at least once a second */
#define LATE_MS 10000 /* how late a producer may be by its own schedule */

static enum pf_rc number(const struct pf_stats *stats, const char *name,
                         uint64_t *ret, struct pf_error *err)
{
    enum pf_rc rc = pf_stats_read(stats, name, ret, err);

    return rc ? pf_fail_in(err, PF_IO, "its counters: ") : PF_OK;
}

/* Check the pid first: to kill(2), 0 or less is a group of processes. */
static bool lives(pid_t pid)
{
    return pid > 0 && (!kill(pid, 0) || errno != ESRCH);
}

/* Attach to a program's counters; check that it is running or has finished. */
static enum pf_rc attach(const struct ctl *ctl, const char *name,
                         struct pf_stats **ret, bool *finished,
                         struct pf_error *err)
{
    struct pf_path path = pf_path_in(ctl->places.run, name);
    uint64_t done = 0;
    enum pf_rc rc = pf_stats_attach(path.text, ret, err);

    if (rc)
        return pf_fail(err, PF_IO, "it has not started");
    rc = number(*ret, "finished", &done, err);
    if (rc)
        return rc;
    *finished = done;
    if (!done && !lives(pf_stats_pid(*ret)))
        return pf_fail(err, PF_IO, "it is not running");
    return PF_OK;
}

/* How long ago at_ns is, in ms; below 0 if it is in the future. */
static int64_t late_ms(uint64_t at_ns)
{
    return (pf_now_ns() - (int64_t)at_ns) / 1000000;
}

/* What the producer's counters say. */
struct sent {
    bool finished;
    uint64_t beat_ns, due_ns, arrival_ns; /* 0: none yet */
    uint64_t taken, arrived;
};

static enum pf_rc read_sent(const struct pf_stats *stats, struct sent *ret,
                            struct pf_error *err)
{
    const struct {
        const char *name;
        uint64_t *at;
    } numbers[] = {
        {"beat_ns", &ret->beat_ns},
        {"next_due_ns", &ret->due_ns},
        {"last_arrival_ns", &ret->arrival_ns},
        {"records_taken", &ret->taken},
        {"records_arrived", &ret->arrived},
    };
    enum pf_rc rc = PF_OK;

    for (size_t i = 0; !rc && i < sizeof numbers / sizeof *numbers; i++)
        rc = number(stats, numbers[i].name, numbers[i].at, err);
    return rc;
}

static enum pf_rc check_producer(const struct ctl *ctl, struct sent *ret,
                                 struct pf_error *err)
{
    struct pf_stats *stats = NULL;
    enum pf_rc rc = attach(ctl, "producer.stats", &stats, &ret->finished, err);

    if (!rc && !ret->finished)
        rc = read_sent(stats, ret, err);
    if (!rc && !ret->finished && !ret->beat_ns && !ret->taken)
        rc = pf_fail(err, PF_IO,
                     "it has not begun; its log says what it waits for");
    /* 0: as fast as it can */
    if (!rc && ret->due_ns && late_ms(ret->due_ns) > LATE_MS)
        rc = pf_fail(err, PF_IO, "its next price is %lld s late",
                     (long long)late_ms(ret->due_ns) / 1000);
    pf_stats_close(stats);
    return rc ? pf_fail_in(err, rc, "producer: ") : PF_OK;
}

/* Should a consumer that began at that time have printed a price? */
static bool is_due(const struct sent *sent, uint64_t began_ns)
{
    if (sent->finished)
        return false; /* it may have finished before that */
    return sent->arrival_ns > began_ns || sent->taken > sent->arrived ||
           (sent->due_ns && late_ms(sent->due_ns) >= 0);
}

struct place {
    uint64_t position, end, taken, arrived;
};

static enum pf_rc read_place(const struct pf_stats *stats, struct place *ret,
                             struct pf_error *err)
{
    enum pf_rc rc = number(stats, "position", &ret->position, err);

    if (!rc)
        rc = number(stats, "topic_end", &ret->end, err);
    if (!rc)
        rc = number(stats, "records_arrived", &ret->arrived, err);
    return rc ? rc : number(stats, "records_taken", &ret->taken, err);
}

/* The consumer reads nothing, although the topic has more records. */
static enum pf_rc falls_behind(const struct pf_stats *stats,
                               const struct place *place, struct pf_error *err)
{
    uint64_t held = 0;
    enum pf_rc rc = number(stats, "records_held_back", &held, err);

    if (rc)
        return rc;
    if (held)
        return pf_fail(err, PF_IO,
                       "an open transaction holds back %llu records",
                       (unsigned long long)held);
    return pf_fail(err, PF_IO,
                   "it is %llu records behind and makes no progress",
                   (unsigned long long)(place->end - place->position));
}

/* The consumer makes no progress: say what it waits for. Records that it has
 * taken and that do not arrive wait for its sink. */
static enum pf_rc stalled(const struct pf_stats *stats,
                          const struct place *place, struct pf_error *err)
{
    unsigned long long waiting = place->taken - place->arrived;
    uint64_t connections = 0;

    if (!waiting)
        return falls_behind(stats, place, err);
    pf_stats_read(stats, "postgres_connections", &connections, NULL);
    if (connections)
        return pf_fail(err, PF_IO,
                       "%llu records wait for PostgreSQL; its log says why",
                       waiting);
    return pf_fail(err, PF_IO,
                   "%llu records wait to be printed; does somebody read the "
                   "console?",
                   waiting);
}

/* True if everything was read and has arrived. Both are needed: a consumer that
 * waits for its sink does not look for the end of the topic. */
static bool is_through(const struct place *place)
{
    return place->position >= place->end && place->arrived >= place->taken;
}

/* Wait up to WATCH_MS for a lag of 0 or for progress. */
static enum pf_rc watch(const struct pf_stats *stats, struct pf_error *err)
{
    int64_t deadline = pf_now_ms() + WATCH_MS;
    struct place first, now;
    enum pf_rc rc = read_place(stats, &first, err);

    for (now = first; !rc && !is_through(&now);) {
        if (now.position != first.position || now.arrived != first.arrived)
            break;
        if (pf_now_ms() >= deadline)
            return stalled(stats, &now, err);
        pf_wait(-1, 0, CTL_PAUSE_MS);
        rc = read_place(stats, &now, err);
    }
    return rc;
}

/* Check that it knows where to begin, and that it has printed a price if one
 * was due, or does within WATCH_MS. */
static enum pf_rc watch_first(const struct pf_stats *stats,
                              const struct sent *sent, uint64_t *printed,
                              struct pf_error *err)
{
    int64_t deadline = pf_now_ms() + WATCH_MS;
    uint64_t began = 0;
    enum pf_rc rc = number(stats, "began_ns", &began, err);

    if (!rc && !began)
        return pf_fail(err, PF_IO,
                       "it does not know yet where to begin; its log says "
                       "what it waits for");
    while (!rc && !*printed && is_due(sent, began)) {
        if (pf_now_ms() >= deadline)
            return pf_fail(err, PF_IO,
                           "it has not printed a price yet, and one is due");
        pf_wait(-1, 0, CTL_PAUSE_MS);
        rc = number(stats, "records_arrived", printed, err);
    }
    return rc;
}

static enum pf_rc check_consumer(const struct ctl *ctl, const struct sent *sent,
                                 uint64_t *printed, struct pf_error *err)
{
    struct pf_stats *stats = NULL;
    bool finished = false;
    uint64_t beat = 0;
    enum pf_rc rc = attach(ctl, "consumer.stats", &stats, &finished, err);

    if (!rc)
        rc = number(stats, "records_arrived", printed, err);
    if (!rc && !finished)
        rc = number(stats, "beat_ns", &beat, err);
    if (!rc && !finished && late_ms(beat) > BEAT_MS)
        rc = pf_fail(err, PF_IO, "it has not moved for %lld s; its log is %s",
                     (long long)late_ms(beat) / 1000,
                     pf_path_in(ctl->places.run, "log/consumer.log").text);
    if (!rc && !finished)
        rc = watch(stats, err);
    if (!rc && !finished)
        rc = watch_first(stats, sent, printed, err);
    pf_stats_close(stats);
    return rc ? pf_fail_in(err, rc, "consumer: ") : PF_OK;
}

static enum pf_rc check_broker(const struct ctl *ctl, struct pf_error *err)
{
    static const char *const states[] = {
        [CTL_NO_ANSWER] = "broker: it does not answer at",
        [CTL_NO_TOPIC] = "broker: it does not know the topic",
        [CTL_NO_LEADER] = "broker: it has no leader for the topic",
    };
    enum ctl_topic_state state = CTL_NO_ANSWER;
    char *topic = NULL;
    rd_kafka_t *rk = NULL;
    enum pf_rc rc = ctl_topic_name(ctl, &topic, err);

    if (!rc && !ctl_knock(ctl->conf.local, NULL)) {
        rc = ctl_open(ctl, RD_KAFKA_CONSUMER, &rk, err);
        if (!rc)
            state = ctl_ask_topic(rk, topic, ASK_MS, NULL);
    }
    if (!rc && state != CTL_READY)
        rc = pf_fail(err, PF_IO, "%s %s", states[state],
                     state == CTL_NO_ANSWER ? ctl->conf.local : topic);
    free(topic);
    return rc;
}

enum pf_rc ctl_health(struct ctl *ctl, struct pf_error *err)
{
    struct sent sent = {0};
    uint64_t printed = 0;
    enum pf_rc rc = check_broker(ctl, err);

    if (!rc)
        rc = check_producer(ctl, &sent, err);
    if (!rc)
        rc = check_consumer(ctl, &sent, &printed, err);
    if (!rc)
        printf("healthy: %llu prices printed since the consumer started\n",
               (unsigned long long)printed);
    return rc ? PF_IO : PF_OK; /* 1 is all that a HEALTHCHECK may say */
}
