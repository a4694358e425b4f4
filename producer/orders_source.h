/* orders_source.h - a source of order events at their own pace. */
#ifndef PF_ORDERS_SOURCE_H
#define PF_ORDERS_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "orders.h"
#include "source.h"
#include "stats.h"

/** Which events, and when. */
struct pf_orders_feed {
    struct pf_shop shop;
    double speed;   /* how fast the events' time passes; 0: not waited for */
    uint64_t first; /* position to begin with */
    uint64_t count; /* position to end before; 0: without end */
    int64_t now_us; /* the moment it is now */
    bool live;      /* the shop's clock shows now_us now, and what comes before
                     * that is due at once; else it shows its start */

    /* When the next event is due goes into stats at due_metric, in
     * nanoseconds of the monotonic clock; 0 without a pace. */
    struct pf_stats *stats;
    size_t due_metric;
};

/**
 * A source of these events, encoded, each with its order's id as the key; its
 * position counts them. To begin with a later one takes as long as making
 * those before it, some 10 million a second. If that one would then be due
 * after now, a live shop's times are moved so that it is due now.
 *
 * When it closes it says in the log how true its pace was.
 *
 * PF_IO     the kernel gave no timer
 * PF_NOMEM  memory ran out
 */
enum pf_rc pf_orders_source_open(const struct pf_orders_feed *feed,
                                 struct pf_source **ret, struct pf_error *err);

#endif
