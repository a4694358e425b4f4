/* report.h - the report of an audit, for people and for programs. */
#ifndef PF_REPORT_H
#define PF_REPORT_H

#include <stdio.h>

#include "check.h"

/** The most examples of each kind of finding. */
#define PF_EXAMPLES_MAX 16

/**
 * Write the report as lines of text. It has no bytes from outside. undecided
 * says why there is no decision, and *check may then be empty; NULL: there is
 * a decision.
 */
void pf_report_text(const struct pf_check *check, const char *undecided,
                    FILE *out);

/** The same as one JSON object. PF_NOMEM: memory ran out. */
enum pf_rc pf_report_json(const struct pf_check *check, const char *undecided,
                          FILE *out);

/** Write what has been found so far to buf, as one line without a newline. */
void pf_report_status(const struct pf_check *check, const char *undecided,
                      char *buf, size_t size);

/* What both formats share. */

/** The most bars of the throughput. */
#define PF_BARS 20

/** Records with timestamps in one stretch of time. */
struct pf_bar {
    int64_t from_ms; /* since 1970 */
    uint64_t records;
    double per_second;
};

/** Fill bars, in the order of time; returns how many there are. */
int pf_report_bars(const struct pf_topic *topic, struct pf_bar bars[PF_BARS]);

/** Write ms since 1970 as 2026-11-21T15:00:00.123Z to buf; "-" below 0.
 * Returns buf. */
const char *pf_report_time(int64_t ms, char buf[32]);

/** The histogram of times from sending to appending: by the broker's clock if
 * the records have it, otherwise by the producer's answers. */
const struct pf_histogram *pf_report_append(const struct pf_check *check);

#endif
