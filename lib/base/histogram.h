/* histogram.h - many durations in little memory: log-linear buckets. */
#ifndef PF_HISTOGRAM_H
#define PF_HISTOGRAM_H

#include <stdint.h>

/** Buckets per doubling of the value: a value read back is at least the one
 * that was counted, and exceeds it by less than 1/128. */
#define PF_HISTOGRAM_STEPS 128

/** Enough for every uint64_t: each value below 2 * STEPS has its own bucket,
 * and each doubling above has STEPS of them. */
#define PF_HISTOGRAM_BUCKETS ((64 - 8 + 2) * PF_HISTOGRAM_STEPS)

/** Counts of values. Initialise it with zeros. */
struct pf_histogram {
    uint64_t n;   /* number of values */
    uint64_t max; /* the largest value, exactly; 0: no values */
    uint64_t counts[PF_HISTOGRAM_BUCKETS];
};

/** Count value n times. */
void pf_histogram_add(struct pf_histogram *histogram, uint64_t value,
                      uint64_t n);

/** The largest value that counts[bucket] counts. */
uint64_t pf_histogram_last(unsigned bucket);

/**
 * The quantile for part, 0 to 1: the value that this part of all values does
 * not exceed, rounded up to the largest value of its bucket, but at most max.
 * 0.5 gives the median. Returns 0 if there are no values.
 */
uint64_t pf_histogram_quantile(const struct pf_histogram *histogram,
                               double part);

#endif
