/* kafka_produce.h - produce records through librdkafka. */
#ifndef PF_KAFKA_PRODUCE_H
#define PF_KAFKA_PRODUCE_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kafka_topics.h"
#include "record.h"

/** Most records in one call: enough to share the cost of librdkafka's lock,
 * few enough to stay in the processor's cache. */
#define PF_KAFKA_BATCH 1000

/** Where to produce to, and how much that was. The caller fills rk, the
 * topics and moves, and releases others. */
struct pf_kafka_produce {
    rd_kafka_t *rk;
    rd_kafka_topic_t *topic; /* of records without one of their own; may be NULL
                              * if all have one */
    rd_kafka_topic_t *dead_letters; /* the same, of dead letters; NULL: topic */
    bool moves;                     /* no record has one of its own */
    struct pf_kafka_topics others;  /* of those that have one */
    rd_kafka_topic_t *last;         /* of the last record taken */
    uint64_t number;                /* how many records were taken */
    uint64_t largest;               /* message.max.bytes; 0: not known yet */
    rd_kafka_message_t batch[PF_KAFKA_BATCH];
};

/**
 * Offer n records without waiting, each to its topic and its partition, which
 * librdkafka's partitioner chooses for PF_BY_KEY. librdkafka copies their
 * bytes. How many were taken before it, is _private in a record's delivery
 * report. *ret_taken is how many of these were taken, counted from the first.
 * Returns why the next one was not taken, or no error.
 *
 * None is taken after one that was not. A full queue has room again once
 * reports have come; after any other error give up.
 */
rd_kafka_resp_err_t pf_kafka_produce(struct pf_kafka_produce *produce,
                                     const struct pf_record *records, size_t n,
                                     size_t *ret_taken);

#endif
