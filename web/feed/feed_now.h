/* feed_now.h - how the feed is: its health, its rates, its last ten minutes.
 *
 * One thread looks once a second; another one asks at any time.
 */
#ifndef PF_FEED_NOW_H
#define PF_FEED_NOW_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "feed_counts.h"

/** A feed that is finished is healthy, too. */
enum web_health {
    WEB_FEED_STARTING,
    WEB_FEED_HEALTHY,
    WEB_FEED_UNHEALTHY,
    WEB_FEED_FINISHED
};

/** The feed at one look. A number that is unknown is NAN. */
struct web_feed_now {
    uint64_t look;   /* the number of this look; 0: there was none yet */
    int64_t at_ms;   /* when that was, since 1970 */
    int64_t at_ns;   /* the same by the monotonic clock */
    bool has_counts; /* feed.run is set */
    enum web_health health;
    struct pf_error why;
    double uptime_seconds;
    double produced_per_second, printed_per_second;
    double latency_p50_seconds, latency_p99_seconds, latency_max_seconds;
    struct web_counts counts;
};

/** The last looks, one a second; those that were missed are NAN. */
#define WEB_STEPS 600
enum web_series {
    WEB_PRODUCED,
    WEB_PRINTED,
    WEB_LAG,
    WEB_LATENCY_P50,
    WEB_LATENCY_P99,
    WEB_SERIES /* how many */
};

struct web_history {
    size_t n;
    int64_t until_ms; /* when the last one was, since 1970; 0: there is none */
    double values[WEB_SERIES][WEB_STEPS]; /* the oldest first */
};

struct web_feed;

/**
 * run, the feed's PF_RUN, is borrowed; if it is empty, all that is known is
 * whether the broker answers.
 *
 * PF_NOMEM  out of memory
 */
enum pf_rc web_feed_new(const char *run, struct web_feed **ret,
                        struct pf_error *err);
void web_feed_free(struct web_feed *feed);

/** Look, once a second. now_ns is the time by the monotonic clock; trouble is
 * what is wrong with the broker, a sentence, or NULL. Returns whether the feed
 * is healthy. */
bool web_feed_look(struct web_feed *feed, int64_t now_ns, const char *trouble);

/** What was seen last, and what before; by any thread. */
void web_feed_now(struct web_feed *feed, struct web_feed_now *ret);
void web_feed_history(struct web_feed *feed, struct web_history *ret);

bool web_health_is_good(enum web_health health);

/** The number of the last look. */
uint64_t web_feed_last(struct web_feed *feed);

/** The directory that web_feed_new() was given. */
const char *web_feed_run(const struct web_feed *feed);

#endif
