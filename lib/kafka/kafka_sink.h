/* kafka_sink.h - a sink that produces to one partition of a topic. */
#ifndef PF_KAFKA_SINK_H
#define PF_KAFKA_SINK_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

#include "headers.h"
#include "ledger.h"
#include "sink.h"

/** Where a sink produces to, and what it says about each record. */
struct pf_kafka_target {
    const char *topic;
    int32_t partition;

    /* The run's name, shorter than PF_RUN_SIZE; borrowed for as long as the
     * sink lives. A record's number is its offset
     * in its source. The first record of each request to librdkafka, and each
     * one that does not follow its predecessor, gets the headers; or every
     * record. */
    const char *run;
    bool every_header;

    struct pf_ledger *ledger; /* borrowed; NULL: none is kept */

    /* The first record has to come to this offset of the topic before any
     * other is sent; -1: wherever it comes. */
    int64_t first_offset;
};

/** What has become of the records that a sink has taken. */
struct pf_delivery {
    uint64_t taken;
    uint64_t delivered; /* acknowledged, as the setting acks says */
    uint64_t possibly;  /* sent, and the answer is not known */
    uint64_t failed;    /* certainly not in the topic */
};

/**
 * Produce to *target by conf, which this call takes over, whatever
 * its outcome. It does not wait for a broker. Records keep their order; every
 * one gets its delivery report, and flush() counts those. A full queue is
 * PF_AGAIN; nothing is ever dropped for want of room.
 *
 * flush() fails with PF_UNDELIVERED when Kafka has refused a record for good,
 * and with PF_FATAL when this producer can't go on at all, or when the first
 * record came to another place than first_offset: somebody else writes there.
 * With a ledger, records that are sent and have no fate yet are never more
 * than queue.buffering.max.messages, and write() fails with PF_IO when it
 * cannot be written.
 *
 * PF_CONFIG  librdkafka refuses the configuration; *err has its reason
 * PF_NOMEM   memory ran out
 */
enum pf_rc pf_kafka_sink_open(rd_kafka_conf_t *conf,
                              const struct pf_kafka_target *target,
                              struct pf_sink **ret, struct pf_error *err);

/**
 * Give up what is still under way, and say what became of all that was ever
 * taken: taken = delivered + possibly + failed. For use before the close,
 * after a last flush.
 */
struct pf_delivery pf_kafka_sink_give_up(struct pf_sink *sink);

#endif
