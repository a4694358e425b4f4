/* dead_topic.h - dead letters to a topic of Kafka. */
#ifndef PF_DEAD_TOPIC_H
#define PF_DEAD_TOPIC_H

#include <librdkafka/rdkafka.h>

#include "dead_conf.h"
#include "error.h"
#include "sink.h"

/**
 * Check the name of a topic for dead letters.
 *
 * PF_CONFIG  it is not a topic's name, or records are read from that topic
 */
enum pf_rc pf_dead_topic_check(const struct pf_dead_conf *conf,
                               const char *topic, struct pf_error *err);

/**
 * Make the topic ready (kafka_ready.h), then open a Kafka sink for it with a
 * client of its own. A dead letter in it is the record as it was refused, with
 * our headers after its own; its key decides the partition. The client itself
 * refuses none for its size.
 *
 * Errors: as pf_kafka_ready() and pf_kafka_sink_open(). A dead letter that is
 * longer than the topic takes ends the program, and again at the next start.
 */
enum pf_rc pf_dead_topic_open(const struct pf_dead_conf *conf,
                              const char *topic, const rd_kafka_conf_t *like,
                              struct pf_sink **ret, struct pf_error *err);

#endif
