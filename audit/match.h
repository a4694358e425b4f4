/* match.h - the key of a line of prices: its match. */
#ifndef PF_MATCH_H
#define PF_MATCH_H

#include <stdint.h>

#include "price.h"

/** Matches are sorted into so many classes: one for each that the feed's own
 * producer makes, and class 0 for all else. */
#define PF_MATCH_CLASSES (PF_MATCH_MAX + 1)

static inline uint16_t pf_match_class(int64_t match)
{
    return match >= PF_MATCH_MIN && match <= PF_MATCH_MAX ? (uint16_t)match : 0;
}

#endif
