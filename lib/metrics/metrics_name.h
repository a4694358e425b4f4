/* metrics_name.h - names, labels and texts, by Prometheus' rules. */
#ifndef PF_METRICS_NAME_H
#define PF_METRICS_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"
#include "stats.h"

/** What is done with the values of a metric. */
enum pf_metrics_scale {
    PF_SCALE_NONE,
    PF_SCALE_SECONDS, /* they are nanoseconds */
    PF_SCALE_MOMENT,  /* they are moments, as in stats.h */
};

enum pf_metrics_scale pf_metrics_scale(const struct pf_metric *metric);

/** The unit that the values then have, "seconds" or "bytes"; NULL: none that
 * Prometheus knows. */
const char *pf_metrics_unit(const struct pf_metric *metric);

/** Append the name of metric's family, without _total. False, and nothing is
 * appended: the name is not legal. */
bool pf_metrics_put_family(struct pf_buffer *to,
                           const struct pf_metric *metric);

/** Append metric's labels, without braces: those in its name or, if there are
 * none, program="...". False, and nothing is appended: they are not legal. */
bool pf_metrics_put_labels(struct pf_buffer *to, const struct pf_metric *metric,
                           const char *program);

/** Append text from another process: with a backslash before each of the
 * characters in escaped (a newline becomes \n), and U+FFFD for all that is not
 * printable UTF-8. */
void pf_metrics_put_text(struct pf_buffer *to, const char *text,
                         const char *escaped);

#endif
