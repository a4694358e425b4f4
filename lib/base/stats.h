/* stats.h - a program's counters, in a small file that others can read.
 *
 * The program that counts maps the file and adds, without a lock or a system
 * call; health checks and metrics map it and read. A counter is declared as
 * a constant next to the code that counts it: name, help, type, unit.
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

/** What one number is. */
struct pf_metric {
    const char *name; /* at most 39 bytes: "records_printed" */
    const char *help; /* one sentence for a person */
    enum pf_metric_type type;
    const char *unit; /* "records", "nanoseconds" */
};

/** The numbers of one program, its own or another's. */
struct pf_stats;

/**
 * Make the file at path with the n metrics, all 0, or make it anew; with an
 * empty path keep the numbers in memory only. The file is complete before it
 * has its name, so that a reader never sees half of it. It stays when the
 * program ends: its last numbers can then be read.
 *
 * PF_IO     the file cannot be made
 * PF_NOMEM  out of memory
 */
enum pf_rc pf_stats_open(const char *path, const struct pf_metric *metrics,
                         size_t n, struct pf_stats **ret, struct pf_error *err);

/**
 * Map the file that another program keeps at path, to read from.
 *
 * PF_IO      there is no such file, or it cannot be read
 * PF_FORMAT  it is no file of counters
 */
enum pf_rc pf_stats_attach(const char *path, struct pf_stats **ret,
                           struct pf_error *err);

/** Let go of the numbers; the file stays. Closing NULL does nothing. */
void pf_stats_close(struct pf_stats *stats);

/** The process that keeps these numbers, or kept them. */
pid_t pf_stats_pid(const struct pf_stats *stats);

/** The metric at that place of the table given to pf_stats_open(). */
_Atomic uint64_t *pf_stats_at(struct pf_stats *stats, size_t index);

/** Add n to that metric. One writer: a plain load and store are enough. */
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
 * The number of that name in *ret, while its program may be changing it.
 *
 * PF_FORMAT  there is none of that name
 */
enum pf_rc pf_stats_read(const struct pf_stats *stats, const char *name,
                         uint64_t *ret, struct pf_error *err);

#endif
