/* kafka_topic_state.h - does a broker answer, and can a topic be used? */
#ifndef PF_KAFKA_TOPIC_STATE_H
#define PF_KAFKA_TOPIC_STATE_H

#include <librdkafka/rdkafka.h>

/** What the broker knows about a topic. */
enum pf_topic_state {
    PF_TOPIC_NO_ANSWER, /* the broker is down, or not ready */
    PF_TOPIC_UNKNOWN,   /* the topic does not exist */
    PF_TOPIC_NO_LEADER, /* a partition has no leader yet */
    PF_TOPIC_READY,     /* the topic can be written to and read */
};

/** Ask the broker for that, for at most timeout_ms. If the topic is ready, and
 * ret_partitions is not NULL, *ret_partitions is how many it has. */
enum pf_topic_state pf_topic_ask(rd_kafka_t *rk, const char *topic,
                                 int timeout_ms, int *ret_partitions);

#endif
