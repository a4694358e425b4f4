/* origin_sink.h - a sink that sends dead letters back to their topics. */
#ifndef PF_ORIGIN_SINK_H
#define PF_ORIGIN_SINK_H

#include <librdkafka/rdkafka.h>

#include "error.h"
#include "sink.h"

/**
 * Open a Kafka sink for the records that the origin filter makes, and no
 * others. like has the connection settings of a client, and stays the caller's.
 *
 * It fails as the Kafka sink does, and *err names the dead letter: the oldest
 * one that has not arrived. If Kafka refuses a letter, flush() waits a moment
 * for those before it, whatever its timeout, so that it is that one.
 *
 * Errors: as pf_kafka_sink_open().
 */
enum pf_rc pf_origin_sink_open(const rd_kafka_conf_t *like,
                               struct pf_sink **ret, struct pf_error *err);

#endif
