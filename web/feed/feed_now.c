#include "feed_now.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "feed_health.h"

/* A feed that was not healthy yet is starting for that long: as long as
 * pf-init waits for the broker before it says so. */
#define STARTING_NS (60 * PF_SECOND_NS)

/* A program's count at the last look. */
struct before {
    pid_t pid; /* 0: there was none */
    uint64_t arrived;
};

struct web_feed {
    const char *run;

    /* The looking thread's own. */
    int64_t first_ns; /* when the first look was; 0: not yet */
    int64_t last_ns;
    struct before produced, printed;
    struct web_window *window;
    struct pf_health_look still; /* it has not moved since this one */
    int64_t still_ns;            /* when that was; 0: there is none */
    bool was_healthy;

    /* What is seen, under lock. The histories are a ring. */
    pthread_mutex_t lock;
    struct web_feed_now now;
    size_t n, next;
    double values[WEB_SERIES][WEB_STEPS];
};

enum pf_rc web_feed_new(const char *run, struct web_feed **ret,
                        struct pf_error *err)
{
    struct web_feed *feed = calloc(1, sizeof *feed);

    if (feed)
        feed->window = web_window_new();
    if (!feed || !feed->window) {
        free(feed);
        return pf_fail(err, PF_NOMEM, "out of memory");
    }
    feed->run = run;
    feed->now = (struct web_feed_now){
        .uptime_seconds = NAN,
        .produced_per_second = NAN,
        .printed_per_second = NAN,
        .latency_p50_seconds = NAN,
        .latency_p99_seconds = NAN,
        .latency_max_seconds = NAN,
        .why.text = "nobody has looked yet",
    };
    pthread_mutex_init(&feed->lock, NULL);
    *ret = feed;
    return PF_OK;
}

void web_feed_free(struct web_feed *feed)
{
    if (!feed)
        return;
    web_window_free(feed->window);
    pthread_mutex_destroy(&feed->lock);
    free(feed);
}

/* Records per second since the last look. A program that was restarted since
 * then has begun at 0. */
static double rate(struct before *before, const struct web_through *through,
                   double seconds)
{
    struct before last = *before;

    *before = (struct before){through->pid, through->arrived};
    if (!last.pid || !through->pid)
        return NAN;
    if (last.pid != through->pid || last.arrived > through->arrived)
        last.arrived = 0;
    return (double)(through->arrived - last.arrived) / seconds;
}

/* Judge the counters: PF_AGAIN if it stands still, and that may be its pace. */
static enum pf_rc judge_counts(struct web_feed *feed, int64_t now_ns,
                               struct web_feed_now *ret)
{
    struct pf_health_look look;
    enum pf_rc rc = pf_health_look(feed->run, &look, &ret->why);

    if (rc) {
        feed->still_ns = 0;
        return rc;
    }
    if (!feed->still_ns) {
        feed->still_ns = now_ns;
        feed->still = look;
    }
    rc = pf_health_judge(&feed->still, &look, &ret->why);
    if (rc == PF_AGAIN)
        return now_ns - feed->still_ns < PF_HEALTH_WATCH_MS * INT64_C(1000000)
                   ? PF_AGAIN
                   : PF_IO;
    feed->still_ns = rc ? 0 : now_ns;
    feed->still = look;
    if (rc)
        return rc;
    ret->health = WEB_FEED_HEALTHY;
    if (look.producer.finished && pf_health_is_through(&look))
        ret->health = WEB_FEED_FINISHED;
    pf_fail(&ret->why, PF_OK,
            ret->health == WEB_FEED_FINISHED
                ? "all prices are printed, %llu since the consumer started"
                : "%llu prices printed since the consumer started",
            (unsigned long long)look.consumer.arrived);
    return PF_OK;
}

static enum pf_rc judge_all(struct web_feed *feed, int64_t now_ns,
                            const char *trouble, struct web_feed_now *ret)
{
    if (trouble) {
        feed->still_ns = 0; /* until it answers, nothing can move */
        return pf_fail(&ret->why, PF_IO, "%s", trouble);
    }
    if (*feed->run)
        return judge_counts(feed, now_ns, ret);
    ret->health = WEB_FEED_HEALTHY;
    return pf_fail(&ret->why, PF_OK,
                   "the broker answers; of the programs nothing is known, "
                   "because feed.run is not set");
}

static void judge(struct web_feed *feed, int64_t now_ns, const char *trouble,
                  struct web_feed_now *ret)
{
    int64_t began_ns = ret->counts.started_ns ? ret->counts.started_ns
                                              : feed->first_ns;
    enum pf_rc rc = judge_all(feed, now_ns, trouble, ret);

    if (rc == PF_OK) {
        feed->was_healthy = true;
        return;
    }
    if (rc == PF_AGAIN && feed->was_healthy) { /* what it was said to be */
        ret->health = feed->now.health;
        ret->why = feed->now.why;
        return;
    }
    ret->health = !feed->was_healthy && now_ns - began_ns < STARTING_NS
                      ? WEB_FEED_STARTING
                      : WEB_FEED_UNHEALTHY;
}

static void see_latency(const struct web_window *window,
                        struct web_feed_now *ret)
{
    const struct {
        double part, *seconds;
    } parts[] = {{0.5, &ret->latency_p50_seconds},
                 {0.99, &ret->latency_p99_seconds},
                 {1, &ret->latency_max_seconds}};

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        *parts[i].seconds = web_window_count(window)
                                ? (double)web_window_quantile(window,
                                                              parts[i].part) /
                                      1e9
                                : NAN;
}

static void see_counts(struct web_feed *feed, int64_t now_ns,
                       struct web_feed_now *ret)
{
    double seconds = (double)(now_ns - feed->last_ns) / 1e9;

    if (*feed->run)
        web_counts_read(feed->run, feed->window, &ret->counts);
    if (ret->counts.started_ns < 0 || ret->counts.started_ns > now_ns)
        ret->counts.started_ns = 0; /* of another boot, or damaged */
    ret->has_counts = *feed->run != '\0';
    ret->produced_per_second = rate(&feed->produced, &ret->counts.producer,
                                    seconds);
    ret->printed_per_second = rate(&feed->printed, &ret->counts.consumer,
                                   seconds);
    ret->uptime_seconds = ret->counts.started_ns
                              ? (double)(now_ns - ret->counts.started_ns) / 1e9
                              : NAN;
    see_latency(feed->window, ret);
}

static void remember(struct web_feed *feed, const double values[WEB_SERIES])
{
    for (unsigned i = 0; i < WEB_SERIES; i++)
        feed->values[i][feed->next] = values[i];
    feed->next = (feed->next + 1) % WEB_STEPS;
    if (feed->n < WEB_STEPS)
        feed->n++;
}

/* Steps that had no look of their own are unknown. */
static void remember_all(struct web_feed *feed, int64_t steps,
                         const struct web_feed_now *now)
{
    static const double unknown[WEB_SERIES] = {NAN, NAN, NAN, NAN, NAN};
    const double values[WEB_SERIES] = {
        [WEB_PRODUCED] = now->produced_per_second,
        [WEB_PRINTED] = now->printed_per_second,
        [WEB_LAG] = now->counts.has_lag ? (double)now->counts.lag : NAN,
        [WEB_LATENCY_P50] = now->latency_p50_seconds,
        [WEB_LATENCY_P99] = now->latency_p99_seconds,
    };

    for (int64_t i = 1; i < steps && i < WEB_STEPS; i++)
        remember(feed, unknown);
    remember(feed, values);
}

bool web_health_is_good(enum web_health health)
{
    return health == WEB_FEED_HEALTHY || health == WEB_FEED_FINISHED;
}

bool web_feed_look(struct web_feed *feed, int64_t now_ns, const char *trouble)
{
    struct web_feed_now now = {
        .look = feed->now.look + 1,
        .at_ms = pf_wall_ns() / 1000000,
        .at_ns = now_ns,
    };
    int64_t steps = 1;

    if (!feed->first_ns)
        feed->first_ns = now_ns;
    else
        steps = (now_ns - feed->last_ns + PF_SECOND_NS / 2) / PF_SECOND_NS;
    see_counts(feed, now_ns, &now);
    judge(feed, now_ns, trouble, &now);
    feed->last_ns = now_ns;

    pthread_mutex_lock(&feed->lock);
    feed->now = now;
    remember_all(feed, steps, &now);
    pthread_mutex_unlock(&feed->lock);
    return web_health_is_good(now.health);
}

void web_feed_now(struct web_feed *feed, struct web_feed_now *ret)
{
    pthread_mutex_lock(&feed->lock);
    *ret = feed->now;
    pthread_mutex_unlock(&feed->lock);
}

void web_feed_history(struct web_feed *feed, struct web_history *ret)
{
    size_t first;

    pthread_mutex_lock(&feed->lock);
    ret->n = feed->n;
    ret->until_ms = feed->now.at_ms;
    first = feed->next + WEB_STEPS - feed->n;
    for (unsigned i = 0; i < WEB_SERIES; i++)
        for (size_t j = 0; j < feed->n; j++)
            ret->values[i][j] = feed->values[i][(first + j) % WEB_STEPS];
    pthread_mutex_unlock(&feed->lock);
}

uint64_t web_feed_last(struct web_feed *feed)
{
    uint64_t look;

    pthread_mutex_lock(&feed->lock);
    look = feed->now.look;
    pthread_mutex_unlock(&feed->lock);
    return look;
}

const char *web_feed_run(const struct web_feed *feed)
{
    return feed->run;
}
