/* audit.h - one audit: what to read, in which order, and until when. */
#ifndef PF_AUDIT_H
#define PF_AUDIT_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "reader.h"
#include "topic.h"

enum pf_audit_format { PF_AUDIT_TEXT, PF_AUDIT_JSON };

/** What to audit; filled from the settings. */
struct pf_audit {
    struct pf_feed feed;
    char *partition; /* what feed.partition is read from */
    struct pf_reading reading;
    char *ledgers; /* separated by commas; "": none */
    char *console; /* "": none, "-": standard input */
    int64_t twice_max, wait_ms;
    bool complete;
    char *findings; /* file to write them to; "": none */
    int format;     /* enum pf_audit_format */
};

/**
 * Read the console, the topic and the ledgers, in this order, so that whatever
 * was read first can be found in what was read later. Compare them, and print
 * the report to standard output. Takes over kafka, whatever the outcome.
 *
 * PF_OK         the feed is valid
 * PF_INVALID    it is not; *err has a summary of the findings
 * PF_UNDECIDED  cannot decide; *err says why
 * PF_IO         the report, or the findings, cannot be written
 */
enum pf_rc pf_audit_run(const struct pf_audit *audit, rd_kafka_conf_t *kafka,
                        struct pf_error *err);

#endif
