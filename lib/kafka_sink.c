#include "kafka_sink.h"

#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "kafka_wake.h"
#include "log.h"
#include "stop.h"

/* Records in one call of librdkafka: enough to share its lock among, few
 * enough to stay in the processor's cache. */
#define BATCH 1000

/* Without a delivery for so long, a person should hear of it. */
#define QUIET_MS 3000

/* How long a given-up producer may take to report on what it had sent. */
#define GIVE_UP_MS 200

struct kafka_sink {
    struct pf_sink base;
    rd_kafka_t *rk;
    rd_kafka_topic_t *topic;
    rd_kafka_queue_t *queue; /* where delivery reports come */
    int wake;                /* readable when some have come */
    int32_t partition;
    struct pf_delivery delivery;
    struct pf_error failure; /* of the first record that failed */
    uint64_t seen;           /* delivered when waiting was last looked at */
    int64_t seen_ms;
    struct pf_log_limit log_limit;
    rd_kafka_message_t batch[BATCH];
};

/* One report for each record, in the order in which they were produced. */
static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *message,
                        void *opaque)
{
    struct kafka_sink *s = opaque;

    (void)rk;
    if (!message->err) {
        s->delivery.delivered++;
        return;
    }
    if (rd_kafka_message_status(message) == RD_KAFKA_MSG_STATUS_NOT_PERSISTED)
        s->delivery.failed++;
    else
        s->delivery.possibly++;
    if (!*s->failure.text)
        pf_fail(&s->failure, PF_UNDELIVERED, "kafka: %s",
                rd_kafka_err2str(message->err));
}

/* PF_FATAL, and why, if this producer can't go on at all. */
static enum pf_rc check_fatal(struct kafka_sink *s, struct pf_error *err)
{
    char reason[256];
    rd_kafka_resp_err_t why = rd_kafka_fatal_error(s->rk, reason,
                                                   sizeof reason);

    if (!why)
        return PF_OK;
    return pf_fail(err, PF_FATAL, "kafka: %s: %s", rd_kafka_err2str(why),
                   reason);
}

/* Why the first of the records that were not taken was not. */
static enum pf_rc refusal(struct kafka_sink *s, rd_kafka_resp_err_t why,
                          struct pf_error *err)
{
    if (why == RD_KAFKA_RESP_ERR__QUEUE_FULL)
        return PF_AGAIN;
    if (why == RD_KAFKA_RESP_ERR__FATAL)
        return check_fatal(s, err);
    return pf_fail(err, PF_IO, "kafka: %s", rd_kafka_err2str(why));
}

/* Offer at most BATCH records; *ret_taken is how many were taken. */
static enum pf_rc produce(struct kafka_sink *s, const struct pf_record *records,
                          size_t n, size_t *ret_taken, struct pf_error *err)
{
    for (size_t i = 0; i < n; i++) {
        /* librdkafka only reads these; C has no const for its struct. */
        s->batch[i].payload = (void *)(uintptr_t)records[i].value;
        s->batch[i].len = records[i].value_len;
        s->batch[i].key = (void *)(uintptr_t)records[i].key;
        s->batch[i].key_len = records[i].key_len;
    }
    *ret_taken = (size_t)rd_kafka_produce_batch(
        s->topic, s->partition, RD_KAFKA_MSG_F_COPY, s->batch, (int)n);
    if (*ret_taken == n)
        return PF_OK;

    /* A full queue refuses all from there on. Any other error is of one
     * record alone, and those behind it may have been taken: stop there. */
    for (size_t i = 0; i < n; i++)
        if (s->batch[i].err)
            return refusal(s, s->batch[i].err, err);
    return PF_AGAIN;
}

static enum pf_rc kafka_write(struct pf_sink *base,
                              const struct pf_record *records, size_t n,
                              size_t *ret_taken, struct pf_error *err)
{
    struct kafka_sink *s = (struct kafka_sink *)base;
    enum pf_rc rc = PF_OK;

    *ret_taken = 0;
    while (*ret_taken < n && !rc) {
        size_t size = n - *ret_taken < BATCH ? n - *ret_taken : BATCH, taken;
        int reports;

        rc = produce(s, records + *ret_taken, size, &taken, err);
        *ret_taken += taken;
        s->delivery.taken += taken;
        reports = rd_kafka_poll(s->rk, 0);
        if (rc == PF_AGAIN && reports > 0)
            rc = PF_OK; /* they have made room: try once more */
    }
    return rc;
}

/* What the reports that have come till now say. */
static enum pf_rc verdict(struct kafka_sink *s, struct pf_error *err)
{
    enum pf_rc rc = check_fatal(s, err);

    if (rc)
        return rc;
    if (s->delivery.failed || s->delivery.possibly)
        return pf_fail(err, PF_UNDELIVERED, "%s", s->failure.text);
    return s->delivery.delivered == s->delivery.taken ? PF_OK : PF_AGAIN;
}

/* Say so when nothing has been delivered for long, although there is some. */
static void look_at_waiting(struct kafka_sink *s)
{
    int64_t now = pf_now_ms();

    if (s->delivery.delivered != s->seen ||
        s->delivery.delivered == s->delivery.taken || !s->seen_ms) {
        s->seen = s->delivery.delivered;
        s->seen_ms = now;
    } else if (now - s->seen_ms >= QUIET_MS) {
        pf_log_limited(&s->log_limit, PF_LOG_WARNING,
                       "%" PRIu64 " records wait for %s [%" PRId32
                       "]: is the broker up, and does the topic exist?",
                       s->delivery.taken - s->delivery.delivered,
                       rd_kafka_topic_name(s->topic), s->partition);
    }
}

static enum pf_rc kafka_flush(struct pf_sink *base, int timeout_ms,
                              uint64_t *ret_arrived, struct pf_error *err)
{
    struct kafka_sink *s = (struct kafka_sink *)base;
    enum pf_rc rc;

    pf_kafka_wake_clear(s->wake);
    rd_kafka_poll(s->rk, 0);
    rc = verdict(s, err);
    if (rc == PF_AGAIN && timeout_ms > 0) {
        /* One wait: what comes then makes room, and the caller may go on. */
        pf_wait(s->wake, POLLIN, timeout_ms);
        pf_kafka_wake_clear(s->wake);
        rd_kafka_poll(s->rk, 0);
        rc = verdict(s, err);
    }
    look_at_waiting(s);
    *ret_arrived = s->delivery.delivered;
    return rc;
}

struct pf_delivery pf_kafka_sink_give_up(struct pf_sink *base)
{
    struct kafka_sink *s = (struct kafka_sink *)base;

    if (rd_kafka_outq_len(s->rk) > 0) {
        rd_kafka_purge(s->rk,
                       RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        rd_kafka_flush(s->rk, GIVE_UP_MS);
    }
    /* A record without a report, should there be one, may be anywhere. */
    s->delivery.possibly = s->delivery.taken - s->delivery.delivered -
                           s->delivery.failed;
    return s->delivery;
}

static void kafka_close(struct pf_sink *base)
{
    struct kafka_sink *s = (struct kafka_sink *)base;

    if (s->queue) {
        pf_kafka_wake_close(s->queue, s->wake);
        rd_kafka_queue_destroy(s->queue);
    }
    if (s->topic)
        rd_kafka_topic_destroy(s->topic);
    if (s->rk)
        rd_kafka_destroy(s->rk);
    free(s);
}

static const struct pf_sink_ops kafka_ops = {
    .name = "kafka",
    .write = kafka_write,
    .flush = kafka_flush,
    .close = kafka_close,
};

static enum pf_rc start(struct kafka_sink *s, rd_kafka_conf_t *conf,
                        const char *topic, struct pf_error *err)
{
    char why[512];

    rd_kafka_conf_set_opaque(conf, s);
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    s->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    if (!s->rk) {
        /* rd_kafka_new() takes conf over only when it succeeds. */
        rd_kafka_conf_destroy(conf);
        return pf_fail(err, PF_CONFIG, "kafka: %s", why);
    }
    s->topic = rd_kafka_topic_new(s->rk, topic, NULL);
    if (!s->topic)
        return pf_fail(err, PF_CONFIG, "kafka: topic %s: %s", topic,
                       rd_kafka_err2str(rd_kafka_last_error()));
    s->queue = rd_kafka_queue_get_main(s->rk);
    return pf_kafka_wake_open(s->queue, &s->wake, err);
}

enum pf_rc pf_kafka_sink_open(rd_kafka_conf_t *conf, const char *topic,
                              int32_t partition, struct pf_sink **ret,
                              struct pf_error *err)
{
    struct kafka_sink *s = calloc(1, sizeof *s);
    enum pf_rc rc;

    if (!s) {
        rd_kafka_conf_destroy(conf);
        return pf_fail(err, PF_NOMEM, "kafka: out of memory");
    }
    s->base.ops = &kafka_ops;
    s->wake = -1;
    s->partition = partition;
    rc = start(s, conf, topic, err);
    if (rc) {
        kafka_close(&s->base);
        return rc;
    }
    *ret = &s->base;
    return PF_OK;
}
