/* metrics_text.h - the metrics of programs, as Prometheus reads them. */
#ifndef PF_METRICS_TEXT_H
#define PF_METRICS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "stats.h"

/** The two forms, by their content types: Prometheus' text format, and
 * OpenMetrics. */
#define PF_METRICS_TEXT "text/plain; version=0.0.4; charset=utf-8"
#define PF_METRICS_OPENMETRICS \
    "application/openmetrics-text; version=1.0.0; charset=utf-8"

/** The metrics of one program; both members are borrowed. */
struct pf_metrics_program {
    const char *name; /* "consumer": becomes the label program */
    struct pf_stats *stats;
};

/**
 * True if whoever sends this Accept header (NULL: none) wants OpenMetrics: it
 * names it, in version 1.0.0 or without one, with a q that is not 0 and not
 * below that of the text format.
 */
bool pf_metrics_wants_openmetrics(const char *accept);

/**
 * Append the metrics of n programs, which may be counting meanwhile. Those of
 * the same name are one family, sorted by their labels; families are sorted by
 * name.
 *
 * A name becomes pricefeed_NAME. By its unit it ends in _seconds (nanoseconds
 * divided by 10^9), _timestamp_seconds (a moment, to the millisecond, since
 * 1970; one that never was is left out) or _bytes; and that of a counter in
 * _total. boot_ns is pf_boot_ns().
 *
 * A histogram of durations has the buckets 1, 2.5 and 5 of each decade from
 * 0.0001 to 100 seconds, one of other things the powers of ten up to 10^9. Each
 * value counts as the largest one of its bucket in histogram.h: _sum is less
 * than 1/128 too high, and no bucket has a value that is above it.
 *
 * Returns how many metrics were left out because a file is corrupt, or two of
 * them do not agree: the name or the labels are not as stats.h wants them, the
 * name ends in a suffix that means something else (_total, _sum, _count,
 * _bucket, _created, _info), there is another metric of the same name and
 * labels, or one of the name that has another type.
 */
size_t pf_metrics_write(struct pf_buffer *to,
                        const struct pf_metrics_program *programs, size_t n,
                        bool openmetrics, int64_t boot_ns);

/** Append what has to be at the end: nothing, but in OpenMetrics. Whole
 * families of gauges that pf_metrics_write() does not know may be put before
 * it. */
void pf_metrics_end(struct pf_buffer *to, bool openmetrics);

#endif
