/* kafka_refusal.h - why Kafka refuses a record, and the remedy. */
#ifndef PF_KAFKA_REFUSAL_H
#define PF_KAFKA_REFUSAL_H

#include <librdkafka/rdkafka.h>

#include "error.h"

/**
 * Write into *err "kafka: ", the meaning of the code, the broker's own message
 * (detail, may be NULL) and the remedy, if one is known. Returns rc, as
 * pf_fail() does.
 */
enum pf_rc pf_kafka_refused(struct pf_error *err, enum pf_rc rc,
                            rd_kafka_resp_err_t why, const char *detail);

/**
 * The same, with PF_UNDELIVERED, for the delivery report of a failed record.
 * *first is the error of the first one that failed, 0 if none has. *err keeps
 * describing that one, unless it failed only because of another record in its
 * batch: then this one, which may be the cause, replaces it.
 */
void pf_kafka_refused_record(struct pf_error *err,
                             const rd_kafka_message_t *report,
                             rd_kafka_resp_err_t *first);

#endif
