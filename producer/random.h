/* random.h - a source of random prices. */
#ifndef PF_RANDOM_H
#define PF_RANDOM_H

#include <stdint.h>

#include "price.h"
#include "source.h"
#include "stats.h"

/** Which prices, and when. */
struct pf_random {
    uint64_t seed;  /* the same one gives the same prices everywhere */
    double rate;    /* prices a second; 0: as fast as they are taken */
    uint64_t first; /* number of the first one that is still to come */
    uint64_t count; /* how many, those before first included; 0: no end */

    /* When the next price is due goes into stats at due_metric, in
     * nanoseconds of the monotonic clock; 0 where the rate is 0. */
    struct pf_stats *stats;
    size_t due_metric;
};

/**
 * The i-th price, counted from 0, that belongs to seed. match and price are
 * independent, and each is uniform over what the feed carries.
 */
struct pf_price pf_random_price(uint64_t seed, uint64_t i);

/**
 * A source of these prices, encoded; its position counts them. Price i is due
 * i / rate seconds after the first: a late one does not delay those after it,
 * and those due within half a millisecond are given together, with the last.
 * Only when prices have not been taken for more than a second the schedule
 * moves on, so that an outage is not followed by a flood.
 *
 * PF_IO     the kernel gave no timer
 * PF_NOMEM  memory ran out
 */
enum pf_rc pf_random_source_open(const struct pf_random *random,
                                 struct pf_source **ret, struct pf_error *err);

#endif
