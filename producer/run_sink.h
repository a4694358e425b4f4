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

/** Where a run goes on in one partition. */
struct pf_place {
    int32_t partition;
    uint64_t number; /* the partition has none of the run from this number on,
                      * and all of its records before it */
    int64_t offset;  /* that the next record will get, if nobody else writes;
                      * -1: any offset */
    uint64_t key;    /* pf_key_hash() of the record before number */
};

/** Where a run goes, and what it writes beside its records. */
struct pf_run_target {
    const char *topic; /* borrowed, like run */
    int32_t partition; /* of its records; PF_BY_KEY: each record has its own */

    /* The run's name, shorter than PF_RUN_SIZE; borrowed for as long as the
     * sink lives. A record's number is its offset in its source. The headers
     * (headers.h) go into the first record of each write(), and into each whose
     * number does not follow its predecessor's; or into every record. */
    const char *run;
    bool every_header;

    struct pf_ledger *ledger; /* borrowed; NULL: none is kept */

    /* Borrowed: its one partition or, with PF_BY_KEY, all partitions of the
     * topic in their order. The first record of each must get its offset before
     * any other is sent there. */
    const struct pf_place *places;
    size_t n_places;
};

/**
 * Open a Kafka sink for the topic, with these around it. Takes ownership of
 * conf, whatever the outcome.
 *
 * flush() fails as a Kafka sink's; and with PF_FATAL if the first record of a
 * partition got an offset other than its place's: somebody else writes there.
 * With a ledger at most queue.buffering.max.messages records, and at most a
 * million, are sent and have no known fate yet, and write() and flush() fail
 * with PF_IO if the ledger cannot be written.
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
