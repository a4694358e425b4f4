#include "feed_health.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>

#include "clock.h"
#include "stats.h"

#define BEAT_MS 3000  /* a live consumer beats at least once a second */
#define LATE_MS 10000 /* how late a producer may be by its own schedule */

/* A counter, and where its value goes. */
struct number {
    const char *name;
    uint64_t *at;
};

static enum pf_rc read_numbers(const struct pf_stats *stats,
                               const struct number *numbers, size_t n,
                               struct pf_error *err)
{
    for (size_t i = 0; i < n; i++)
        if (pf_stats_read(stats, numbers[i].name, numbers[i].at, err))
            return pf_fail_in(err, PF_IO, "its counters: ");
    return PF_OK;
}

/* Check the pid first: to kill(2), 0 or less is a group of processes. */
static bool lives(pid_t pid)
{
    return pid > 0 && (!kill(pid, 0) || errno != ESRCH);
}

/* Attach to a program's counters; check that it is running or has finished. */
static enum pf_rc attach(const char *run, const char *name,
                         struct pf_stats **ret, bool *finished,
                         struct pf_error *err)
{
    uint64_t done = 0;
    const struct number number = {"finished", &done};
    char path[4096]; /* one that is too long is cut, and cannot be opened */
    enum pf_rc rc;

    snprintf(path, sizeof path, "%s/%s", run, name);
    if (pf_stats_attach(path, ret, NULL))
        return pf_fail(err, PF_IO, "it has not started");
    rc = read_numbers(*ret, &number, 1, err);
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

static enum pf_rc not_begun(struct pf_error *err)
{
    return pf_fail(err, PF_IO,
                   "it has not begun; its log says what it waits for");
}

static enum pf_rc look_at_producer(const char *run, struct pf_health_look *ret,
                                   struct pf_error *err)
{
    const struct number numbers[] = {
        {"beat_ns", &ret->producer.beat_ns},
        {"next_due_ns", &ret->producer.due_ns},
        {"last_arrival_ns", &ret->producer.arrival_ns},
        {"records_taken", &ret->producer.taken},
        {"records_arrived", &ret->producer.arrived},
    };
    struct pf_stats *stats = NULL;
    enum pf_rc rc = attach(run, "producer.stats", &stats,
                           &ret->producer.finished, err);

    if (rc || ret->producer.finished)
        goto out;
    rc = read_numbers(stats, numbers, sizeof numbers / sizeof *numbers, err);
    if (rc)
        goto out;
    if (!ret->producer.beat_ns && !ret->producer.taken)
        rc = not_begun(err);
    /* 0: as fast as it can */
    else if (ret->producer.due_ns && late_ms(ret->producer.due_ns) > LATE_MS)
        rc = pf_fail(err, PF_IO, "its next price is %lld s late",
                     (long long)late_ms(ret->producer.due_ns) / 1000);
out:
    pf_stats_close(stats);
    return rc ? pf_fail_in(err, rc, "producer: ") : PF_OK;
}

static enum pf_rc look_at_consumer(const char *run, struct pf_health_look *ret,
                                   struct pf_error *err)
{
    const struct number numbers[] = {
        {"records_arrived", &ret->consumer.arrived},
        {"records_taken", &ret->consumer.taken},
        {"beat_ns", &ret->consumer.beat_ns},
        {"began_ns", &ret->consumer.began_ns},
        {"position", &ret->consumer.position},
        {"topic_end", &ret->consumer.end},
        {"records_held_back", &ret->consumer.held},
    };
    struct pf_stats *stats = NULL;
    enum pf_rc rc = attach(run, "consumer.stats", &stats,
                           &ret->consumer.finished, err);

    if (!rc)
        rc = read_numbers(stats, numbers, sizeof numbers / sizeof *numbers,
                          err);
    if (rc)
        goto out;
    /* A consumer that only prints may come without it. */
    pf_stats_read(stats, "postgres_connections", &ret->consumer.connections,
                  NULL);
    if (!ret->consumer.finished && !ret->consumer.beat_ns)
        rc = not_begun(err);
    else if (!ret->consumer.finished &&
             late_ms(ret->consumer.beat_ns) > BEAT_MS)
        rc = pf_fail(err, PF_IO,
                     "it has not moved for %lld s; its log is "
                     "%.200s/log/consumer.log",
                     (long long)late_ms(ret->consumer.beat_ns) / 1000, run);
out:
    pf_stats_close(stats);
    return rc ? pf_fail_in(err, rc, "consumer: ") : PF_OK;
}

enum pf_rc pf_health_look(const char *run, struct pf_health_look *ret,
                          struct pf_error *err)
{
    enum pf_rc rc;

    *ret = (struct pf_health_look){0};
    rc = look_at_producer(run, ret, err);
    return rc ? rc : look_at_consumer(run, ret, err);
}

enum pf_rc pf_health_look_at_producer(const char *run,
                                      struct pf_health_look *ret,
                                      struct pf_error *err)
{
    *ret = (struct pf_health_look){.consumer = {.finished = true}};
    return look_at_producer(run, ret, err);
}

enum pf_rc pf_health_look_at_consumer(const char *run,
                                      struct pf_health_look *ret,
                                      struct pf_error *err)
{
    *ret = (struct pf_health_look){.producer = {.finished = true}};
    return look_at_consumer(run, ret, err);
}

/* Both are needed: a consumer that waits for its sink does not look for the end
 * of the topic. */
bool pf_health_is_through(const struct pf_health_look *look)
{
    return look->consumer.position >= look->consumer.end &&
           look->consumer.arrived >= look->consumer.taken;
}

static bool has_moved(const struct pf_health_look *first,
                      const struct pf_health_look *now)
{
    return now->consumer.position != first->consumer.position ||
           now->consumer.arrived != first->consumer.arrived;
}

/* The consumer makes no progress: say what it waits for. Records that it has
 * taken and that do not arrive wait for its sink. */
static enum pf_rc stalled(const struct pf_health_look *look,
                          struct pf_error *err)
{
    unsigned long long waiting = look->consumer.taken - look->consumer.arrived;

    if (waiting && look->consumer.connections)
        return pf_fail(err, PF_AGAIN,
                       "%llu records wait for PostgreSQL; its log says why",
                       waiting);
    if (waiting)
        return pf_fail(err, PF_AGAIN,
                       "%llu records wait to be printed; does somebody read "
                       "the console?",
                       waiting);
    if (look->consumer.held)
        return pf_fail(err, PF_AGAIN,
                       "an open transaction holds back %llu records",
                       (unsigned long long)look->consumer.held);
    return pf_fail(
        err, PF_AGAIN, "it is %llu records behind and makes no progress",
        (unsigned long long)(look->consumer.end - look->consumer.position));
}

/* Should the consumer have printed a price since it began? */
static bool is_due(const struct pf_health_look *look)
{
    if (look->producer.finished)
        return false; /* it may have finished before that */
    return look->producer.arrival_ns > look->consumer.began_ns ||
           look->producer.taken > look->producer.arrived ||
           (look->producer.due_ns && late_ms(look->producer.due_ns) >= 0);
}

static enum pf_rc judge_consumer(const struct pf_health_look *first,
                                 const struct pf_health_look *now,
                                 struct pf_error *err)
{
    if (now->consumer.finished)
        return PF_OK;
    if (!pf_health_is_through(now) && !has_moved(first, now))
        return stalled(now, err);
    if (!now->consumer.began_ns)
        return pf_fail(err, PF_IO,
                       "it does not know yet where to begin; its log says "
                       "what it waits for");
    if (!now->consumer.arrived && is_due(now))
        return pf_fail(err, PF_AGAIN,
                       "it has not printed a price yet, and one is due");
    return PF_OK;
}

enum pf_rc pf_health_judge(const struct pf_health_look *first,
                           const struct pf_health_look *now,
                           struct pf_error *err)
{
    enum pf_rc rc = judge_consumer(first, now, err);

    return rc ? pf_fail_in(err, rc, "consumer: ") : PF_OK;
}
