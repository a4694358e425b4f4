/* tail.h - reads the last records of a topic's partitions, for a producer. */
#ifndef PF_TAIL_H
#define PF_TAIL_H

#include <librdkafka/rdkafka.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "log.h"
#include "record.h"

/** A consumer of one topic. Members are private to tail.c. */
struct pf_tail {
    rd_kafka_t *rk;
    rd_kafka_topic_t *topic;
    rd_kafka_queue_t *queue; /* receives the records */
    int wake;                /* readable when records have come */
    struct pf_log_limit log_limit;
};

/**
 * Open a consumer of topic, made from a copy of a producer's conf; close it
 * whatever the outcome. Calls that have to wait for brokers and topic do so
 * until there is an answer, and log that now and then.
 *
 * PF_CONFIG  librdkafka refuses it; *err has its reason
 */
enum pf_rc pf_tail_open(struct pf_tail *tail, const rd_kafka_conf_t *conf,
                        const char *topic, struct pf_error *err);
void pf_tail_close(struct pf_tail *tail);

/**
 * How many partitions the topic has.
 *
 * PF_END  a stop was asked for
 * PF_IO   Kafka refuses access
 */
enum pf_rc pf_tail_partitions(struct pf_tail *tail, size_t *ret,
                              struct pf_error *err);

/** The offset of a partition's first record, and the one after its last. Errors
 * as above. */
enum pf_rc pf_tail_ends(struct pf_tail *tail, int32_t partition,
                        int64_t *ret_low, int64_t *ret_high,
                        struct pf_error *err);

/**
 * Look at the records of a partition from an offset on up to high, its end; the
 * result of look_at() ends that, unless it is PF_OK. If Kafka deletes some of
 * them meanwhile, those that are left. What no broker gives is waited for.
 *
 * PF_END  a stop was asked for
 * PF_IO   librdkafka cannot read it, or Kafka refuses access: *err has the
 *         right that is missing
 */
enum pf_rc pf_tail_read(struct pf_tail *tail, int32_t partition, int64_t from,
                        int64_t high,
                        enum pf_rc (*look_at)(void *context,
                                              const struct pf_record *record,
                                              struct pf_error *err),
                        void *context, struct pf_error *err);

#endif
