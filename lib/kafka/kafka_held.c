#include "kafka_held.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "kafka_refusal.h"

/* A broker that begins knows its topics some seconds after its port is open. */
#define HOPE_MS 10000

bool pf_kafka_held_hopes(struct pf_kafka_held *held)
{
    int64_t now = pf_now_ms();

    if (!held->since_ms)
        held->since_ms = now;
    return !held->overtaken && now - held->since_ms < HOPE_MS;
}

static void release(struct pf_kafka_held_record *record)
{
    if (record->headers)
        rd_kafka_headers_destroy(record->headers);
    free(record->bytes);
}

/* Key and value, one after the other. NULL: memory ran out. */
static char *copy_bytes(const rd_kafka_message_t *message)
{
    char *bytes = malloc(message->key_len + message->len + 1);

    if (bytes && message->key)
        memcpy(bytes, message->key, message->key_len);
    if (bytes && message->payload)
        memcpy(bytes + message->key_len, message->payload, message->len);
    return bytes;
}

bool pf_kafka_held_keep(struct pf_kafka_held *held,
                        const rd_kafka_message_t *report)
{
    const struct pf_kafka_held_record record = {
        .topic = report->rkt,
        .partition = report->partition,
        .number = (uintptr_t)report->_private,
        .timestamp = rd_kafka_message_timestamp(report, NULL),
        .key_len = report->key_len,
        .value_len = report->len,
        .has_key = report->key,
        .has_value = report->payload,
        .why = report->err,
    };
    rd_kafka_resp_err_t first = RD_KAFKA_RESP_ERR_NO_ERROR;
    struct pf_kafka_held_record *kept;
    rd_kafka_headers_t *headers;

    if (!pf_kafka_is_unknown_topic(report->err) ||
        rd_kafka_message_status(report) != RD_KAFKA_MSG_STATUS_NOT_PERSISTED ||
        !pf_kafka_held_hopes(held) || !PF_VEC_PUSH(&held->list, record))
        return false;
    kept = PF_VEC_LAST(&held->list);
    kept->bytes = copy_bytes(report);
    if (!kept->bytes) {
        held->list.n--;
        return false;
    }
    if (!rd_kafka_message_headers(report, &headers))
        kept->headers = rd_kafka_headers_copy(headers);
    if (held->list.n == 1)
        pf_kafka_refused_record(&held->why, report, &first);
    return true;
}

void pf_kafka_held_arrived(struct pf_kafka_held *held,
                           const rd_kafka_message_t *report)
{
    uint64_t number = (uintptr_t)report->_private;

    if (!held->list.n)
        held->since_ms = 0;
    for (size_t i = 0; i < held->list.n && !held->overtaken; i++) {
        const struct pf_kafka_held_record *one = &held->list.at[i];

        if (one->partition == report->partition && one->topic == report->rkt) {
            held->overtaken = one->number < number;
            break; /* the others of the partition are later ones */
        }
    }
}

static int compare(const void *a, const void *b)
{
    const struct pf_kafka_held_record *one = a, *other = b;

    return PF_ORDER(one->number, other->number);
}

static rd_kafka_resp_err_t send_one(rd_kafka_t *rk,
                                    struct pf_kafka_held_record *r)
{
    rd_kafka_resp_err_t why = rd_kafka_producev(
        rk, RD_KAFKA_V_RKT(r->topic), RD_KAFKA_V_PARTITION(r->partition),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_TIMESTAMP(r->timestamp),
        RD_KAFKA_V_KEY(r->has_key ? r->bytes : NULL, r->key_len),
        RD_KAFKA_V_VALUE(r->has_value ? r->bytes + r->key_len : NULL,
                         r->value_len),
        RD_KAFKA_V_OPAQUE((void *)(uintptr_t)r->number),
        RD_KAFKA_V_HEADERS(r->headers), RD_KAFKA_V_END);

    if (!why)
        r->headers = NULL; /* they are librdkafka's now */
    return why;
}

void pf_kafka_held_send(struct pf_kafka_held *held, rd_kafka_t *rk)
{
    int64_t now = pf_now_ms();
    size_t sent = 0;

    if (now - held->tried_ms < PF_KAFKA_HELD_MS)
        return;
    held->tried_ms = now;
    qsort(held->list.at, held->list.n, sizeof *held->list.at, compare);
    while (sent < held->list.n && !send_one(rk, &held->list.at[sent]))
        release(&held->list.at[sent++]);
    held->list.n -= sent;
    memmove(held->list.at, held->list.at + sent,
            held->list.n * sizeof *held->list.at);
}

void pf_kafka_held_clear(struct pf_kafka_held *held)
{
    for (size_t i = 0; i < held->list.n; i++)
        release(&held->list.at[i]);
    held->list.n = 0;
}

void pf_kafka_held_release(struct pf_kafka_held *held)
{
    pf_kafka_held_clear(held);
    free(held->list.at);
    *held = (struct pf_kafka_held){0};
}
