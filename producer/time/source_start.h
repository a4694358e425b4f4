/* source_start.h - what a source has to know only when it is opened. */
#ifndef PF_SOURCE_START_H
#define PF_SOURCE_START_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats.h"

/** Which of its records a source gives, and where it reports. */
struct pf_source_start {
    uint64_t first;    /* position of the first record to give */
    uint64_t count;    /* position to stop at, itself not given; 0: never */
    uint64_t at_once;  /* records before this position have no pace: they are
                        * due at once, for most of them are in the topic */
    int32_t partition; /* of its records */
    size_t value_max;  /* most bytes of key and value that the sink takes */
    bool stop_at_bad;  /* a bad record is the last of its batch: none that
                        * follows it will be sent */

    /* stats[due_metric]: when the next record is due, in nanoseconds of the
     * monotonic clock; 0 without a pace, or if none is. */
    struct pf_stats *stats;
    size_t due_metric;
};

/** The position of the first record that has a pace, if the source has one. */
static inline uint64_t pf_source_paced_from(const struct pf_source_start *start)
{
    return start->at_once > start->first ? start->at_once : start->first;
}

/** Has a source at this position given all that it has to? */
static inline bool pf_source_has_ended(const struct pf_source_start *start,
                                       uint64_t position)
{
    return start->count && position >= start->count;
}

#endif
