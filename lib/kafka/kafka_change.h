/* kafka_change.h - which partitions a consumer reads, and from where on. */
#ifndef PF_KAFKA_CHANGE_H
#define PF_KAFKA_CHANGE_H

#include "kafka_consumer.h"

/* What makes a change: each returns PF_SETTLE with s->change filled in, or
 * PF_AGAIN: the brokers have not said yet; or PF_IO, PF_NOMEM. */

/** What the group has decided becomes a change. Partitions that are lost go at
 * once: what was read of them is not committed. */
enum pf_rc pf_kafka_change_of_group(struct pf_kafka_consumer *s,
                                    struct pf_error *err);

/** All partitions come again, from where they are through. */
enum pf_rc pf_kafka_change_back(struct pf_kafka_consumer *s,
                                struct pf_error *err);

/** Apply s->change, which is then over. A failure is in s->failed. */
void pf_kafka_change_settle(struct pf_kafka_consumer *s);

/** Free what belongs to a change. */
void pf_kafka_change_release(struct pf_kafka_consumer *s,
                             struct pf_change *change);

#endif
