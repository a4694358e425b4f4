#include "kafka_tx_sink.h"

#include <inttypes.h>
#include <stdlib.h>

#include "clock.h"
#include "kafka_find.h"
#include "kafka_producer.h"
#include "kafka_refusal.h"
#include "kafka_tx.h"
#include "log.h"
#include "worker.h"

/* How long the close waits for a job: that an open transaction is taken back,
 * which would hold back readers until it times out; or that a position is
 * found, which needs the source's client. */
#define CLOSE_MS 500
#define FIND_MS 1100

/* What takes longer is said. */
#define SLOW_MS 3000

struct tx_sink {
    struct pf_sink base;
    struct pf_kafka_producer producer;
    struct pf_kafka_tx tx;
    struct pf_kafka_find find;
    struct pf_worker *worker;

    enum state {
        OPENING,  /* a job: no transaction yet */
        READY,    /* no transaction, but a position may be sought */
        OPEN,     /* a transaction with records; the same */
        KEEPING,  /* a job: it is committed */
        ABORTING, /* a job: it is taken back */
        FAILED    /* see rc and err of tx */
    } state;
    bool unwanted;    /* the open one has to be taken back */
    bool full;        /* there was no room for a record */
    int64_t since_ms; /* when the job has begun */
    uint64_t final;   /* records of transactions that were committed */
    uint64_t in_it;   /* records of the one that is open */
    uint64_t bad;     /* records that failed in those before it */
    struct pf_log_limit log_limit;
};

static void begin_job(struct tx_sink *s, void (*job)(void *tx))
{
    s->since_ms = pf_now_ms();
    pf_worker_begin(s->worker, job, &s->tx);
}

static uint64_t count_bad(const struct tx_sink *s)
{
    return s->producer.delivery.failed + s->producer.delivery.possibly;
}

/* Take the transaction back. */
static enum pf_rc take_back(struct tx_sink *s)
{
    s->unwanted = false;
    s->state = ABORTING;
    begin_job(s, pf_kafka_tx_abort);
    return PF_AGAIN;
}

/* The transaction has been taken back. */
static enum pf_rc taken_back(struct tx_sink *s, struct pf_error *err)
{
    struct pf_kafka_producer *p = &s->producer;

    pf_kafka_producer_poll(p);
    if (p->failed)
        return pf_fail(err, PF_UNDELIVERED, "%s", p->failure.text);
    pf_log_limited(&s->log_limit, PF_LOG_WARNING,
                   "a transaction of %" PRIu64
                   " records was taken back, and is done again",
                   s->in_it);
    s->state = READY;
    s->full = false;
    s->in_it = 0;
    s->bad = count_bad(s);
    return PF_ABORTED;
}

/* A job has ended: what has come of it. */
static enum pf_rc end_job(struct tx_sink *s, struct pf_error *err)
{
    enum state was = s->state;

    if (s->tx.rc == PF_ABORTED) {
        pf_log_limited(&s->log_limit, PF_LOG_WARNING, "%s", s->tx.err.text);
        return take_back(s);
    }
    if (s->tx.rc) {
        s->state = FAILED;
        return pf_fail(err, s->tx.rc, "%s", s->tx.err.text);
    }
    if (was == ABORTING)
        return taken_back(s, err);
    if (was == KEEPING)
        s->final += s->in_it;
    s->state = READY;
    s->in_it = 0;
    return PF_OK;
}

/* Say what keeps a job. */
static void look_at_job(struct tx_sink *s)
{
    static const char *const what[] = {
        [OPENING] = "the transactions of one before to end",
        [KEEPING] = "a transaction to be committed",
        [ABORTING] = "a transaction to be taken back"};

    if (pf_now_ms() - s->since_ms >= SLOW_MS)
        pf_log_limited(&s->log_limit, PF_LOG_WARNING,
                       "waiting for %s: is the broker up?", what[s->state]);
}

/* See how far it is. PF_OK: what was taken is in the transaction, or final. */
static enum pf_rc step(struct tx_sink *s, struct pf_error *err)
{
    struct pf_kafka_producer *p = &s->producer;
    enum pf_rc rc;

    if (s->state == FAILED)
        return pf_fail(err, s->tx.rc, "%s", s->tx.err.text);
    if (s->state == OPENING || s->state == KEEPING || s->state == ABORTING) {
        if (!pf_worker_busy(s->worker))
            return end_job(s, err);
        look_at_job(s);
        return PF_AGAIN;
    }
    pf_kafka_producer_poll(p);
    rc = pf_kafka_fatal(p->rk, err);
    if (rc)
        return rc;
    if (s->unwanted || count_bad(s) != s->bad)
        return pf_worker_busy(s->worker) ? PF_AGAIN : take_back(s);
    pf_kafka_producer_look(p);
    return s->full ? PF_AGAIN : PF_OK;
}

/* Wait for a job, or for reports. */
static void wait_for_news(struct tx_sink *s, int timeout_ms)
{
    if (pf_worker_busy(s->worker))
        pf_worker_wait(s->worker, timeout_ms);
    else
        pf_kafka_producer_wait(&s->producer, timeout_ms);
}

static enum pf_rc tx_write(struct pf_sink *base,
                           const struct pf_record *records, size_t n,
                           uint64_t ticket, size_t *ret_taken,
                           struct pf_error *err)
{
    struct tx_sink *s = (struct tx_sink *)base;
    rd_kafka_resp_err_t why;
    enum pf_rc rc = PF_OK;

    *ret_taken = 0;
    if (!n)
        return PF_OK;
    if (s->unwanted || pf_worker_busy(s->worker) ||
        (s->state != READY && s->state != OPEN))
        return PF_AGAIN;
    if (s->state == READY)
        rc = pf_kafka_tx_begin(&s->tx, err);
    if (rc)
        return rc;
    s->state = OPEN;
    rc = pf_kafka_producer_write(&s->producer, records, n, ticket, ret_taken,
                                 &why, err);
    s->in_it += *ret_taken;
    s->full = rc == PF_AGAIN;
    if (why != RD_KAFKA_RESP_ERR__STATE)
        return rc;
    s->unwanted = true; /* the transaction has failed */
    return PF_AGAIN;
}

static enum pf_rc tx_flush(struct pf_sink *base, int timeout_ms,
                           struct pf_arrival *ret, struct pf_error *err)
{
    struct tx_sink *s = (struct tx_sink *)base;
    int64_t deadline = pf_now_ms() + timeout_ms;
    enum pf_rc rc = step(s, err);

    if (rc == PF_AGAIN && timeout_ms > 0) {
        wait_for_news(s, pf_left_ms(deadline));
        s->full = false;
        rc = step(s, err);
    }
    *ret = (struct pf_arrival){.records = s->final,
                               .through = rc ? 0 : PF_TICKET_ALL};
    return rc;
}

/* Any other job ends first: what it commits, or takes back, is the answer. */
static enum pf_rc tx_position(struct pf_sink *base,
                              struct pf_partition *partition, int timeout_ms,
                              struct pf_error *err)
{
    struct tx_sink *s = (struct tx_sink *)base;
    int64_t deadline = pf_now_ms() + timeout_ms;
    enum pf_rc rc = PF_OK;

    if (pf_worker_wait(s->worker, timeout_ms) != PF_OK)
        return PF_AGAIN;
    if (s->state != READY && s->state != OPEN)
        rc = step(s, err);
    if (rc)
        return rc;
    if (!pf_kafka_find_seeks(&s->find, partition)) {
        pf_worker_begin(s->worker, pf_kafka_find_ask, &s->find);
        if (pf_worker_wait(s->worker, pf_left_ms(deadline)) != PF_OK)
            return PF_AGAIN;
    }
    rc = pf_kafka_find_tell(&s->find, partition, err);
    if (rc == PF_AGAIN)
        pf_log_limited(&s->log_limit, PF_LOG_INFO, "%s: waiting",
                       s->find.err.text);
    return rc;
}

static enum pf_rc tx_keep(struct pf_sink *base,
                          const struct pf_partition *positions, size_t n,
                          struct pf_error *err)
{
    struct tx_sink *s = (struct tx_sink *)base;
    enum pf_rc rc = PF_OK;

    if (s->state == READY)
        rc = pf_kafka_tx_begin(&s->tx, err);
    if (!rc) {
        s->state = OPEN;
        rc = pf_kafka_tx_collect(&s->tx, positions, n, err);
    }
    if (rc == PF_ABORTED) {
        s->unwanted = true;
        return PF_OK;
    }
    if (rc)
        return rc;
    s->state = KEEPING;
    begin_job(s, pf_kafka_tx_commit);
    return PF_OK;
}

static void tx_abort(struct pf_sink *base)
{
    struct tx_sink *s = (struct tx_sink *)base;

    s->unwanted |= s->state == OPEN;
}

static void tx_last(struct pf_sink *base)
{
    ((struct tx_sink *)base)->producer.last = true;
}

/* What Kafka does not let end is left to the end of the process. */
static void tx_close(struct pf_sink *base)
{
    struct tx_sink *s = (struct tx_sink *)base;

    bool finds = s->worker && pf_worker_busy(s->worker) &&
                 (s->state == READY || s->state == OPEN);

    if (s->state == OPEN && !finds)
        take_back(s);
    atomic_store(&s->tx.quit, true);
    if (!pf_worker_close(s->worker, finds ? FIND_MS : CLOSE_MS))
        return;
    pf_kafka_producer_close(&s->producer);
    pf_kafka_tx_release(&s->tx);
    pf_kafka_find_release(&s->find);
    free(s);
}

static const struct pf_sink_ops tx_ops = {
    .write = tx_write,
    .flush = tx_flush,
    .position = tx_position,
    .keeper = "the position of its last transaction",
    .keep = tx_keep,
    .abort = tx_abort,
    .last = tx_last,
    .close = tx_close,
};

enum pf_rc pf_kafka_tx_sink_open(rd_kafka_conf_t *conf,
                                 const struct pf_kafka_target *target,
                                 rd_kafka_t *consumer, struct pf_sink **ret,
                                 struct pf_error *err)
{
    struct tx_sink *s = calloc(1, sizeof *s);
    enum pf_rc rc;

    if (!s) {
        rd_kafka_conf_destroy(conf);
        return pf_fail(err, PF_NOMEM, "kafka: out of memory");
    }
    s->base.ops = &tx_ops;
    s->producer.transactional = true;
    s->state = READY; /* there is nothing to wait for yet */
    rc = pf_kafka_producer_open(&s->producer, conf, target, err);
    if (!rc)
        rc = pf_worker_open(&s->worker, err);
    if (rc) {
        tx_close(&s->base);
        return rc;
    }
    pf_kafka_tx_use(&s->tx, s->producer.rk, consumer);
    pf_kafka_find_init(&s->find, consumer);
    s->state = OPENING;
    begin_job(s, pf_kafka_tx_init);
    *ret = &s->base;
    return PF_OK;
}
