#include "kafka_sink.h"

#include <stdlib.h>

#include "kafka_producer.h"
#include "kafka_refusal.h"

/* How long an abandoned producer may take to report on what it has sent. */
#define GIVE_UP_MS 200

struct kafka_sink {
    struct pf_sink base;
    struct pf_kafka_producer producer;
    uint64_t failed; /* records that were refused, but did not end it */
};

static enum pf_rc kafka_write(struct pf_sink *base,
                              const struct pf_record *records, size_t n,
                              uint64_t ticket, size_t *ret_taken,
                              struct pf_error *err)
{
    struct kafka_sink *s = (struct kafka_sink *)base;
    rd_kafka_resp_err_t why;

    *ret_taken = 0;
    if (pf_kafka_producer_refuses(&s->producer))
        return PF_AGAIN; /* else something might be under way for ever */
    return pf_kafka_producer_write(&s->producer, records, n, ticket, ret_taken,
                                   &why, err);
}

/* A record was refused. Once nothing is under way, begin again. */
static enum pf_rc give_back(struct kafka_sink *s)
{
    struct pf_delivery *d = &s->producer.delivery;

    if (pf_kafka_producer_pending(&s->producer))
        return PF_AGAIN;
    s->failed += d->failed + d->possibly;
    d->taken = d->delivered;
    d->failed = d->possibly = 0;
    return PF_ABORTED;
}

/* Take the reports that have come. The result so far. */
static enum pf_rc take_reports(struct kafka_sink *s, struct pf_error *err)
{
    struct pf_kafka_producer *p = &s->producer;
    enum pf_rc rc;

    pf_kafka_producer_poll(p);
    rc = pf_kafka_fatal(p->rk, err);
    if (rc)
        return rc;
    if (pf_kafka_producer_refuses(p))
        return give_back(s);
    if (p->delivery.failed || p->delivery.possibly)
        return pf_fail(err, PF_UNDELIVERED, "%s", p->failure.text);
    return pf_kafka_producer_busy(p) ? PF_AGAIN : PF_OK;
}

static void kafka_last(struct pf_sink *base)
{
    ((struct kafka_sink *)base)->producer.last = true;
}

static enum pf_rc kafka_flush(struct pf_sink *base, int timeout_ms,
                              struct pf_arrival *ret, struct pf_error *err)
{
    struct kafka_sink *s = (struct kafka_sink *)base;
    struct pf_kafka_producer *p = &s->producer;
    enum pf_rc rc = take_reports(s, err);

    if (rc == PF_AGAIN && timeout_ms > 0) {
        /* Wait once: the reports make room, and the caller may go on. */
        pf_kafka_producer_wait(p, timeout_ms);
        rc = take_reports(s, err);
    }
    pf_kafka_producer_look(p);
    *ret = pf_tickets_arrival(&p->tickets);
    if (p->target.refuses && p->failed)
        ret->through = 0; /* reports of failures count as arrivals there */
    ret->records -= s->failed;
    return rc;
}

static bool kafka_refused(struct pf_sink *base, struct pf_error *ret)
{
    return pf_kafka_producer_refused(&((struct kafka_sink *)base)->producer,
                                     ret);
}

struct pf_delivery pf_kafka_sink_give_up(struct pf_sink *base)
{
    struct pf_kafka_producer *p = &((struct kafka_sink *)base)->producer;

    if (rd_kafka_outq_len(p->rk) > 0) {
        rd_kafka_purge(p->rk,
                       RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        rd_kafka_flush(p->rk, GIVE_UP_MS);
    }
    pf_kafka_producer_let_go(p);
    /* A record without a report, if any, may or may not be in the topic. */
    p->delivery.possibly += pf_kafka_producer_pending(p);
    return p->delivery;
}

static void kafka_close(struct pf_sink *base)
{
    pf_kafka_producer_close(&((struct kafka_sink *)base)->producer);
    free(base);
}

static const struct pf_sink_ops kafka_ops = {
    .write = kafka_write,
    .flush = kafka_flush,
    .refused = kafka_refused,
    .last = kafka_last,
    .close = kafka_close,
};

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
    rc = pf_kafka_producer_open(&s->producer, conf, target, err);
    if (rc) {
        kafka_close(&s->base);
        return rc;
    }
    *ret = &s->base;
    return PF_OK;
}
