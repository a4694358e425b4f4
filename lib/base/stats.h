/* stats.h - a program's metrics, in a small file that others can read.
 *
 * The program maps the file and counts without locks or system calls; health
 * checks and exporters map it and read. A metric is declared as a constant
 * next to the code that counts it: name, help, type, unit. The file has these
 * as well, so that its reader needs no program's table.
 */
#ifndef PF_STATS_H
#define PF_STATS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "error.h"
#include "histogram.h"

enum pf_metric_type {
    PF_COUNTER,   /* only grows while the program lives */
    PF_GAUGE,     /* goes up and down */
    PF_HISTOGRAM, /* many values: 60 KB in the file, of which only the pages
                   * that have values take memory */
};

/** Sizes of a metric's texts in the file, each with its NUL. */
#define PF_METRIC_NAME 40
#define PF_METRIC_UNIT 16
#define PF_METRIC_HELP 160

/** Units that readers convert; others are words for a person. */
#define PF_UNIT_NANOSECONDS "nanoseconds"
#define PF_UNIT_MOMENT "moment" /* pf_now_ns(), or 0: never; a gauge */
#define PF_UNIT_BYTES "bytes"

/** The description of one metric. */
struct pf_metric {
    /* "records_printed": letters, digits and _. With a unit above it ends in
     * _ns or _bytes. It may have labels, in the order of their names:
     * program_up{program="kafka"}. Without, its program's name is its label. */
    const char *name;
    const char *help; /* one sentence for a person */
    enum pf_metric_type type;
    const char *unit; /* "records", PF_UNIT_NANOSECONDS */
};

/** The metrics of one program, this one or another. */
struct pf_stats;

/**
 * Create or replace the file at path with the n metrics, all 0, whose texts
 * must not be longer than the sizes above. With an empty path the metrics are
 * kept in memory only. The file gets its name when it is complete, so that a
 * reader never sees half of it. It remains after the program has ended, so that
 * the last values can be read.
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

/** How many metrics there are. */
size_t pf_stats_count(const struct pf_stats *stats);

/** The description of the metric at that index, below pf_stats_count(). Its
 * texts are borrowed from stats; in a file that others wrote they may contain
 * any byte but NUL. */
struct pf_metric pf_stats_metric(const struct pf_stats *stats, size_t index);

/** The value of the counter or gauge at that index: of pf_stats_open()'s table,
 * or below pf_stats_count(). The file of another program is read-only. */
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
 * The histogram at that index, or NULL if the metric is none. One program
 * writes it; while it does, a reader may see a value counted in n and not in
 * counts, or the other way round.
 */
struct pf_histogram *pf_stats_histogram(struct pf_stats *stats, size_t index);

/**
 * Read the counter or gauge of that name into *ret, while its program may be
 * writing.
 *
 * PF_FORMAT  there is no metric of that name
 */
enum pf_rc pf_stats_read(const struct pf_stats *stats, const char *name,
                         uint64_t *ret, struct pf_error *err);

#endif
