#include "kafka_producer.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "kafka_conf.h"
#include "kafka_refusal.h"
#include "kafka_too_large.h"
#include "kafka_wake.h"
#include "stop.h"

/* No delivery for this long is logged. */
#define QUIET_MS 3000

/* How long a stop may go unnoticed while the last records are flushed. */
#define FLUSH_MS 10

/* Tell the tickets what has arrived. */
static void arrive(struct pf_kafka_producer *p)
{
    pf_tickets_arrive(&p->tickets, p->first, p->n);
    p->n = 0;
}

/* The record of that number has arrived. */
static void arrive_one(struct pf_kafka_producer *p, uint64_t number)
{
    if (number != p->first + p->n) {
        arrive(p);
        p->first = number;
    }
    p->n++;
}

/* May records be sent again whose topic is not known? Something has arrived, so
 * it was there. A transaction is taken back as a whole. */
static bool may_hold(const struct pf_kafka_producer *p)
{
    return !p->transactional && p->delivery.delivered;
}

/* A broker that has just begun may say for a moment that a partition does not
 * exist. librdkafka (2.8) forgets it then, and what was on its way there: it
 * fails, though it may have arrived, and if a transaction has the partition no
 * report ever comes, and the transaction cannot end. It keeps a partition for
 * whose watermarks it was asked, and sends what is left when it is there again.
 * That asks no broker. */
static void keep_partition(struct pf_kafka_producer *p,
                           const rd_kafka_message_t *report)
{
    int64_t low, high;

    if (p->kept_topic == report->rkt && p->kept == report->partition)
        return;
    p->kept_topic = report->rkt;
    p->kept = report->partition;
    rd_kafka_get_watermark_offsets(p->rk, rd_kafka_topic_name(report->rkt),
                                   report->partition, &low, &high);
}

/* One report per record, in the order in which its partition's were taken. */
static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *message,
                        void *opaque)
{
    struct pf_kafka_producer *p = opaque;
    struct pf_report report = {.number = (uintptr_t)message->_private,
                               .partition = message->partition,
                               .offset = message->err ? -1 : message->offset,
                               .reason = ""};

    (void)rk;
    if (message->err && may_hold(p) && pf_kafka_held_keep(&p->held, message))
        return;
    if (!message->err || p->transactional || p->target.refuses)
        arrive_one(p, report.number);
    if (!message->err) {
        keep_partition(p, message);
        p->delivery.delivered++;
        if (p->held.since_ms)
            pf_kafka_held_arrived(&p->held, message);
    } else {
        bool failed = rd_kafka_message_status(message) ==
                      RD_KAFKA_MSG_STATUS_NOT_PERSISTED;

        report.fate = failed ? PF_FAILED : PF_UNKNOWN;
        report.reason = rd_kafka_err2name(message->err);
        *(failed ? &p->delivery.failed : &p->delivery.possibly) += 1;
        if ((!p->transactional || !pf_kafka_may_pass(message->err)) &&
            pf_kafka_refused_record(&p->failure, message, &p->failed)) {
            p->failed_for = rd_kafka_topic_name(message->rkt);
            p->failed_size = message->len + message->key_len;
        }
    }
    if (p->target.on_report)
        p->target.on_report(p->target.context, &report);
}

void pf_kafka_producer_let_go(struct pf_kafka_producer *p)
{
    for (size_t i = 0; i < p->held.list.n; i++) {
        const struct pf_kafka_held_record *one = &p->held.list.at[i];
        struct pf_report report = {.number = one->number,
                                   .fate = PF_FAILED,
                                   .partition = one->partition,
                                   .offset = -1,
                                   .reason = rd_kafka_err2name(one->why)};

        if (p->target.refuses)
            arrive_one(p, one->number);
        p->delivery.failed++;
        if (p->target.on_report)
            p->target.on_report(p->target.context, &report);
    }
    if (p->held.list.n && !p->failed) {
        p->failed = p->held.list.at[0].why;
        p->failed_for = rd_kafka_topic_name(p->held.list.at[0].topic);
        memcpy(&p->failure, &p->held.why, sizeof p->failure);
    }
    pf_kafka_held_clear(&p->held);
}

/* Send what is kept again, once nothing else is under way. */
static void look_at_held(struct pf_kafka_producer *p)
{
    if (!p->held.list.n)
        return;
    if (!pf_kafka_held_hopes(&p->held))
        pf_kafka_producer_let_go(p);
    else if (pf_kafka_producer_pending(p) == p->held.list.n)
        pf_kafka_held_send(&p->held, p->rk);
}

/* librdkafka does not take a record, and never will. */
static enum pf_rc refuse(struct pf_kafka_producer *p,
                         const struct pf_record *record,
                         rd_kafka_resp_err_t why)
{
    p->failed = why;
    p->failed_for = rd_kafka_topic_name(p->produce.last);
    p->failed_size = record->value_len + record->key_len;
    pf_fail(&p->failure, PF_UNDELIVERED, "kafka: %s: %s", p->failed_for,
            rd_kafka_err2str(why));
    return PF_AGAIN;
}

enum pf_rc pf_kafka_producer_write(struct pf_kafka_producer *p,
                                   const struct pf_record *records, size_t n,
                                   uint64_t ticket, size_t *ret_taken,
                                   rd_kafka_resp_err_t *ret_why,
                                   struct pf_error *err)
{
    enum pf_rc rc = PF_OK;

    p->last = false;
    *ret_why = RD_KAFKA_RESP_ERR_NO_ERROR;
    *ret_taken = 0;
    while (*ret_taken < n && !rc) {
        size_t taken = 0;

        if (p->held.list.n)
            return PF_AGAIN;
        p->partition = records[*ret_taken].partition;
        *ret_why = pf_kafka_produce(&p->produce, records + *ret_taken,
                                    n - *ret_taken, &taken);
        rc = pf_kafka_taken(p->rk, *ret_why, err);
        *ret_taken += taken;
        p->delivery.taken += taken;
        pf_tickets_take(&p->tickets, ticket, taken);
        if (p->target.refuses && pf_kafka_is_records_own(*ret_why))
            return refuse(p, &records[*ret_taken], *ret_why);
        p->is_unknown = pf_kafka_is_unknown_topic(*ret_why) && may_hold(p) &&
                        pf_kafka_held_hopes(&p->held);
        if (p->is_unknown)
            return PF_AGAIN;
        if (rd_kafka_poll(p->rk, 0) > 0 && rc == PF_AGAIN)
            rc = PF_OK; /* the reports have made room: try once more */
    }
    return rc;
}

void pf_kafka_producer_poll(struct pf_kafka_producer *p)
{
    pf_kafka_wake_clear(p->wake);
    rd_kafka_poll(p->rk, 0);
    look_at_held(p);
    arrive(p);
}

bool pf_kafka_producer_busy(const struct pf_kafka_producer *p)
{
    return pf_kafka_producer_pending(p) || p->is_unknown;
}

uint64_t pf_kafka_producer_pending(const struct pf_kafka_producer *p)
{
    const struct pf_delivery *d = &p->delivery;

    return d->taken - d->delivered - d->failed - d->possibly;
}

void pf_kafka_producer_look(struct pf_kafka_producer *p)
{
    uint64_t pending = pf_kafka_producer_pending(p);
    uint64_t reported = p->delivery.taken - pending;
    int64_t now = pf_now_ms();
    char where[16] = ""; /* nowhere in particular, if keys decide */

    if (reported != p->seen || !pending || !p->seen_ms) {
        p->seen = reported;
        p->seen_ms = now;
    } else if (now - p->seen_ms >= QUIET_MS) {
        if (p->partition != PF_BY_KEY)
            snprintf(where, sizeof where, " [%" PRId32 "]", p->partition);
        pf_log_limited(&p->log_limit, PF_LOG_WARNING,
                       "%" PRIu64 " records wait for %s%s: is the broker up, "
                       "does the topic exist, and has it the replicas that "
                       "min.insync.replicas asks for?",
                       pending, rd_kafka_topic_name(p->produce.last), where);
    }
}

void pf_kafka_producer_wait(struct pf_kafka_producer *p, int timeout_ms)
{
    bool pauses = p->is_unknown || p->held.list.n;

    if (p->last && !pauses) {
        /* Only during this call are batches sent before they are full. It
         * does not notice a stop, so the second wait looks for one. */
        rd_kafka_flush(p->rk, timeout_ms < FLUSH_MS ? timeout_ms : FLUSH_MS);
        timeout_ms = 0;
    }
    if (pauses && timeout_ms > PF_KAFKA_HELD_MS)
        timeout_ms = PF_KAFKA_HELD_MS;
    p->is_unknown = false;
    pf_wait(p->wake, POLLIN, timeout_ms);
}

bool pf_kafka_producer_refuses(const struct pf_kafka_producer *p)
{
    return p->target.refuses && pf_kafka_is_records_own(p->failed);
}

bool pf_kafka_producer_refused(struct pf_kafka_producer *p,
                               struct pf_error *ret)
{
    if (!pf_kafka_producer_refuses(p))
        return false;
    if (ret && p->failed == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
        pf_kafka_too_large(p->rk, p->failed_for, p->failed_size, ret);
    else
        pf_fail(ret, PF_UNDELIVERED, "%s", p->failure.text);
    p->failed = RD_KAFKA_RESP_ERR_NO_ERROR;
    return true;
}

rd_kafka_t *pf_kafka_producer_leave(struct pf_kafka_producer *p)
{
    rd_kafka_t *rk = p->rk;

    pf_kafka_held_release(&p->held);
    pf_kafka_wake_close(p->queue, p->wake);
    pf_kafka_topics_release(&p->produce.others);
    for (size_t i = 0; i < sizeof p->topics / sizeof *p->topics; i++)
        if (p->topics[i])
            rd_kafka_topic_destroy(p->topics[i]);
    *p = (struct pf_kafka_producer){0};
    return rk;
}

void pf_kafka_producer_close(struct pf_kafka_producer *p)
{
    rd_kafka_t *rk = pf_kafka_producer_leave(p);

    if (rk)
        rd_kafka_destroy(rk);
}

/* librdkafka's handle of that topic, if there is one. */
static enum pf_rc open_topic(struct pf_kafka_producer *p, const char *name,
                             rd_kafka_topic_t **ret, struct pf_error *err)
{
    if (name)
        *ret = rd_kafka_topic_new(p->rk, name, NULL);
    if (!name || *ret)
        return PF_OK;
    return pf_fail(err, PF_CONFIG, "kafka: topic %s: %s", name,
                   rd_kafka_err2str(rd_kafka_last_error()));
}

enum pf_rc pf_kafka_producer_open(struct pf_kafka_producer *p,
                                  rd_kafka_conf_t *conf,
                                  const struct pf_kafka_target *target,
                                  struct pf_error *err)
{
    enum pf_rc rc;

    p->wake = -1;
    p->target = *target;
    rd_kafka_conf_set_opaque(conf, p);
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    rc = pf_kafka_new(RD_KAFKA_PRODUCER, conf, &p->rk, err);
    if (!rc)
        rc = open_topic(p, target->topic, &p->topics[0], err);
    if (!rc)
        rc = open_topic(p, target->dead_letters, &p->topics[1], err);
    if (rc)
        return rc;
    p->produce = (struct pf_kafka_produce){.rk = p->rk,
                                           .topic = p->topics[0],
                                           .dead_letters = p->topics[1],
                                           .moves = target->moves};
    p->queue = rd_kafka_queue_get_main(p->rk);
    return pf_kafka_wake_open(p->queue, &p->wake, err);
}
