/* kafka_sink.h - a sink that produces to topics. */
#ifndef PF_KAFKA_SINK_H
#define PF_KAFKA_SINK_H

#include <librdkafka/rdkafka.h>

#include "kafka_target.h"
#include "sink.h"

/**
 * Open a producer for *target with conf, of which this call takes ownership,
 * whatever the outcome. It does not wait for a broker. A record's topic (NULL:
 * the target's), partition (PF_BY_KEY: what librdkafka's setting partitioner
 * makes of its key), timestamp (-1: when it is taken) and headers are its own.
 * The records of a partition keep their order, as long as all of them name it
 * or none does. Each record gets a delivery report, which flush() counts. If
 * the queue is full, write() returns PF_AGAIN; no record is dropped for lack of
 * room.
 *
 * flush() fails with PF_UNDELIVERED if Kafka has permanently refused a record.
 * If the target says so, and it is for what the record is, flush() returns
 * PF_ABORTED instead, once nothing is under way: what else was taken may have
 * arrived all the same, and arrives again when it is written again. It fails
 * with PF_FATAL if this producer cannot go on.
 *
 * PF_CONFIG  librdkafka refuses the configuration; *err has its reason
 * PF_IO      the kernel gave no descriptor
 * PF_NOMEM   out of memory
 */
enum pf_rc pf_kafka_sink_open(rd_kafka_conf_t *conf,
                              const struct pf_kafka_target *target,
                              struct pf_sink **ret, struct pf_error *err);

/**
 * Give up all pending records and report the fate of all that were ever taken:
 * taken = delivered + possibly + failed. Call it after the last flush and
 * before the close.
 */
struct pf_delivery pf_kafka_sink_give_up(struct pf_sink *sink);

#endif
