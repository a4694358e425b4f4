#include "kafka_sink.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "kafka_conf.h"
#include "kafka_produce.h"
#include "kafka_refusal.h"
#include "kafka_wake.h"
#include "log.h"
#include "stop.h"

/* No delivery for this long is logged. */
#define QUIET_MS 3000

/* How long an abandoned producer may take to report on what it has sent. */
#define GIVE_UP_MS 200

/* How long a stop may go unnoticed while the last records are flushed. */
#define FLUSH_MS 10

struct kafka_sink {
    struct pf_sink base;
    rd_kafka_t *rk;
    rd_kafka_topic_t *topic;
    rd_kafka_queue_t *queue; /* of delivery reports */
    int wake;                /* readable when there are some */
    struct pf_kafka_target target;
    struct pf_delivery delivery;
    struct pf_tickets tickets;
    uint64_t first, n; /* records that have arrived: n from number first on */
    int32_t partition; /* of the last record taken */
    bool last;         /* none follows before the next flush */

    rd_kafka_resp_err_t failed; /* of the first record that failed */
    struct pf_error failure;    /* the same, in a sentence */
    uint64_t seen;              /* delivered when waiting was last looked at */
    int64_t seen_ms;
    struct pf_log_limit log_limit;
    struct pf_kafka_produce produce;
};

/* Tell the tickets what has arrived. */
static void arrive(struct kafka_sink *s)
{
    pf_tickets_arrive(&s->tickets, s->first, s->n);
    s->n = 0;
}

/* One report per record, in the order in which its partition's were taken. */
static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *message,
                        void *opaque)
{
    struct kafka_sink *s = opaque;
    struct pf_report report = {.number = (uintptr_t)message->_private,
                               .partition = message->partition,
                               .offset = message->err ? -1 : message->offset,
                               .reason = ""};

    (void)rk;
    if (!message->err) {
        s->delivery.delivered++;
        if (report.number != s->first + s->n) {
            arrive(s);
            s->first = report.number;
        }
        s->n++;
    } else {
        bool failed = rd_kafka_message_status(message) ==
                      RD_KAFKA_MSG_STATUS_NOT_PERSISTED;

        report.fate = failed ? PF_FAILED : PF_UNKNOWN;
        report.reason = rd_kafka_err2name(message->err);
        *(failed ? &s->delivery.failed : &s->delivery.possibly) += 1;
        pf_kafka_refused_record(&s->failure, message, &s->failed);
    }
    if (s->target.on_report)
        s->target.on_report(s->target.context, &report);
}

static enum pf_rc kafka_write(struct pf_sink *base,
                              const struct pf_record *records, size_t n,
                              uint64_t ticket, size_t *ret_taken,
                              struct pf_error *err)
{
    struct kafka_sink *s = (struct kafka_sink *)base;
    enum pf_rc rc = PF_OK;

    s->last = false;
    *ret_taken = 0;
    while (*ret_taken < n && !rc) {
        rd_kafka_resp_err_t why;
        size_t taken = 0;

        s->partition = records[*ret_taken].partition;
        why = pf_kafka_produce(&s->produce, records + *ret_taken,
                               n - *ret_taken, &taken);
        rc = pf_kafka_taken(s->rk, why, err);
        *ret_taken += taken;
        s->delivery.taken += taken;
        pf_tickets_take(&s->tickets, ticket, taken);
        if (rd_kafka_poll(s->rk, 0) > 0 && rc == PF_AGAIN)
            rc = PF_OK; /* the reports have made room: try once more */
    }
    return rc;
}

/* Take the reports that have come. The result so far. */
static enum pf_rc take_reports(struct kafka_sink *s, struct pf_error *err)
{
    enum pf_rc rc;

    pf_kafka_wake_clear(s->wake);
    rd_kafka_poll(s->rk, 0);
    arrive(s);
    rc = pf_kafka_fatal(s->rk, err);
    if (rc)
        return rc;
    if (s->delivery.failed || s->delivery.possibly)
        return pf_fail(err, PF_UNDELIVERED, "%s", s->failure.text);
    return s->delivery.delivered == s->delivery.taken ? PF_OK : PF_AGAIN;
}

/* Log if records are waiting and none has been delivered for long. */
static void look_at_waiting(struct kafka_sink *s)
{
    int64_t now = pf_now_ms();
    char where[16] = ""; /* nowhere in particular, if keys decide */

    if (s->delivery.delivered != s->seen ||
        s->delivery.delivered == s->delivery.taken || !s->seen_ms) {
        s->seen = s->delivery.delivered;
        s->seen_ms = now;
    } else if (now - s->seen_ms >= QUIET_MS) {
        if (s->partition != PF_BY_KEY)
            snprintf(where, sizeof where, " [%" PRId32 "]", s->partition);
        pf_log_limited(&s->log_limit, PF_LOG_WARNING,
                       "%" PRIu64 " records wait for %s%s: is the broker up, "
                       "does the topic exist, and has it the replicas that "
                       "min.insync.replicas asks for?",
                       s->delivery.taken - s->delivery.delivered,
                       rd_kafka_topic_name(s->produce.last), where);
    }
}

static void kafka_last(struct pf_sink *base)
{
    ((struct kafka_sink *)base)->last = true;
}

/* Wait for delivery reports, or until a stop is asked for. */
static void wait_for_news(struct kafka_sink *s, int timeout_ms)
{
    if (s->last) {
        /* Only during this call are batches sent before they are full. It
         * does not notice a stop, so the second wait looks for one. */
        rd_kafka_flush(s->rk, timeout_ms < FLUSH_MS ? timeout_ms : FLUSH_MS);
        timeout_ms = 0;
    }
    pf_wait(s->wake, POLLIN, timeout_ms);
}

static enum pf_rc kafka_flush(struct pf_sink *base, int timeout_ms,
                              struct pf_arrival *ret, struct pf_error *err)
{
    struct kafka_sink *s = (struct kafka_sink *)base;
    enum pf_rc rc = take_reports(s, err);

    if (rc == PF_AGAIN && timeout_ms > 0) {
        /* Wait once: the reports make room, and the caller may go on. */
        wait_for_news(s, timeout_ms);
        rc = take_reports(s, err);
    }
    look_at_waiting(s);
    *ret = pf_tickets_arrival(&s->tickets);
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
    /* A record without a report, if any, may or may not be in the topic. */
    s->delivery.possibly = s->delivery.taken - s->delivery.delivered -
                           s->delivery.failed;
    return s->delivery;
}

static void kafka_close(struct pf_sink *base)
{
    struct kafka_sink *s = (struct kafka_sink *)base;

    pf_kafka_wake_close(s->queue, s->wake);
    pf_kafka_topics_release(&s->produce.others);
    if (s->topic)
        rd_kafka_topic_destroy(s->topic);
    if (s->rk)
        rd_kafka_destroy(s->rk);
    free(s);
}

static const struct pf_sink_ops kafka_ops = {
    .write = kafka_write,
    .flush = kafka_flush,
    .last = kafka_last,
    .close = kafka_close,
};

static enum pf_rc start(struct kafka_sink *s, rd_kafka_conf_t *conf,
                        struct pf_error *err)
{
    const char *topic = s->target.topic;
    enum pf_rc rc;

    rd_kafka_conf_set_opaque(conf, s);
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    rc = pf_kafka_new(RD_KAFKA_PRODUCER, conf, &s->rk, err);
    if (rc)
        return rc;
    if (topic)
        s->topic = rd_kafka_topic_new(s->rk, topic, NULL);
    if (topic && !s->topic)
        return pf_fail(err, PF_CONFIG, "kafka: topic %s: %s", topic,
                       rd_kafka_err2str(rd_kafka_last_error()));
    s->produce = (struct pf_kafka_produce){.rk = s->rk, .topic = s->topic};
    s->queue = rd_kafka_queue_get_main(s->rk);
    return pf_kafka_wake_open(s->queue, &s->wake, err);
}

enum pf_rc pf_kafka_sink_open(rd_kafka_conf_t *conf,
                              const struct pf_kafka_target *target,
                              struct pf_sink **ret, struct pf_error *err)
{
    struct kafka_sink *s = calloc(1, sizeof *s);
    enum pf_rc rc;

    if (!s) {
        rd_kafka_conf_destroy(conf);
        return pf_fail(err, PF_NOMEM, "kafka: out of memory");
    }
    s->base.ops = &kafka_ops;
    s->wake = -1;
    s->target = *target;
    rc = start(s, conf, err);
    if (rc) {
        kafka_close(&s->base);
        return rc;
    }
    *ret = &s->base;
    return PF_OK;
}
