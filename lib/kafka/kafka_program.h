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

#endif
