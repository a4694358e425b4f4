/* kafka_sink.h - a sink that produces to one partition of a topic. */
#ifndef PF_KAFKA_SINK_H
#define PF_KAFKA_SINK_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

#include "headers.h"
#include "ledger.h"
#include "sink.h"

/** Where a sink produces to, and the headers of its records. */
struct pf_kafka_target {
    const char *topic;
    int32_t partition;

    /* The run's name, shorter than PF_RUN_SIZE; borrowed for as long as the
     * sink lives. A record's number is its offset in its source. The headers
     * go into the first record of each call to librdkafka and into each record
     * whose number does not follow its predecessor's; or into every record. */
    const char *run;
    bool every_header;

    struct pf_ledger *ledger; /* borrowed; NULL: none is kept */

    /* The first record must get this offset in the topic before any other is
     * sent; -1: any offset. */
    int64_t first_offset;
};

/** The fate of all records that a sink has taken. */
struct pf_delivery {
    uint64_t taken;
    uint64_t delivered; /* acknowledged, as the setting acks demands */
    uint64_t possibly;  /* sent, outcome unknown */
    uint64_t failed;    /* certainly not in the topic */
};

/**
 * Open a producer for *target with conf, of which this call takes ownership,
 * whatever the outcome. It does not wait for a broker. Records keep their
 * order. Each one gets a delivery report, which flush() counts. If the queue is
 * full, write() returns PF_AGAIN; no record is dropped for lack of room.
 *
 * flush() fails with PF_UNDELIVERED if Kafka has permanently refused a record,
 * and with PF_FATAL if this producer cannot go on, or if the first record got
 * an offset other than first_offset: somebody else writes to the topic. With a
 * ledger at most queue.buffering.max.messages records are sent and have no
 * known fate yet, and write() fails with PF_IO if the ledger cannot be
 * written.
 *
 * PF_CONFIG  librdkafka refuses the configuration; *err has its reason
 * PF_NOMEM   out of memory
 */
enum pf_rc pf_kafka_sink_open(rd_kafka_conf_t *conf,
                              const struct pf_kafka_target *target,
                              struct pf_sink **ret, struct pf_error *err);

/**
 * Give up all pending records and report the fate of all that were ever taken:
 * taken = delivered + possibly + failed. Call it after the last flush and
 * before the close.
 */
struct pf_delivery pf_kafka_sink_give_up(struct pf_sink *sink);

#endif
