/* orders_source.h - a source of order events at their own pace. */
#ifndef PF_ORDERS_SOURCE_H
#define PF_ORDERS_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "orders.h"
#include "source.h"
#include "source_start.h"

/** Which events, and when. */
struct pf_orders_feed {
    struct pf_shop shop;
    double speed;   /* how fast the events' time passes; 0: without a pace */
    int64_t now_us; /* the current time, microseconds since 1970 */
    bool live;      /* the shop's clock starts at now_us, and earlier events
                     * are due at once; false: it starts at shop.start_us */
    struct pf_source_start start;
};

/**
 * A source of these events, encoded, with the order's id as the key; its
 * position counts events. To start at a later event, it has to make all events
 * before it, about 10 million a second. If the first event with a pace would be
 * due after now, a live shop's times are moved so that it is due now.
 *
 * When it is closed, it logs how well it kept its pace.
 *
 * PF_IO     the kernel gave no timer
 * PF_NOMEM  memory ran out
 */
enum pf_rc pf_orders_source_open(const struct pf_orders_feed *feed,
                                 struct pf_source **ret, struct pf_error *err);

#endif
