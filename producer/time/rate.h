/* rate.h - records that come at a rate: when each is due. */
#ifndef PF_RATE_H
#define PF_RATE_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

/**
 * A schedule of records that are numbered. Each is due 1 / rate seconds after
 * the one before it, counted from the first, so a late record does not delay
 * those after it. Records due within half a millisecond are given together,
 * with the last of them. Only if none have been taken for more than a second
 * does the schedule move on, so that an outage is not followed by a flood.
 *
 * Times are nanoseconds of the monotonic clock.
 */
struct pf_rate {
    double rate;      /* records a second; 0: as fast as they are taken */
    uint64_t from;    /* records before this number are due at once */
    int64_t start_ns; /* when that one is due; 0: it has not begun */
    int64_t tick_ns;  /* when more may be given */
    int timer;
};

/**
 * Make a schedule, which begins when records are first asked for.
 *
 * PF_IO  the kernel gave no timer; there is nothing to release
 */
enum pf_rc pf_rate_init(struct pf_rate *schedule, double rate, uint64_t from,
                        struct pf_error *err);

void pf_rate_release(struct pf_rate *schedule);

/** When a record is due; without a rate that means nothing. */
int64_t pf_rate_due(const struct pf_rate *schedule, uint64_t number);

/**
 * How many records, from number next on, to give now: those that are due, but
 * not more than most. Waits for the first of them at most timeout_ms
 * milliseconds, and only until a stop is asked for.
 */
size_t pf_rate_wait(struct pf_rate *schedule, uint64_t next, size_t most,
                    int timeout_ms);

#endif
