/* metrics_histogram.h - a histogram with the buckets that Prometheus adds up.
 */
#ifndef PF_METRICS_HISTOGRAM_H
#define PF_METRICS_HISTOGRAM_H

#include <stdbool.h>

#include "buffer.h"
#include "histogram.h"

/** Append n parts of a whole, 10^digits of which are one, without zeros at the
 * end. */
void pf_metrics_put_decimal(struct pf_buffer *to, unsigned __int128 n,
                            int digits);

/** Append the lines of a histogram, which may be counting meanwhile: what is
 * counted is read once. is_time: its values are nanoseconds. */
void pf_metrics_put_histogram(struct pf_buffer *to, const char *family,
                              const char *labels,
                              const struct pf_histogram *histogram,
                              bool is_time);

#endif
