/* produce.h - one start of the producer, from its settings to its last record.
 */
#ifndef PF_PRODUCE_H
#define PF_PRODUCE_H

#include <stdbool.h>
#include <stdint.h>

#include "bad_records.h"
#include "error.h"
#include "faults.h"
#include "headers.h"
#include "serve.h"
#include "sources.h"

enum pf_producer_sink { PF_TO_KAFKA, PF_TO_CONSOLE };
enum pf_producer_headers { PF_HEADERS_FIRST, PF_HEADERS_ALL };

/** The settings of the program; the strings are the options table's. */
struct pf_producer {
    struct pf_sources sources;
    char *topic;
    char *partition;
    int32_t partition_number; /* of partition, or PF_BY_KEY */
    int sink;                 /* enum pf_producer_sink */
    char *console;
    char *run;
    char run_name[PF_RUN_SIZE]; /* run, or what was chosen instead */
    bool goes_on; /* The run can continue when the program starts again: its
                   * name is the same then, and the topic has each of its
                   * records once, in order. */
    int headers;  /* enum pf_producer_headers */
    char *ledger;
    char *stats;
    struct pf_serve_conf serve;
    struct pf_faults faults;
    struct pf_bad_records bad;
};

/**
 * Send the records of the source until it ends or a stop is asked for. context
 * is a struct pf_producer, and kafka a rd_kafka_conf_t, which this takes over.
 * Errors are those of its parts, and of pf_pump_run().
 */
enum pf_rc pf_produce(const void *context, void *kafka, struct pf_error *err);

#endif
