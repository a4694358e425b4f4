/* kafka_program.h - Kafka, for programs that use it (program.h). */
#ifndef PF_KAFKA_PROGRAM_H
#define PF_KAFKA_PROGRAM_H

#include "kafka_conf.h"
#include "program.h"

/**
 * What a program names as its library. Its library_defaults are an array of
 * struct pf_kafka_default, and its run() gets an rd_kafka_conf_t.
 */
extern const struct pf_library pf_kafka_library;

/**
 * Of a program that consumes as a group: make group, which is borrowed, the
 * default of group.id, and set what an older librdkafka needs among its
 * defaults, which have to have queued.min.messages.
 *
 * PF_CONFIG  group.id is set, and empty
 */
enum pf_rc pf_kafka_prepare_group(struct pf_kafka_default *defaults,
                                  const char *group,
                                  const struct pf_settings *settings,
                                  struct pf_error *err);

#endif
