/* run_sink.h - around the sink of a run: its headers, its ledger, its place. */
#ifndef PF_RUN_SINK_H
#define PF_RUN_SINK_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

#include "kafka_sink.h"
#include "ledger.h"

/** Most records in a row without headers. */
#define PF_RUN_SINK_BATCH PF_LEDGER_BATCH

/** Where a run goes, and what it writes beside its records. */
struct pf_run_target {
    const char *topic; /* borrowed, like run */
    int32_t partition; /* of its records */

    /* The run's name, shorter than PF_RUN_SIZE; borrowed for as long as the
     * sink lives. A record's number is its offset in its source. The headers
     * (headers.h) go into the first record of each write(), and into each whose
     * number does not follow its predecessor's; or into every record. */
    const char *run;
    bool every_header;

    struct pf_ledger *ledger; /* borrowed; NULL: none is kept */

    /* The first record must get this offset in its partition before any other
     * is sent; -1: any offset. */
    int64_t first_offset;
};

/**
 * Open a Kafka sink for the topic, with these around it. Takes ownership of
 * conf, whatever the outcome.
 *
 * flush() fails as a Kafka sink's; and with PF_FATAL if the first record got an
 * offset other than first_offset: somebody else writes to the topic. With a
 * ledger at most queue.buffering.max.messages records are sent and have no
 * known fate yet, and write() and flush() fail with PF_IO if the ledger cannot
 * be written.
 *
 * PF_CONFIG  librdkafka refuses the configuration; *err has its reason
 * PF_NOMEM   out of memory
 */
enum pf_rc pf_run_sink_open(rd_kafka_conf_t *conf,
                            const struct pf_run_target *target,
                            struct pf_sink **ret, struct pf_error *err);

/** As pf_kafka_sink_give_up(); the ledger then has the fate of all records. */
struct pf_delivery pf_run_sink_give_up(struct pf_sink *sink);

#endif
