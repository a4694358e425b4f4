/* kafka_end.h - where the partitions end for a consumer.
 *
 * The offset after the last record does not tell: the end of a transaction,
 * committed or aborted, takes an offset without being a record, and nothing
 * after the start of an open transaction is delivered. At the end of a
 * partition librdkafka reports the offset.
 */
#ifndef PF_KAFKA_END_H
#define PF_KAFKA_END_H

#include <librdkafka/rdkafka.h>
#include <stdint.h>

#include "kafka_parts.h"
#include "kafka_start.h"
#include "log.h"

/** When that was last looked at. All zero: never. */
struct pf_kafka_end {
    int64_t looked_up_ms;
    struct pf_log_limit log_limit;
};

/**
 * Put into *seen how far the partitions are through, where they end, by the
 * last fetch responses, and how many records open transactions hold back. If
 * one keeps holding them back, or still does when the consumer ends, that is
 * logged (rate-limited). Call it after each read. While records keep coming
 * (hurried) it looks only once in a while.
 */
void pf_kafka_end_look_up(struct pf_kafka_end *end, struct pf_kafka_seen *seen,
                          const struct pf_kafka_parts *parts, rd_kafka_t *rk,
                          bool hurried, bool last);

#endif
