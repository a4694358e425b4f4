/* kafka_ready.h - a topic to write to: it is there, and takes what comes. */
#ifndef PF_KAFKA_READY_H
#define PF_KAFKA_READY_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

#include "error.h"

/** A topic, and what will be written to it. Strings are borrowed for the call.
 */
struct pf_kafka_wanted {
    const char *topic;
    const char *what;  /* for messages: "dead letters", */
    const char *most;  /* and "and a dead letter can have" */
    const char *input; /* topics that records come from, a list as in
                        * kafka_group.h; NULL: they do not come from a topic, */
    int64_t largest;   /* and no record is larger than this, in bytes */
    int64_t room;      /* what is written may be this much larger, in bytes */
    int partitions;    /* of the topic, if it is created */
    bool may_compact;  /* of what has one key, the broker may keep the last */
    const char *then;  /* for messages: "this program ends", if one is larger */
};

/**
 * Create the topic if it is missing: with the broker's default of replicas, and
 * a max.message.bytes that is enough for records of the largest input. If it is
 * there with less, that is a warning. Waits for a broker as long as it takes,
 * and logs that now and then, until a stop is asked for. *ret_takes is the
 * largest batch of records that it takes, in bytes; -1: it is not known.
 * ret_takes NULL: not wanted.
 *
 * PF_END     a stop was asked for
 * PF_CONFIG  it is compacted, and may not be
 * PF_IO      it is missing, and cannot be created; *err has the remedy
 */
enum pf_rc pf_kafka_ready(const struct pf_kafka_wanted *wanted,
                          const rd_kafka_conf_t *like, int64_t *ret_takes,
                          struct pf_error *err);

#endif
