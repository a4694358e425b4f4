#include "kafka_source.h"

#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>

#include "clock.h"
#include "kafka_commit.h"
#include "kafka_end.h"
#include "kafka_positions.h"
#include "kafka_wake.h"
#include "log.h"
#include "stop.h"

#define BATCH 1000

/* The pause between two requests for the first offset. */
#define RETRY_MS 50

/* Timeout of the last commit: together with the pump's drain it is below the
 * consumer's stopwaitsecs of 2 s. */
#define LAST_COMMIT_MS 800

struct kafka_source {
    struct pf_source base;
    struct pf_kafka_start start;
    rd_kafka_t *rk;
    rd_kafka_queue_t *queue; /* of records */
    int wake;                /* readable when there are some */
    struct pf_kafka_resolve resolve;
    bool assigned, drained, ended;
    struct pf_kafka_end end;

    rd_kafka_message_t *messages[BATCH]; /* that records borrow from */
    struct pf_record records[BATCH];
    size_t n_messages, n_seen; /* how many there are, and were read */
    int64_t next;              /* the offset after the last of these */

    size_t n_given;  /* records of the last batch */
    uint64_t ticket; /* of the last of them */
    struct pf_kafka_positions positions;
    struct pf_kafka_commit commit;
    struct pf_log_limit log_limit;
};

static void release_batch(struct kafka_source *s)
{
    for (size_t i = 0; i < s->n_messages; i++)
        rd_kafka_message_destroy(s->messages[i]);
    s->n_messages = s->n_seen = 0;
}

/* Find the first offset and begin to fetch there. PF_AGAIN: not known yet. */
static enum pf_rc assign(struct kafka_source *s, struct pf_error *err)
{
    rd_kafka_topic_partition_list_t *list;
    rd_kafka_resp_err_t why;
    int64_t offset;
    enum pf_rc rc;

    rc = pf_kafka_resolve_step(&s->resolve, s->rk, &s->start, &offset, err);
    if (rc)
        return rc;
    /* Not later: the answer would have to wait for the first fetch's. */
    pf_kafka_tell_unread(s->rk, &s->start);
    list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, s->start.topic, s->start.partition)
        ->offset = offset;
    why = rd_kafka_assign(s->rk, list);
    rd_kafka_topic_partition_list_destroy(list);
    if (why)
        return pf_fail(err, PF_IO, "kafka: assign: %s", rd_kafka_err2str(why));
    pf_stats_set(s->start.stats, s->start.position_metric, (uint64_t)offset);
    pf_stats_set(s->start.stats, s->start.began_metric, (uint64_t)pf_now_ns());
    pf_log(PF_LOG_INFO, "reading %s [%" PRId32 "] from offset %" PRId64,
           s->start.topic, s->start.partition, offset);
    s->assigned = true;
    s->next = offset;
    return PF_OK;
}

/* The topic goes on at offset, which is below the last record's. */
static enum pf_rc go_back(const struct kafka_source *s, int64_t offset,
                          struct pf_error *err)
{
    struct pf_error what;

    pf_fail(&what, PF_IO,
            "%s [%" PRId32 "] goes on at offset %" PRId64 ", not at %" PRId64
            ": a new topic of the same name, or its broker has lost records",
            s->start.topic, s->start.partition, offset, s->next);
    if (s->start.never_back)
        return pf_fail(err, PF_IO, "kafka: %s", what.text);
    pf_log(PF_LOG_WARNING, "%s", what.text);
    return PF_OK;
}

/* Handle an error that came instead of a record. */
static enum pf_rc on_error(struct kafka_source *s,
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
static enum pf_rc fetch(struct kafka_source *s, struct pf_error *err)
{
    ssize_t n;

    if (s->n_seen < s->n_messages)
        return PF_OK;
    release_batch(s);
    pf_kafka_wake_clear(s->wake);
    n = rd_kafka_consume_batch_queue(s->queue, 0, s->messages, BATCH);
    if (n < 0)
        return pf_fail(err, PF_IO, "kafka: %s",
                       rd_kafka_err2str(rd_kafka_last_error()));
    s->n_messages = (size_t)n;
    s->drained = n < BATCH;
    return PF_OK;
}

/* Take what has arrived, up to a batch, without waiting. A batch ends where
 * offsets go back. */
static enum pf_rc take(struct kafka_source *s, struct pf_batch *ret,
                       struct pf_error *err)
{
    int64_t before = s->next;
    enum pf_rc rc = fetch(s, err);

    *ret = (struct pf_batch){.records = s->records};
    for (; !rc && s->n_seen < s->n_messages; s->n_seen++) {
        const rd_kafka_message_t *message = s->messages[s->n_seen];
        bool is_end = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;

        if (message->err && !is_end) {
            rc = on_error(s, message, err);
            continue;
        }
        if (message->offset < s->next) {
            if (ret->n)
                break;
            rc = go_back(s, message->offset, err);
            if (rc)
                break;
        }
        s->next = message->offset + !is_end;
        s->end.at = is_end ? s->next : -1;
        s->ended |= is_end && s->start.end_at_eof;
        if (!is_end)
            to_record(message, s->start.topic, &s->records[ret->n++]);
    }
    if (!rc && !ret->n && s->next == before)
        return s->ended ? PF_END : PF_AGAIN;
    s->n_given = ret->n;
    s->ticket += ret->n ? ret->n : 1;
    ret->ticket = s->ticket;
    pf_kafka_positions_add(&s->positions, s->ticket, s->next);
    return rc;
}

static enum pf_rc kafka_read(struct pf_source *base, int timeout_ms,
                             struct pf_batch *ret, struct pf_error *err)
{
    struct kafka_source *s = (struct kafka_source *)base;
    enum pf_rc rc = s->assigned ? PF_OK : assign(s, err);

    *ret = (struct pf_batch){0};
    if (rc == PF_AGAIN) /* some answers come at once: do not spin */
        pf_wait(-1, 0, timeout_ms < RETRY_MS ? timeout_ms : RETRY_MS);
    if (rc)
        return rc;
    rc = take(s, ret, err);
    if (rc == PF_AGAIN && timeout_ms > 0) {
        pf_kafka_commit_push(&s->commit);
        rc = pf_wait(s->wake, POLLIN,
                     pf_kafka_commit_rest(&s->commit, timeout_ms));
        rc = rc ? PF_AGAIN : take(s, ret, err);
    }
    pf_kafka_end_look_up(&s->end, s->rk, !s->drained, rc == PF_END);
    return rc;
}

static void kafka_commit(struct pf_source *base, uint64_t ticket)
{
    struct kafka_source *s = (struct kafka_source *)base;
    uint64_t after = s->ticket - ticket; /* how many of the last batch are */
    int64_t position = pf_kafka_positions_take(&s->positions, ticket);

    if (after && after < s->n_given)
        position = s->records[s->n_given - after].offset;
    if (position < 0)
        return;
    pf_stats_set(s->start.stats, s->start.position_metric, (uint64_t)position);
    pf_kafka_commit_want(&s->commit, position);
}

static void kafka_close(struct pf_source *base)
{
    struct kafka_source *s = (struct kafka_source *)base;

    release_batch(s);
    /* A commit without an answer delays the destruction below until
     * socket.timeout.ms, with one core busy (librdkafka 2.0.2). The process is
     * about to end: leave the client to it. */
    if (s->commit.queue && !pf_kafka_commit_finish(&s->commit, LAST_COMMIT_MS))
        return;
    pf_kafka_commit_close(&s->commit);
    pf_kafka_wake_close(s->queue, s->wake);
    /* Nothing is left to tell the group; if the broker is gone, a close would
     * wait until the session times out. */
    if (s->rk)
        rd_kafka_destroy_flags(s->rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    free(s);
}

static const struct pf_source_ops kafka_ops = {
    .read = kafka_read,
    .commit = kafka_commit,
    .close = kafka_close,
};

static enum pf_rc start(struct kafka_source *s, rd_kafka_conf_t *conf,
                        struct pf_error *err)
{
    enum pf_rc rc = pf_kafka_resolve_init(&s->resolve, conf, err);
    char why[512];

    if (!rc) {
        s->rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
        if (!s->rk)
            rc = pf_fail(err, PF_CONFIG, "kafka: %s", why);
    }
    if (rc) {
        /* rd_kafka_new() takes ownership of conf only if it succeeds. */
        rd_kafka_conf_destroy(conf);
        return rc;
    }
    rd_kafka_poll_set_consumer(s->rk);
    s->queue = rd_kafka_queue_get_consumer(s->rk);
    rc = pf_kafka_wake_open(s->queue, &s->wake, err);
    if (!rc)
        rc = pf_kafka_commit_open(&s->commit, s->rk, s->start.topic,
                                  s->start.partition, err);
    return rc;
}

enum pf_rc pf_kafka_source_open(rd_kafka_conf_t *conf,
                                const struct pf_kafka_start *start_at,
                                struct pf_source **ret, struct pf_error *err)
{
    struct kafka_source *s = calloc(1, sizeof *s);
    enum pf_rc rc;

    if (!s) {
        rd_kafka_conf_destroy(conf);
        return pf_fail(err, PF_NOMEM, "kafka: out of memory");
    }
    s->base.ops = &kafka_ops;
    s->start = *start_at;
    s->end = (struct pf_kafka_end){.start = &s->start, .at = -1};
    s->wake = -1;
    rc = start(s, conf, err);
    if (rc) {
        kafka_close(&s->base);
        return rc;
    }
    *ret = &s->base;
    return PF_OK;
}
