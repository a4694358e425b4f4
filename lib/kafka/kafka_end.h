/* kafka_end.h - where a partition ends for a consumer.
 *
 * The offset after the last record does not tell: the end of a transaction,
 * committed or aborted, takes an offset without being a record, and nothing
 * after the start of an open transaction is delivered. At the end of the
 * partition librdkafka reports the offset.
 */
#ifndef PF_KAFKA_END_H
#define PF_KAFKA_END_H

#include <librdkafka/rdkafka.h>
#include <stdint.h>

#include "kafka_start.h"
#include "log.h"

/** Only at is public. Initialise it with start, and at as -1. */
struct pf_kafka_end {
    const struct pf_kafka_start *start; /* the caller's; outlives this */

    /* The offset of the partition's end when it was reached; -1: records have
     * come since. */
    int64_t at;

    int64_t looked_up_ms, held_since_ms;
    struct pf_log_limit log_limit;
};

/**
 * Put into start's stats where the topic ends, by the last fetch response, and
 * how many records an open transaction holds back. If it keeps holding them
 * back, or still does when the consumer ends, that is logged (rate-limited).
 * Call it after each read. While records keep coming (hurried) it looks only
 * once in a while.
 */
void pf_kafka_end_look_up(struct pf_kafka_end *end, rd_kafka_t *rk,
                          bool hurried, bool last);

#endif
