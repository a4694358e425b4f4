/* kafka_fetch.h - messages become records. */
#ifndef PF_KAFKA_FETCH_H
#define PF_KAFKA_FETCH_H

#include "kafka_consumer.h"

/** Take what has arrived, up to a batch, without waiting. A batch ends where
 * offsets go back. Returns as the read() of a source. */
enum pf_rc pf_kafka_fetch_take(struct pf_kafka_consumer *s,
                               struct pf_batch *ret, struct pf_error *err);

/** Is this the end of all partitions, and is it to end there? */
bool pf_kafka_fetch_ended(const struct pf_kafka_consumer *s);

/** Destroy the messages of the last batch, and those not given yet. */
void pf_kafka_fetch_release(struct pf_kafka_consumer *s);

#endif
