/* kafka_refusal.h - why Kafka does not take a record, and what helps. */
#ifndef PF_KAFKA_REFUSAL_H
#define PF_KAFKA_REFUSAL_H

#include <librdkafka/rdkafka.h>

#include "error.h"

/**
 * Write "kafka: ", what the code means, what the broker has to say about it
 * (detail, may be NULL) and, where something is known to help, that; return
 * rc, as pf_fail() does.
 */
enum pf_rc pf_kafka_refused(struct pf_error *err, enum pf_rc rc,
                            rd_kafka_resp_err_t why, const char *detail);

/**
 * The same, with PF_UNDELIVERED, of the report on a record that has failed.
 * *first is why the first one did, and 0 before. What *err says of that one
 * stays, unless it failed only because another record of its batch did, which
 * this one may be.
 */
void pf_kafka_refused_record(struct pf_error *err,
                             const rd_kafka_message_t *report,
                             rd_kafka_resp_err_t *first);

#endif
