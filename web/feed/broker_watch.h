/* broker_watch.h - does the broker answer? A thread asks, again and again. */
#ifndef PF_BROKER_WATCH_H
#define PF_BROKER_WATCH_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>

#include "error.h"

struct web_broker;

/**
 * Begin to ask the brokers of conf, of which a copy is used, about a topic,
 * whose name is borrowed.
 *
 * PF_CONFIG  librdkafka refuses conf
 * PF_IO      there is no thread
 * PF_NOMEM   out of memory
 */
enum pf_rc web_broker_open(const rd_kafka_conf_t *conf, const char *topic,
                           struct web_broker **ret, struct pf_error *err);

/** Ask no more. The connection lives until the process ends. */
void web_broker_close(struct web_broker *broker);

/** Does it answer, whatever it says? By any thread. */
bool web_broker_answers(const struct web_broker *broker);

/** What is wrong, in a sentence, a constant; NULL: the topic can be used. By
 * any thread. */
const char *web_broker_trouble(const struct web_broker *broker);

#endif
