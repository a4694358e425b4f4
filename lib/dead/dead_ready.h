/* dead_ready.h - a topic for dead letters: it is there, and takes them. */
#ifndef PF_DEAD_READY_H
#define PF_DEAD_READY_H

#include <librdkafka/rdkafka.h>

#include "dead_conf.h"
#include "error.h"

/**
 * Create the topic if it is missing: with one partition, the broker's default
 * of replicas, and a max.message.bytes that is PF_DEAD_ROOM more than what the
 * largest input takes. If it is there with less, that is a warning. Waits for a
 * broker as long as it takes, and logs that now and then, until a stop is asked
 * for.
 *
 * PF_END     a stop was asked for
 * PF_CONFIG  it is compacted: of the dead letters with one key, the broker
 *            would keep the last
 * PF_IO      it is missing, and cannot be created; *err has the remedy
 */
enum pf_rc pf_dead_ready(const struct pf_dead_conf *conf, const char *topic,
                         const rd_kafka_conf_t *like, struct pf_error *err);

#endif
