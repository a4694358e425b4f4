/* kafka_source.h - a source that consumes one partition of a topic. */
#ifndef PF_KAFKA_SOURCE_H
#define PF_KAFKA_SOURCE_H

#include <librdkafka/rdkafka.h>

#include "error.h"
#include "kafka_start.h"
#include "source.h"

/**
 * Consume by conf, which this call takes over, whatever its outcome. It does
 * not wait for a broker or for the topic: the first reads do, and say once in
 * a while what they are waiting for. The partition is assigned, not
 * subscribed to: there is no group to wait for, after a crash least of all.
 *
 * commit() commits in the background, one request at a time, the newest
 * position last; close() makes the last one certain if the broker answers
 * within 0.8 s. enable.auto.commit and enable.auto.offset.store must be
 * false in conf, and enable.partition.eof true.
 *
 * auto.offset.reset in conf is for the start. A position that the topic does
 * not have while it is read, because it was made anew or retention was
 * faster, is moved to the topic's beginning: what is there has not been read.
 * With "error" read() fails instead.
 *
 * PF_CONFIG  librdkafka refuses the configuration; *err has its reason
 * PF_IO      the kernel gave no descriptor
 * PF_NOMEM   memory ran out
 *
 * read() fails with PF_IO when Kafka refuses access or the topic goes back, see
 * never_back, and with PF_FATAL when this consumer can't go on at all.
 */
enum pf_rc pf_kafka_source_open(rd_kafka_conf_t *conf,
                                const struct pf_kafka_start *start,
                                struct pf_source **ret, struct pf_error *err);

#endif
