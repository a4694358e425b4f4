/* kafka_answer.h - the cluster's metadata, from whichever broker answers. */
#ifndef PF_KAFKA_ANSWER_H
#define PF_KAFKA_ANSWER_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Ask until an answer names a broker (that of one which has just begun may
 * name none), and no longer than until deadline_ms, by pf_now_ms(): at least
 * once.
 *
 * topics: of all topics, too. *ret, set where this returns
 * RD_KAFKA_RESP_ERR_NO_ERROR, is to be destroyed by
 * rd_kafka_metadata_destroy(). Otherwise it is why the last question had no
 * answer; _TRANSPORT where there was one that names no broker. */
rd_kafka_resp_err_t pf_kafka_answer(rd_kafka_t *rk, bool topics,
                                    int64_t deadline_ms,
                                    const struct rd_kafka_metadata **ret);

/** The broker's address, as in bootstrap.servers. */
void pf_kafka_address(const struct rd_kafka_metadata_broker *broker, char *ret,
                      size_t size);

#endif
