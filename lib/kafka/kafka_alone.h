/* kafka_alone.h - a consumer without a group: it is assigned its partitions. */
#ifndef PF_KAFKA_ALONE_H
#define PF_KAFKA_ALONE_H

#include "kafka_consumer.h"

/** The one partition comes, before the brokers are asked: fill s->change and
 * return PF_SETTLE. PF_NOMEM: out of memory. */
enum pf_rc pf_kafka_alone_begin(struct pf_kafka_consumer *s,
                                struct pf_error *err);

/** Where the sink goes on counts, whatever feed.start says. */
void pf_kafka_alone_start_where(struct pf_kafka_consumer *s,
                                const struct pf_change *change);

/** Find the first offset of the one partition, and begin to fetch there.
 * PF_AGAIN: not known yet. PF_IO: see pf_kafka_resolve_step(). */
enum pf_rc pf_kafka_alone_assign(struct pf_kafka_consumer *s,
                                 struct pf_error *err);

/** All partitions come at once, when the brokers have said which there are and
 * where each begins: as pf_kafka_alone_begin(). PF_AGAIN: they have not yet. */
enum pf_rc pf_kafka_alone_begin_all(struct pf_kafka_consumer *s,
                                    struct pf_error *err);

/** Begin to fetch all partitions: where the sink goes on, if it keeps that, and
 * where the filter builds something up again. */
enum pf_rc pf_kafka_alone_assign_all(struct pf_kafka_consumer *s,
                                     const struct pf_change *change,
                                     struct pf_error *err);

#endif
