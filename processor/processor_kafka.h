/* processor_kafka.h - librdkafka's settings, for the consumer and the producer
 * of a processor. */
#ifndef PF_PROCESSOR_KAFKA_H
#define PF_PROCESSOR_KAFKA_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "kafka_conf.h"
#include "settings.h"

/** What they depend on; strings are borrowed. */
struct pf_processor_kafka {
    const char *output;         /* feed.output */
    bool transactions;          /* feed.guarantee is exactly-once */
    const char *instance;       /* feed.instance; "": the host's name */
    int64_t commit_interval_ms; /* feed.commit.interval.ms */
};

/** What is set before the user's settings. */
extern struct pf_kafka_default pf_processor_kafka_defaults[];

/**
 * Check them, and set those of the defaults that depend on others.
 *
 * PF_CONFIG  one is wrong; *err says which one, and why
 */
enum pf_rc pf_processor_kafka_prepare(const struct pf_processor_kafka *conf,
                                      const struct pf_settings *settings,
                                      struct pf_error *err);

/** Bytes of an id, and its end. */
#define PF_PROCESSOR_ID_SIZE 1280

/** Write the name of this instance among all processors: the group's, and its
 * own there. kafka is not parted yet, or the consumer's. */
void pf_processor_kafka_id(const struct pf_processor_kafka *conf,
                           const rd_kafka_conf_t *kafka,
                           char buf[static PF_PROCESSOR_ID_SIZE]);

/** Part what is set for both: returns a configuration for the producer, which
 * is the caller's; kafka becomes the consumer's. */
rd_kafka_conf_t *pf_processor_kafka_part(const struct pf_processor_kafka *conf,
                                         rd_kafka_conf_t *kafka);

/** Batches of the producer with this configuration must not be larger than
 * that, in bytes, or the topic would refuse all records in one; -1: nobody
 * knows. */
void pf_processor_kafka_fit(rd_kafka_conf_t *producer, int64_t most);

#endif
