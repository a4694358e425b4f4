/* processor_topics.h - the topics that a processor reads and writes. */
#ifndef PF_PROCESSOR_TOPICS_H
#define PF_PROCESSOR_TOPICS_H

#include <librdkafka/rdkafka.h>
#include <stdint.h>

#include "error.h"
#include "settings.h"

/** Their settings; strings are borrowed. */
struct pf_processor_topics {
    const char *input;        /* feed.topic: a list, as in kafka_group.h */
    const char *output;       /* feed.output */
    const char *dead_letters; /* feed.dead.letters; "": none */
};

/**
 * Check them.
 *
 * PF_CONFIG  one is missing, not legal, or used for two things
 */
enum pf_rc pf_processor_topics_check(const struct pf_processor_topics *topics,
                                     const struct pf_settings *settings,
                                     struct pf_error *err);

/**
 * Wait until there is an input, then create the others if they are missing,
 * with the input's number of partitions (of several inputs: the largest). Waits
 * as pf_kafka_ready(), with the connection settings of like. *ret_takes is the
 * largest batch of records that each of them takes, in bytes; -1: it is not
 * known.
 *
 * PF_END     a stop was asked for
 * PF_CONFIG  the output has fewer partitions than the input
 * other      as pf_kafka_ready()
 */
enum pf_rc pf_processor_topics_ready(const struct pf_processor_topics *topics,
                                     const rd_kafka_conf_t *like,
                                     int64_t *ret_takes, struct pf_error *err);

#endif
