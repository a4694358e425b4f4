/* stats.h - a program's metrics, in a small file that others can read.
 *
 * The program maps the file and counts without locks or system calls; health
 * checks and exporters map it and read. A metric is declared as a constant
 * next to the code that counts it: name, help, type, unit.
 */
#ifndef PF_STATS_H
#define PF_STATS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "error.h"

enum pf_metric_type {
    PF_COUNTER, /* only grows while the program lives */
    PF_GAUGE,   /* goes up and down */
};

/** The description of one metric. */
struct pf_metric {
    const char *name; /* at most 39 bytes: "records_printed" */
    const char *help; /* one sentence for a person */
    enum pf_metric_type type;
    const char *unit; /* "records", "nanoseconds" */
};

/** The metrics of one program, this one or another. */
struct pf_stats;

/**
 * Create or replace the file at path with the n metrics, all 0. With an empty
 * path the metrics are kept in memory only. The file gets its name when it is
 * complete, so that a reader never sees half of it. It remains after the
 * program has ended, so that the last values can be read.
 *
 * PF_IO     the file cannot be created
 * PF_NOMEM  out of memory
 */
enum pf_rc pf_stats_open(const char *path, const struct pf_metric *metrics,
                         size_t n, struct pf_stats **ret, struct pf_error *err);

/**
 * Map the file of another program at path, to read it.
 *
 * PF_IO      there is no such file, or it cannot be read
 * PF_FORMAT  it is not a file of counters
 */
enum pf_rc pf_stats_attach(const char *path, struct pf_stats **ret,
                           struct pf_error *err);

/** Unmap the metrics; the file stays. Closing NULL does nothing. */
void pf_stats_close(struct pf_stats *stats);

/** The process id of the program that writes, or wrote, the file. */
pid_t pf_stats_pid(const struct pf_stats *stats);

/** The value of the metric at that index of pf_stats_open()'s table. */
_Atomic uint64_t *pf_stats_at(struct pf_stats *stats, size_t index);

/** Add n to that metric. There is one writer, so a load and a store suffice. */
static inline void pf_stats_add(struct pf_stats *stats, size_t index,
                                uint64_t n)
{
    _Atomic uint64_t *at = pf_stats_at(stats, index);

    atomic_store_explicit(at,
                          atomic_load_explicit(at, memory_order_relaxed) + n,
                          memory_order_relaxed);
}

/** Set that metric to value. */
static inline void pf_stats_set(struct pf_stats *stats, size_t index,
                                uint64_t value)
{
    atomic_store_explicit(pf_stats_at(stats, index), value,
                          memory_order_relaxed);
}

/**
 * Read the metric of that name into *ret, while its program may be writing.
 *
 * PF_FORMAT  there is no metric of that name
 */
enum pf_rc pf_stats_read(const struct pf_stats *stats, const char *name,
                         uint64_t *ret, struct pf_error *err);

#endif
