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

/* What is produced in one call is entered in one. */
_Static_assert(PF_KAFKA_BATCH <= PF_LEDGER_BATCH, "the ledger takes a batch");

struct kafka_sink {
    struct pf_sink base;
    rd_kafka_t *rk;
    rd_kafka_topic_t *topic;
    rd_kafka_queue_t *queue; /* of delivery reports */
    int wake;                /* readable when there are some */
    struct pf_kafka_target target;
    struct pf_delivery delivery;
    struct pf_tickets tickets;

    uint64_t queue_size; /* queue.buffering.max.messages; 0: no limit */
    bool last;           /* no record will follow */
    int64_t misplaced;   /* the first record's offset; -1: as expected */

    rd_kafka_resp_err_t failed; /* of the first record that failed */
    struct pf_error failure;    /* the same, in a sentence */
    uint64_t seen;              /* delivered when waiting was last looked at */
    int64_t seen_ms;
    struct pf_log_limit log_limit;
    struct pf_kafka_produce produce;
};

static void on_delivered(struct kafka_sink *s, uint64_t number, int64_t offset)
{
    /* If a response was lost and the request sent again, there is no offset. */
    if (!s->delivery.delivered && s->target.first_offset >= 0 && offset >= 0 &&
        offset != s->target.first_offset)
        s->misplaced = offset;
    s->delivery.delivered++;
    pf_ledger_fate(s->target.ledger, PF_ACKED, number, offset, "");
}

/* There is one report per record, in the order of production. */
static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *message,
                        void *opaque)
{
    struct kafka_sink *s = opaque;
    uint64_t number = (uintptr_t)message->_private;
    enum pf_fate fate = PF_UNKNOWN;

    (void)rk;
    if (!message->err) {
        on_delivered(s, number, message->offset);
        return;
    }
    if (rd_kafka_message_status(message) == RD_KAFKA_MSG_STATUS_NOT_PERSISTED)
        fate = PF_FAILED;
    *(fate == PF_FAILED ? &s->delivery.failed : &s->delivery.possibly) += 1;
    pf_ledger_fate(s->target.ledger, fate, number, -1,
                   rd_kafka_err2name(message->err));
    pf_kafka_refused_record(&s->failure, message, &s->failed);
}

/*
 * How many of the n records to send in one call: consecutive ones, at most a
 * batch, and with a ledger at most what the queue has room for. 0: wait for
 * reports.
 */
static size_t count_next(const struct kafka_sink *s,
                         const struct pf_record *records, size_t n)
{
    uint64_t most = PF_KAFKA_BATCH,
             under_way = s->delivery.taken - s->delivery.delivered -
                         s->delivery.failed - s->delivery.possibly;
    size_t i;

    if (s->target.first_offset >= 0 && !s->delivery.delivered)
        return !s->delivery.taken; /* wait until the first has arrived */
    if (s->target.ledger && s->queue_size && s->queue_size - under_way < most)
        most = s->queue_size - under_way;
    if (n > most)
        n = most;
    for (i = 1; i < n; i++)
        if (records[i].offset != records[i - 1].offset + 1)
            break;
    return i < n ? i : n;
}

static enum pf_rc kafka_write(struct pf_sink *base,
                              const struct pf_record *records, size_t n,
                              uint64_t ticket, size_t *ret_taken,
                              struct pf_error *err)
{
    struct kafka_sink *s = (struct kafka_sink *)base;
    enum pf_rc rc = PF_OK;

    *ret_taken = 0;
    while (*ret_taken < n && !rc) {
        const struct pf_record *next = records + *ret_taken;
        size_t size = count_next(s, next, n - *ret_taken), taken = 0;
        rd_kafka_resp_err_t why;
        int reports;

        rc = size ? pf_ledger_enter(s->target.ledger, next, size, err)
                  : PF_AGAIN;
        if (!rc) {
            why = pf_kafka_produce(&s->produce, next, size, &taken);
            rc = pf_kafka_taken(s->rk, why, err);
            pf_ledger_taken(s->target.ledger, taken);
        }
        *ret_taken += taken;
        s->delivery.taken += taken;
        pf_tickets_take(&s->tickets, ticket, taken);
        reports = rd_kafka_poll(s->rk, 0);
        if (rc == PF_AGAIN && reports > 0)
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
    rc = pf_kafka_fatal(s->rk, err);
    if (!rc)
        rc = pf_ledger_flush(s->target.ledger, err);
    if (rc)
        return rc;
    if (s->misplaced >= 0)
        return pf_fail(err, PF_FATAL,
                       "the record with which run %s goes on came to offset "
                       "%" PRId64 " of %s [%" PRId32 "] and not to %" PRId64
                       ": somebody else writes to this topic, or this run's "
                       "previous producer still did",
                       s->target.run, s->misplaced,
                       rd_kafka_topic_name(s->topic), s->target.partition,
                       s->target.first_offset);
    if (s->delivery.failed || s->delivery.possibly)
        return pf_fail(err, PF_UNDELIVERED, "%s", s->failure.text);
    return s->delivery.delivered == s->delivery.taken ? PF_OK : PF_AGAIN;
}

/* Log if records are waiting and none has been delivered for long. */
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
                       "]: is the broker up, does the topic exist, and has it "
                       "the replicas that min.insync.replicas asks for?",
                       s->delivery.taken - s->delivery.delivered,
                       rd_kafka_topic_name(s->topic), s->target.partition);
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
    /* Reports come in order; what came after a failure is not through. */
    if (!s->delivery.failed && !s->delivery.possibly)
        pf_tickets_arrive(&s->tickets,
                          s->delivery.delivered - s->tickets.arrived);
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
    pf_ledger_flush(s->target.ledger, NULL);
    /* A record without a report, if any, may or may not be in the topic. */
    s->delivery.possibly = s->delivery.taken - s->delivery.delivered -
                           s->delivery.failed;
    return s->delivery;
}

static void kafka_close(struct pf_sink *base)
{
    struct kafka_sink *s = (struct kafka_sink *)base;

    pf_kafka_wake_close(s->queue, s->wake);
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
    char why[512];

    s->queue_size = pf_kafka_conf_uint(conf, "queue.buffering.max.messages");
    rd_kafka_conf_set_opaque(conf, s);
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    s->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    if (!s->rk) {
        /* rd_kafka_new() takes ownership of conf only if it succeeds. */
        rd_kafka_conf_destroy(conf);
        return pf_fail(err, PF_CONFIG, "kafka: %s", why);
    }
    s->topic = rd_kafka_topic_new(s->rk, topic, NULL);
    if (!s->topic)
        return pf_fail(err, PF_CONFIG, "kafka: topic %s: %s", topic,
                       rd_kafka_err2str(rd_kafka_last_error()));
    s->produce = (struct pf_kafka_produce){
        .rk = s->rk,
        .topic = s->topic,
        .partition = s->target.partition,
        .run = s->target.run,
        .every_header = s->target.every_header,
    };
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
    s->misplaced = -1;
    rc = start(s, conf, err);
    if (rc) {
        kafka_close(&s->base);
        return rc;
    }
    *ret = &s->base;
    return PF_OK;
}
