/* kafka_refusal.h - why Kafka refuses a record, and the remedy. */
#ifndef PF_KAFKA_REFUSAL_H
#define PF_KAFKA_REFUSAL_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>

#include "error.h"

/* A sentence of these has the remedy, if one is known. */

/** PF_FATAL, with the reason in *err, if this producer cannot go on. */
enum pf_rc pf_kafka_fatal(rd_kafka_t *rk, struct pf_error *err);

/** The result of offering a record to rk. PF_AGAIN: its queue is full. */
enum pf_rc pf_kafka_taken(rd_kafka_t *rk, rd_kafka_resp_err_t why,
                          struct pf_error *err);

/** Is this how a record fails whose topic, or partition, is not known? */
bool pf_kafka_is_unknown_topic(rd_kafka_resp_err_t why);

/** Could a record of a topic that was there be delivered a little later, if it
 * failed so? A broker that has just begun does not know all partitions yet.
 * False: as long as nobody changes it, or a setting, it fails again. */
bool pf_kafka_may_pass(rd_kafka_resp_err_t why);

/** Does a record that failed so fail again, whatever goes with it, and others
 * do not? It is too large, or not what the topic wants. */
bool pf_kafka_is_records_own(rd_kafka_resp_err_t why);

/**
 * Write into *err why the record failed that this delivery report is of.
 * *first is the error of the first one that failed, 0 if none has. *err keeps
 * describing that one, unless it failed only because of another record in its
 * batch: then this one, which may be the cause, replaces it. Returns whether it
 * was written.
 */
bool pf_kafka_refused_record(struct pf_error *err,
                             const rd_kafka_message_t *report,
                             rd_kafka_resp_err_t *first);

#endif
