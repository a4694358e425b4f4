/* histogram.h - many durations in little memory: log-linear buckets. */
#ifndef PF_HISTOGRAM_H
#define PF_HISTOGRAM_H

#include <stdint.h>

/** Buckets for each doubling of the value: a value that comes out differs
 * from the one that went in by less than 1/128 of it, upwards. */
#define PF_HISTOGRAM_STEPS 128

/** Enough for every uint64_t: the values below 2 * STEPS have a bucket each,
 * and each doubling beyond them has STEPS. */
#define PF_HISTOGRAM_BUCKETS ((64 - 8 + 2) * PF_HISTOGRAM_STEPS)

/** Counts of values. All zero: none yet. */
struct pf_histogram {
    uint64_t n;   /* values in all */
    uint64_t max; /* the greatest, exactly; 0 without any */
    uint64_t counts[PF_HISTOGRAM_BUCKETS];
};

/** Count value n times. */
void pf_histogram_add(struct pf_histogram *histogram, uint64_t value,
                      uint64_t n);

/**
 * The value that the given part of all values, 0 to 1, does not exceed: the
 * greatest value of its bucket, or the maximum if that is less. 0.5 gives the
 * median. Without values it is 0.
 */
uint64_t pf_histogram_quantile(const struct pf_histogram *histogram,
                               double part);

#endif
