/* processor_topics.h - the topics that a processor reads and writes, and what
 * goes to which. */
#ifndef PF_PROCESSOR_TOPICS_H
#define PF_PROCESSOR_TOPICS_H

#include <librdkafka/rdkafka.h>
#include <stdint.h>

#include "error.h"
#include "on_bad.h"
#include "options.h"
#include "settings.h"

/** Their settings; the strings are the options table's. */
struct pf_processor_topics {
    char *input; /* a list, as in kafka_group.h */
    char *output;
    int on_bad;         /* enum pf_on_bad */
    char *dead_letters; /* "" unless on_bad is PF_ON_BAD_DEAD_LETTER */
};

/** Rows for the options table of a struct type with a member topics. */
#define PF_PROCESSOR_TOPICS_OPTIONS(type, topics)                           \
    PF_OPTION_STR(type, topics.input, "feed.topic", "",                     \
                  "topics to read, separated by commas, or a pattern that " \
                  "begins with ^"),                                         \
        PF_OPTION_STR(type, topics.output, "feed.output", "",               \
                      "topic to write; created if it is missing"),          \
        PF_ON_BAD_OPTION(type, topics.on_bad, "feed.on.bad",                \
                         "record that cannot be used: skip counts and "     \
                         "describes it; stop ends before it; dead-letter "  \
                         "(default with feed.dead.letters) puts it aside"), \
        PF_OPTION_STR(type, topics.dead_letters, "feed.dead.letters", "",   \
                      "topic where dead-letter puts records, with the reason")

/**
 * Check them, and let a topic for dead letters decide feed.on.bad if that is
 * not set.
 *
 * PF_CONFIG  one is missing, not legal, or used for two things; or there is a
 *            topic for dead letters and nothing is put there
 */
enum pf_rc pf_processor_topics_check(struct pf_processor_topics *topics,
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
