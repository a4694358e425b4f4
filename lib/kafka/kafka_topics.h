/* kafka_topics.h - librdkafka's handles of topics, by name. */
#ifndef PF_KAFKA_TOPICS_H
#define PF_KAFKA_TOPICS_H

#include <librdkafka/rdkafka.h>
#include <stdint.h>

#include "vec.h"

/** The handles of one client. All zero: none. There are as many as there are
 * topics: whoever takes names from outside checks first that the topic is
 * there. */
struct pf_kafka_topics {
    PF_VEC(rd_kafka_topic_t *) list;
    rd_kafka_topic_t *last; /* found last; NULL: none */
};

/** The topic's handle, which stays ours; NULL: rd_kafka_last_error() tells why
 * there is none. */
rd_kafka_topic_t *pf_kafka_topics_get(struct pf_kafka_topics *topics,
                                      rd_kafka_t *rk, const char *name);

/** The handle of a topic that was got before, or NULL. */
rd_kafka_topic_t *pf_kafka_topics_find(struct pf_kafka_topics *topics,
                                       const char *name);

/** Destroy all of them, before their client. */
void pf_kafka_topics_release(struct pf_kafka_topics *topics);

/** How many partitions the topic has: ask the brokers for timeout_ms at most.
 * 0: *ret_why says why that is not known. */
int pf_kafka_count_partitions(rd_kafka_t *rk, const char *name, int timeout_ms,
                              rd_kafka_resp_err_t *ret_why);

/** The value of a setting in a broker's description, of which it is a part, or
 * NULL. */
const char *pf_kafka_described(const rd_kafka_ConfigResource_t *description,
                               const char *setting);

/** The same of max.message.bytes; -1: it is not there. */
int64_t pf_kafka_described_max(const rd_kafka_ConfigResource_t *description);

#endif
