#include "kafka_produce.h"

#include "dead_letters.h"
#include "kafka_conf.h"

/* More than what librdkafka (2.8: 36) adds to a record's key and value before
 * it compares them with message.max.bytes. */
#define OVERHEAD 100

_Static_assert(PF_BY_KEY == RD_KAFKA_PARTITION_UA, "passed on as it is");

/* Offer a single record with its headers and its timestamp. */
static rd_kafka_resp_err_t offer_one(const struct pf_kafka_produce *p,
                                     rd_kafka_topic_t *topic,
                                     const struct pf_record *r)
{
    rd_kafka_headers_t *headers = NULL;
    rd_kafka_resp_err_t why = RD_KAFKA_RESP_ERR_NO_ERROR;
    struct pf_header h;

    if (pf_record_header_at(r, 0, &h))
        headers = rd_kafka_headers_new(4);
    for (size_t i = 0; headers && !why && pf_record_header_at(r, i, &h); i++)
        why = rd_kafka_header_add(headers, h.name, -1, h.value, (ssize_t)h.len);
    if (!why)
        why = rd_kafka_producev(
            p->rk, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_PARTITION(r->partition),
            RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
            RD_KAFKA_V_TIMESTAMP(r->timestamp > 0 ? r->timestamp : 0),
            RD_KAFKA_V_KEY(r->key, r->key_len),
            RD_KAFKA_V_VALUE((void *)(uintptr_t)r->value, r->value_len),
            RD_KAFKA_V_OPAQUE((void *)(uintptr_t)p->number),
            RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
    if (why && headers) /* else they are librdkafka's now */
        rd_kafka_headers_destroy(headers);
    return why;
}

/* Has the record nothing that rd_kafka_produce_batch() cannot send? */
static bool is_plain(const struct pf_record *record)
{
    return !record->headers && record->timestamp < 0;
}

/* Could librdkafka refuse the record for its size? Then it goes alone: after
 * one that it refuses for that, it would go on with the rest of the batch. */
static bool may_be_too_large(const struct pf_kafka_produce *p,
                             const struct pf_record *record)
{
    return record->key_len + record->value_len + OVERHEAD > p->largest;
}

/* How many of the n records go into the next batch; 0: the first is not
 * plain. */
static size_t count_plain(const struct pf_kafka_produce *p,
                          const struct pf_record *records, size_t n)
{
    size_t i = 0;

    while (i < n && i < PF_KAFKA_BATCH && is_plain(&records[i]) &&
           records[i].partition == records[0].partition &&
           records[i].topic == records[0].topic &&
           !may_be_too_large(p, &records[i]))
        i++;
    return i || !is_plain(&records[0]) ? i : 1;
}

/* Offer n plain records of one partition: the fast path. */
static rd_kafka_resp_err_t offer_many(struct pf_kafka_produce *p,
                                      rd_kafka_topic_t *topic,
                                      const struct pf_record *records, size_t n,
                                      size_t *ret_taken)
{
    for (size_t i = 0; i < n; i++) {
        /* librdkafka only reads these, but its struct has no const. */
        p->batch[i].payload = (void *)(uintptr_t)records[i].value;
        p->batch[i].len = records[i].value_len;
        p->batch[i].key = (void *)(uintptr_t)records[i].key;
        p->batch[i].key_len = records[i].key_len;
        p->batch[i]._private = (void *)(uintptr_t)(p->number + i);
    }
    *ret_taken = (size_t)rd_kafka_produce_batch(
        topic, records[0].partition, RD_KAFKA_MSG_F_COPY, p->batch, (int)n);
    /* Any error that can come here is that of all records from one on. */
    for (size_t i = 0; *ret_taken < n && i < n; i++)
        if (p->batch[i].err) {
            *ret_taken = i;
            return p->batch[i].err;
        }
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static rd_kafka_topic_t *topic_of(struct pf_kafka_produce *p,
                                  const struct pf_record *record)
{
    if (record->topic && !p->moves)
        return pf_kafka_topics_get(&p->others, p->rk, record->topic);
    return p->dead_letters && pf_dead_letter_is(record) ? p->dead_letters
                                                        : p->topic;
}

rd_kafka_resp_err_t pf_kafka_produce(struct pf_kafka_produce *p,
                                     const struct pf_record *records, size_t n,
                                     size_t *ret_taken)
{
    rd_kafka_resp_err_t why = RD_KAFKA_RESP_ERR_NO_ERROR;

    if (!p->largest)
        p->largest = pf_kafka_conf_uint(rd_kafka_conf(p->rk),
                                        "message.max.bytes");
    for (*ret_taken = 0; *ret_taken < n && !why;) {
        const struct pf_record *next = records + *ret_taken;
        size_t plain = count_plain(p, next, n - *ret_taken), taken = 0;
        rd_kafka_topic_t *topic = topic_of(p, next);

        if (!topic)
            return rd_kafka_last_error();
        p->last = topic;
        why = plain ? offer_many(p, topic, next, plain, &taken)
                    : offer_one(p, topic, next);
        if (!plain)
            taken = !why;
        p->number += taken;
        *ret_taken += taken;
    }
    return why;
}
