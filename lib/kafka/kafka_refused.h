/* kafka_refused.h - is it a right that is missing? */
#ifndef PF_KAFKA_REFUSED_H
#define PF_KAFKA_REFUSED_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>

/**
 * Ask whether the consumer rk may read the topic and, unless without_group, use
 * its group. librdkafka itself says "unknown partition" of a topic that may not
 * be read, and "timed out" of a group. Takes up to twice timeout_ms.
 *
 * Returns RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED or _GROUP_ if it may
 * not; 0 if it may, or if nobody answers.
 */
rd_kafka_resp_err_t pf_kafka_refused(rd_kafka_t *rk, const char *topic,
                                     bool without_group, int timeout_ms);

#endif
