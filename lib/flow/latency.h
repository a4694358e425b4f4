/* latency.h - how late records arrive where they go: the time from their
 * timestamps until then. */
#ifndef PF_LATENCY_H
#define PF_LATENCY_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "histogram.h"
#include "record.h"

/** Up to this many runs of records of the same timestamp under way are told
 * apart. Of more, the newest count with the timestamp of the last run. */
#define PF_LATENCY_RUNS 4096

struct pf_latency;

/**
 * Count into a histogram, which is the caller's.
 *
 * PF_NOMEM  out of memory
 */
enum pf_rc pf_latency_new(struct pf_histogram *histogram,
                          struct pf_latency **ret, struct pf_error *err);

void pf_latency_free(struct pf_latency *latency);

/** A sink has taken the n records. */
void pf_latency_take(struct pf_latency *latency,
                     const struct pf_record *records, size_t n);

/**
 * Of those that were taken n more have arrived, in order: count the time since
 * the timestamp of each, in nanoseconds. Timestamps are whole milliseconds, so
 * that is up to one more than it was. A timestamp that lies ahead counts as 0;
 * a record without one does not count.
 *
 * left of them are under way. If that is 0, the sink has taken the others back.
 */
void pf_latency_arrive(struct pf_latency *latency, uint64_t n, uint64_t left);

#endif
