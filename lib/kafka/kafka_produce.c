#include "kafka_produce.h"

#include <inttypes.h>
#include <stdio.h>

#include "clock.h"
#include "headers.h"

/* Offer a single record with its headers. */
static rd_kafka_resp_err_t offer_one(const struct pf_kafka_produce *p,
                                     const struct pf_record *r)
{
    char number[24], time[24];

    snprintf(number, sizeof number, "%" PRIu64, (uint64_t)r->offset);
    snprintf(time, sizeof time, "%" PRId64,
             r->made_ns ? r->made_ns : pf_wall_ns());
    return rd_kafka_producev(
        p->rk, RD_KAFKA_V_RKT(p->topic), RD_KAFKA_V_PARTITION(p->partition),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_KEY(r->key, r->key_len),
        RD_KAFKA_V_VALUE((void *)(uintptr_t)r->value, r->value_len),
        RD_KAFKA_V_OPAQUE((void *)(uintptr_t)r->offset),
        RD_KAFKA_V_HEADER(PF_HEADER_RUN, p->run, -1),
        RD_KAFKA_V_HEADER(PF_HEADER_NUMBER, number, -1),
        RD_KAFKA_V_HEADER(PF_HEADER_TIME, time, -1), RD_KAFKA_V_END);
}

/* Offer n records without headers: the fast path. */
static rd_kafka_resp_err_t offer_many(struct pf_kafka_produce *p,
                                      const struct pf_record *records, size_t n,
                                      size_t *ret_taken)
{
    for (size_t i = 0; i < n; i++) {
        /* librdkafka only reads these, but its struct has no const. */
        p->batch[i].payload = (void *)(uintptr_t)records[i].value;
        p->batch[i].len = records[i].value_len;
        p->batch[i].key = (void *)(uintptr_t)records[i].key;
        p->batch[i].key_len = records[i].key_len;
        p->batch[i]._private = (void *)(uintptr_t)records[i].offset;
    }
    *ret_taken = (size_t)rd_kafka_produce_batch(
        p->topic, p->partition, RD_KAFKA_MSG_F_COPY, p->batch, (int)n);
    for (size_t i = 0; *ret_taken < n && i < n; i++)
        if (p->batch[i].err)
            return p->batch[i].err;
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t pf_kafka_produce(struct pf_kafka_produce *p,
                                     const struct pf_record *records, size_t n,
                                     size_t *ret_taken)
{
    size_t alone = p->every_header || !n ? n : 1, taken = 0;
    rd_kafka_resp_err_t why;

    /* rd_kafka_produce_batch() has no headers: send the first one alone. */
    for (*ret_taken = 0; *ret_taken < alone; ++*ret_taken) {
        why = offer_one(p, &records[*ret_taken]);
        if (why)
            return why;
    }
    if (alone == n)
        return RD_KAFKA_RESP_ERR_NO_ERROR;
    why = offer_many(p, records + alone, n - alone, &taken);
    *ret_taken += taken;
    return why;
}
