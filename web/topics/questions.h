/* questions.h - what Kafka is asked. */
#ifndef PF_WEB_QUESTIONS_H
#define PF_WEB_QUESTIONS_H

#include "kafka.h"

/** A topic that is there. */
struct web_kafka_topic {
    const char *name;         /* borrowed */
    char what[264];           /* "topic NAME", for a refusal */
    rd_kafka_topic_t *handle; /* the client's */
    const rd_kafka_metadata_t *metadata;
    const rd_kafka_metadata_topic_t *said; /* part of that */
};

/** Ask for the topic of that name. *ret must be released if true. */
bool web_kafka_topic_find(struct web_ask *ask, const char *name,
                          struct web_kafka_topic *ret);
void web_kafka_topic_release(struct web_kafka_topic *topic);

/** All topics; rd_kafka_metadata_destroy() releases them. */
const rd_kafka_metadata_t *web_kafka_topics(struct web_ask *ask);

/** Is there a topic of that name among all? */
bool web_kafka_has(const rd_kafka_metadata_t *all, const char *name);

/** Is it one of Kafka's own, such as __consumer_offsets? */
bool web_kafka_is_internal(const char *topic);

/**
 * Set the offset of each partition in list to the first one at or after that
 * time (milliseconds since 1970), or RD_KAFKA_OFFSET_BEGINNING, or _END: of all
 * that the isolation level shows. It is below 0 where Kafka does not say, and
 * err says why; that is all of them where one has changed since the metadata
 * came, for then librdkafka gives no other's. Those in list must have a leader.
 */
bool web_kafka_offsets(struct web_ask *ask,
                       rd_kafka_topic_partition_list_t *list, int64_t when);

/** The offset of that partition in list, or -1: it is not there or unknown. */
int64_t web_kafka_offset_in(const rd_kafka_topic_partition_list_t *list,
                            const char *topic, int32_t partition);

/** Wait for the answer to an admin request on queue, which the caller destroys
 * with rd_kafka_event_destroy(). */
rd_kafka_event_t *web_kafka_answer(struct web_ask *ask, rd_kafka_queue_t *queue,
                                   const char *what);

/** Options of such a request, which all of them need. Ask for topics before: a
 * request for a group must not be made while no broker answers. */
rd_kafka_AdminOptions_t *web_kafka_options(const struct web_ask *ask,
                                           rd_kafka_admin_op_t op);

#endif
