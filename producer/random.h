/* random.h - a source of random prices. */
#ifndef PF_RANDOM_H
#define PF_RANDOM_H

#include <stdint.h>

#include "price.h"
#include "source.h"
#include "source_start.h"

/** Which prices, and when. */
struct pf_random {
    uint64_t seed; /* the same one gives the same prices everywhere */
    double rate;   /* prices a second; 0: as fast as they are taken */
    struct pf_source_start start;
};

/**
 * The i-th price of seed, counted from 0. match and price are independent, and
 * each is uniform over the range of the feed.
 */
struct pf_price pf_random_price(uint64_t seed, uint64_t i);

/**
 * A source of these prices, encoded; its position counts them. They come at
 * their rate, as in rate.h.
 *
 * If the key decides a record's partition, the key is the match, three digits.
 * Otherwise there is none.
 *
 * PF_IO     the kernel gave no timer
 * PF_NOMEM  memory ran out
 */
enum pf_rc pf_random_source_open(const struct pf_random *random,
                                 struct pf_source **ret, struct pf_error *err);

#endif
