#include "kafka_fetch.h"

#include <inttypes.h>

#include "clock.h"
#include "kafka_header.h"
#include "kafka_wake.h"
#include "stop.h"

/* How long a broker may take to say where a partition ends. */
#define ASK_MS 1000

void pf_kafka_fetch_release(struct pf_kafka_consumer *s)
{
    for (size_t i = 0; i < s->n_messages; i++)
        rd_kafka_message_destroy(s->messages[i]);
    s->n_messages = s->n_seen = 0;
}

/* The partition goes on at offset, which is below the last record's. */
static enum pf_rc go_back(const struct pf_kafka_consumer *s,
                          struct pf_kafka_part *part, int64_t offset,
                          struct pf_error *err)
{
    struct pf_error what;

    pf_fail(&what, PF_IO,
            "%s [%" PRId32 "] goes on at offset %" PRId64 ", not at %" PRId64
            ": a new topic of the same name, or its broker has lost records",
            part->topic, part->number, offset, part->next);
    if (s->start.never_back)
        return pf_fail(err, PF_IO, "kafka: %s", what.text);
    pf_log(PF_LOG_WARNING, "%s", what.text);
    part->resumed = -1; /* these offsets are new */
    return PF_OK;
}

/*
 * The partition goes on at offset, which is above the next one. That may be for
 * a transaction's end or what compaction has left; or else retention has
 * overtaken this consumer, and librdkafka has gone on where the partition
 * begins. Where that is came with the last answer to a fetch; it may be above
 * the offset by now, and no longer tells one from the other. A transaction's
 * end alone is then no reason for a line, nor is each of many others.
 */
static void go_ahead(struct pf_kafka_consumer *s,
                     const struct pf_kafka_part *part, int64_t offset)
{
    int64_t low = -1, high;

    rd_kafka_get_watermark_offsets(s->rk, part->topic, part->number, &low,
                                   &high);
    if (low <= offset)
        pf_kafka_tell_gone(part->topic, part->number, part->next, low);
    else if (offset > part->next + 1)
        pf_log_limited(
            &s->gone_limit, PF_LOG_WARNING,
            "%s [%" PRId32 "]: up to %" PRId64 " records from offset %" PRId64
            " on are gone: retention removes what has not been read",
            part->topic, part->number, offset - part->next, part->next);
}

/* The partition does not go on at its next offset. PF_AGAIN: it goes back, and
 * what comes has to begin a batch. */
static enum pf_rc jump(struct pf_kafka_consumer *s, struct pf_kafka_part *part,
                       int64_t offset, bool begins, struct pf_error *err)
{
    if (offset < part->next)
        return begins ? go_back(s, part, offset, err) : PF_AGAIN;
    if (part->next >= 0)
        go_ahead(s, part, offset);
    return PF_OK;
}

/* Handle an error that came instead of a record. */
static enum pf_rc on_error(struct pf_kafka_consumer *s,
                           const rd_kafka_message_t *message,
                           struct pf_error *err)
{
    char reason[256];

    switch (message->err) {
    case RD_KAFKA_RESP_ERR__FATAL:
        rd_kafka_fatal_error(s->rk, reason, sizeof reason);
        return pf_fail(err, PF_FATAL, "kafka: %s", reason);
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
        if (s->start.without_group)
            return PF_OK;
        /* fall through */
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
        return pf_fail(err, PF_IO, "kafka: %s: %s",
                       rd_kafka_err2str(message->err),
                       rd_kafka_message_errstr(message));
    default: /* librdkafka retries by itself */
        pf_log_limited(&s->log_limit, PF_LOG_WARNING, "kafka: %s: %s",
                       rd_kafka_err2str(message->err),
                       rd_kafka_message_errstr(message));
        return PF_OK;
    }
}

static void to_record(const rd_kafka_message_t *message, const char *topic,
                      struct pf_record *record)
{
    rd_kafka_timestamp_type_t type;

    *record = (struct pf_record){
        .topic = topic,
        .partition = message->partition,
        .offset = message->offset,
        .timestamp = rd_kafka_message_timestamp(message, &type),
        .key = message->key,
        .key_len = message->key_len,
        .value = message->payload,
        .value_len = message->len,
        .headers = message,
        .header_at = pf_kafka_header_at,
    };
    record->appended = type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME;
}

/* Get messages without waiting: those that the last batch left over, or what
 * has arrived. */
static enum pf_rc fetch(struct pf_kafka_consumer *s, struct pf_error *err)
{
    size_t most = s->start.most ? s->start.most : PF_KAFKA_CONSUMER_BATCH;
    ssize_t n;

    if (s->n_seen < s->n_messages)
        return PF_OK;
    pf_kafka_fetch_release(s);
    pf_kafka_wake_clear(s->wake);
    n = rd_kafka_consume_batch_queue(s->queue, 0, s->messages, most);
    if (n < 0)
        return pf_fail(err, PF_IO, "kafka: %s",
                       rd_kafka_err2str(rd_kafka_last_error()));
    s->n_messages = (size_t)n;
    s->drained = s->n_messages < most;
    return PF_OK;
}

/* The partition's end by the last fetch response; -1: none has come. */
static int64_t end_by_now(rd_kafka_t *rk, const struct pf_kafka_part *part)
{
    int64_t low, high = -1;

    rd_kafka_get_watermark_offsets(rk, part->topic, part->number, &low, &high);
    return high;
}

/* Note where the partition ends, of which the first message has come; if they
 * are to be read as they were, where all of them end, before anything is given.
 */
static void set_goals(struct pf_kafka_consumer *s, struct pf_kafka_part *first)
{
    int64_t deadline = pf_now_ms() + ASK_MS;

    for (size_t i = 0; s->start.as_it_was && i < s->parts.list.n; i++) {
        struct pf_kafka_part *part = s->parts.list.at[i];
        int left = pf_stop_asked() ? 0 : pf_left_ms(deadline);
        int64_t low, high;

        if (part->goal < 0 && left &&
            !rd_kafka_query_watermark_offsets(s->rk, part->topic, part->number,
                                              &low, &high, left))
            part->goal = high;
    }
    if (first->goal < 0)
        first->goal = end_by_now(s->rk, first);
}

/* Take one message. PF_AGAIN: it has to begin a batch, as its offset goes back.
 */
static enum pf_rc take_one(struct pf_kafka_consumer *s,
                           const rd_kafka_message_t *message,
                           struct pf_batch *ret, struct pf_error *err)
{
    bool is_end = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    struct pf_kafka_part *part;
    enum pf_rc rc;

    if (message->err && !is_end)
        return on_error(s, message, err);
    part = pf_kafka_parts_of(&s->parts, message);
    if (!part) /* it is not ours any more */
        return PF_OK;
    if (message->offset != part->next) {
        rc = jump(s, part, message->offset, !ret->n, err);
        if (rc)
            return rc;
    }
    if (part->goal < 0)
        set_goals(s, part);
    if (part->position < 0) {
        part->position = part->began = message->offset;
        /* A new group that begins at the end: who goes on has to know where. */
        part->dirty = s->start.group && s->resolve.reset_to_end;
    }
    if (s->start.as_it_was && part->goal >= 0 &&
        message->offset >= part->goal) { /* it came after the beginning */
        part->touched |= part->next != part->goal;
        part->next = part->goal;
        part->end = -1;
        return PF_OK;
    }
    part->touched |= !is_end || part->next != message->offset;
    part->next = message->offset + !is_end;
    part->end = is_end ? part->next : -1;
    if (!is_end)
        to_record(message, part->topic, &s->records[ret->n++]);
    return PF_OK;
}

/* Give the batch a ticket, if there is something in it. */
static bool give_ticket(struct pf_kafka_consumer *s, struct pf_batch *ret)
{
    bool moved = false;

    for (size_t i = 0; i < s->parts.list.n; i++)
        moved |= s->parts.list.at[i]->touched;
    if (!moved)
        return false;
    s->n_given = ret->n;
    s->ticket += ret->n ? ret->n : 1;
    ret->ticket = s->ticket;
    for (size_t i = 0; i < s->parts.list.n; i++) {
        struct pf_kafka_part *part = s->parts.list.at[i];

        if (part->touched)
            pf_kafka_positions_add(&part->positions, s->ticket, part->next);
        part->touched = false;
    }
    return true;
}

bool pf_kafka_fetch_ended(const struct pf_kafka_consumer *s)
{
    if (!s->start.end_at_eof)
        return false;
    for (size_t i = 0; i < s->parts.list.n; i++) {
        const struct pf_kafka_part *part = s->parts.list.at[i];
        int64_t last = s->start.as_it_was ? part->goal - 1 : part->goal;

        if (part->end < 0 && (part->goal < 0 || part->next <= last))
            return false;
    }
    return s->parts.list.n;
}

enum pf_rc pf_kafka_fetch_take(struct pf_kafka_consumer *s,
                               struct pf_batch *ret, struct pf_error *err)
{
    enum pf_rc rc = fetch(s, err);

    *ret = (struct pf_batch){.records = s->records};
    while (!rc && s->n_seen < s->n_messages) {
        rc = take_one(s, s->messages[s->n_seen], ret, err);
        s->n_seen += !rc;
    }
    if (rc && rc != PF_AGAIN)
        return rc;
    if (give_ticket(s, ret))
        return PF_OK;
    return pf_kafka_fetch_ended(s) ? PF_END : PF_AGAIN;
}
