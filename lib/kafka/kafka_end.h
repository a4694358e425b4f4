/* kafka_end.h - where a partition ends, for the one who reads it.
 *
 * The offset after the last record is no measure: the end of a transaction,
 * committed or aborted, takes an offset and is no record, and what follows the
 * beginning of an open one is not given out. librdkafka tells, once there is
 * nothing more to read, at which offset that is.
 */
#ifndef PF_KAFKA_END_H
#define PF_KAFKA_END_H

#include <librdkafka/rdkafka.h>
#include <stdint.h>

#include "kafka_start.h"
#include "log.h"

/** Members are this file's own, but at. */
struct pf_kafka_end {
    const struct pf_kafka_start *start; /* the caller's; outlives this */

    /* The offset at which there was nothing more to read; -1: a record has
     * come since. */
    int64_t at;

    int64_t looked_up_ms, held_since_ms;
    struct pf_log_limit log_limit;
};

/** Contents: not reached yet. */
struct pf_kafka_end pf_kafka_end_init(const struct pf_kafka_start *start);

/**
 * Put into start's stats where the topic ends, as the last answer to a fetch
 * said, and how many records an open transaction holds back. That is logged
 * now and then if it stays so, or is the last that is seen of it. To be called
 * after each read: hurried, records keep coming, it looks once in a while.
 */
void pf_kafka_end_look_up(struct pf_kafka_end *end, rd_kafka_t *rk,
                          bool hurried, bool last);

#endif
