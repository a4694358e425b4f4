/* feed_health.h - the rules by which a feed is healthy.
 *
 * What its producer and its consumer count decides. Of a feed that stands still
 * one look cannot tell whether it is stuck or only slow: that takes two.
 */
#ifndef PF_FEED_HEALTH_H
#define PF_FEED_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"

/** A feed that should move, and has not for that long, is not healthy. */
#define PF_HEALTH_WATCH_MS 2000

/** What the counters of a feed's programs say at one moment. Times are those of
 * the monotonic clock; 0: none yet. */
struct pf_health_look {
    struct {
        bool finished;
        uint64_t beat_ns, due_ns, arrival_ns;
        uint64_t taken, arrived; /* records */
    } producer;
    struct {
        bool finished;
        uint64_t beat_ns, began_ns;
        uint64_t position, end;        /* offsets */
        uint64_t taken, arrived, held; /* records */
        uint64_t connections;          /* to PostgreSQL, ever */
    } consumer;
};

/**
 * Look at the counters below run, the feed's PF_RUN.
 *
 * PF_IO  the feed is not healthy, whatever another look says; *err says with
 *        which program, and why
 */
enum pf_rc pf_health_look(const char *run, struct pf_health_look *ret,
                          struct pf_error *err);

/**
 * The same at the producer, or the consumer, alone: of the other one *ret has
 * nothing, as if it had finished.
 */
enum pf_rc pf_health_look_at_producer(const char *run,
                                      struct pf_health_look *ret,
                                      struct pf_error *err);
enum pf_rc pf_health_look_at_consumer(const char *run,
                                      struct pf_health_look *ret,
                                      struct pf_error *err);

/**
 * Judge by two looks; first may be the same one as now.
 *
 * PF_AGAIN  it has not moved since first, and should have; *err says what it
 *           waits for. Not healthy once first is PF_HEALTH_WATCH_MS ago; before
 *           that, look again.
 * PF_IO     it is not healthy, and *err says why
 */
enum pf_rc pf_health_judge(const struct pf_health_look *first,
                           const struct pf_health_look *now,
                           struct pf_error *err);

/** True if the consumer has read everything, and all of it has arrived. */
bool pf_health_is_through(const struct pf_health_look *look);

#endif
