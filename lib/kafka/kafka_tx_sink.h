/* kafka_tx_sink.h - a sink that produces to topics, in transactions that also
 * have the positions of what was read for it: exactly once. */
#ifndef PF_KAFKA_TX_SINK_H
#define PF_KAFKA_TX_SINK_H

#include <librdkafka/rdkafka.h>

#include "error.h"
#include "kafka_target.h"
#include "sink.h"

/**
 * Open producers for *target that take turns (kafka_turns.h), with conf, which
 * has a transactional.id, and of which this call takes ownership, whatever the
 * outcome. It does not wait for a broker. Records are sent as those of
 * pf_kafka_sink_open(), but *target has no on_report: none of the producers
 * knows how many records the sink had taken.
 *
 * consumer is the client of the source that the records come from, a member of
 * a group that reads with isolation.level=read_committed; it must outlive the
 * sink. This sink keeps the group's positions, with the metadata of each: a
 * transaction begins with the first record, and ends with keep(). Records are
 * through once they are in their topics, in a transaction that is committed
 * with all of them or taken back; they count as arrived when it has been
 * committed. While that is under way, write() takes the next one's. It is
 * fenced by the group (KIP-447): once the member has lost a partition, no
 * transaction commits a position of it.
 *
 * flush() returns PF_ABORTED when transactions were taken back, by abort() or
 * because Kafka could not end one, such as one that took longer than
 * transaction.timeout.ms, or, if the target says so, because of a record that
 * Kafka refuses. It fails with PF_UNDELIVERED if Kafka refuses a record
 * otherwise and would again, and with PF_FATAL if a producer cannot go on, such
 * as when another one with its transactional.id has begun.
 *
 * PF_CONFIG  librdkafka refuses the configuration; *err has its reason
 * PF_IO      the system gave no thread or no descriptor
 * PF_NOMEM   out of memory
 */
enum pf_rc pf_kafka_tx_sink_open(rd_kafka_conf_t *conf,
                                 const struct pf_kafka_target *target,
                                 rd_kafka_t *consumer, struct pf_sink **ret,
                                 struct pf_error *err);

#endif
