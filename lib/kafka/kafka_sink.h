/* kafka_sink.h - a sink that produces to topics. */
#ifndef PF_KAFKA_SINK_H
#define PF_KAFKA_SINK_H

#include <librdkafka/rdkafka.h>
#include <stdint.h>

#include "sink.h"

/** The fate of a record. */
enum pf_fate {
    PF_ACKED,   /* acknowledged, as the setting acks demands */
    PF_FAILED,  /* certainly not in the topic */
    PF_UNKNOWN, /* sent, outcome unknown */
};

/** What became of one record. */
struct pf_report {
    uint64_t number; /* how many records the sink had taken before this one */
    enum pf_fate fate;
    int32_t partition;
    int64_t offset;     /* in the partition; -1: not known */
    const char *reason; /* librdkafka's name of the error; "" if it is acked */
};

/** Where a sink produces to. */
struct pf_kafka_target {
    const char *topic; /* of records without one of their own; borrowed for as
                        * long as the sink lives. NULL: all have one */

    /* Called for each record, in the order in which its partition's were taken,
     * by write(), flush() and pf_kafka_sink_give_up(). NULL: nobody asks. */
    void (*on_report)(void *context, const struct pf_report *report);
    void *context;
};

/** The fate of all records that a sink has taken. */
struct pf_delivery {
    uint64_t taken;
    uint64_t delivered, failed, possibly; /* PF_ACKED, PF_FAILED, PF_UNKNOWN */
};

/**
 * Open a producer for *target with conf, of which this call takes ownership,
 * whatever the outcome. It does not wait for a broker. A record's topic (NULL:
 * the target's), partition (PF_BY_KEY: what librdkafka's setting partitioner
 * makes of its key), timestamp (-1: when it is taken) and headers are its own.
 * The records of a partition keep their order, as long as all of them name it
 * or none does. Each record gets a delivery report, which flush() counts. If
 * the queue is full, write() returns PF_AGAIN; no record is dropped for lack of
 * room.
 *
 * flush() fails with PF_UNDELIVERED if Kafka has permanently refused a record,
 * and with PF_FATAL if this producer cannot go on.
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
