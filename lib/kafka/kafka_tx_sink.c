#include "kafka_tx_sink.h"

#include <stdlib.h>

#include "clock.h"
#include "kafka_find.h"
#include "kafka_turns.h"
#include "log.h"

/* How long the close waits for a job: that an open transaction is taken back,
 * which would hold back readers until it times out; or that a position is
 * found, which needs the source's client. */
#define CLOSE_MS 500
#define FIND_MS 1100

struct tx_sink {
    struct pf_sink base;
    struct pf_kafka_turns turns;
    struct pf_kafka_find find; /* its job is done by the worker of turns */
    struct pf_log_limit log_limit;
};

/* See how far it is. PF_OK: all records are in their topics, and what was kept
 * is final. */
static enum pf_rc step(struct tx_sink *s, struct pf_error *err)
{
    struct pf_kafka_turns *t = &s->turns;
    enum pf_rc job = pf_kafka_turns_look(t, err), rc;

    if (job && (job != PF_AGAIN || t->state != PF_TURNS_KEEPING))
        return job;
    rc = pf_kafka_lane_look(t->now, err);
    if (rc == PF_ABORTED)
        return t->state == PF_TURNS_READY && !pf_worker_busy(t->worker)
                   ? pf_kafka_turns_take_back(t, err)
                   : PF_AGAIN;
    if (rc || job)
        return rc ? rc : job;
    /* The worker may be asking for positions: that has no state of its own. */
    return pf_worker_busy(t->worker) ? PF_AGAIN : PF_OK;
}

/* Wait for reports, or if all have come, for the job. */
static void wait_for_news(struct pf_kafka_turns *t, int timeout_ms)
{
    bool writes = t->state == PF_TURNS_READY || t->state == PF_TURNS_KEEPING;

    if (writes && pf_kafka_producer_pending(&t->now->producer))
        pf_kafka_producer_wait(&t->now->producer, timeout_ms);
    else
        pf_worker_wait(t->worker, timeout_ms);
}

static enum pf_rc tx_write(struct pf_sink *base,
                           const struct pf_record *records, size_t n,
                           uint64_t ticket, size_t *ret_taken,
                           struct pf_error *err)
{
    struct pf_kafka_turns *t = &((struct tx_sink *)base)->turns;

    *ret_taken = 0;
    if (!n)
        return PF_OK;
    if (!pf_kafka_turns_may_write(t))
        return PF_AGAIN;
    return pf_kafka_lane_write(t->now, records, n, ticket, ret_taken, err);
}

static enum pf_rc tx_flush(struct pf_sink *base, int timeout_ms,
                           struct pf_arrival *ret, struct pf_error *err)
{
    struct tx_sink *s = (struct tx_sink *)base;
    enum pf_rc rc = step(s, err);

    if (rc == PF_AGAIN && timeout_ms > 0) {
        wait_for_news(&s->turns, timeout_ms);
        rc = step(s, err);
    }
    *ret = (struct pf_arrival){.records = s->turns.final,
                               .through = rc ? 0 : PF_TICKET_ALL};
    return rc;
}

/* Any other job ends first: what it commits, or takes back, is the answer. */
static enum pf_rc tx_position(struct pf_sink *base,
                              struct pf_partition *partition, int timeout_ms,
                              struct pf_error *err)
{
    struct tx_sink *s = (struct tx_sink *)base;
    struct pf_worker *worker = s->turns.worker;
    int64_t deadline = pf_now_ms() + timeout_ms;
    enum pf_rc rc;

    if (pf_worker_wait(worker, timeout_ms) != PF_OK)
        return PF_AGAIN;
    rc = pf_kafka_turns_look(&s->turns, err);
    if (rc)
        return rc;
    if (!pf_kafka_find_seeks(&s->find, partition)) {
        pf_worker_begin(worker, pf_kafka_find_ask, &s->find);
        if (pf_worker_wait(worker, pf_left_ms(deadline)) != PF_OK)
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
    return pf_kafka_turns_keep(&((struct tx_sink *)base)->turns, positions, n,
                               err);
}

static void tx_abort(struct pf_sink *base)
{
    struct pf_kafka_turns *t = &((struct tx_sink *)base)->turns;

    if (t->state != PF_TURNS_ABORTING) /* else all of it is */
        t->now->failed |= t->now->open;
}

static bool tx_refused(struct pf_sink *base, struct pf_error *ret)
{
    struct pf_kafka_turns *t = &((struct tx_sink *)base)->turns;
    bool refused = false;

    for (size_t i = 0; i < PF_KAFKA_LANES; i++)
        refused |= pf_kafka_producer_refused(&t->lanes[i].producer,
                                             refused ? NULL : ret);
    return refused;
}

static void tx_last(struct pf_sink *base)
{
    ((struct tx_sink *)base)->turns.now->producer.last = true;
}

/* What Kafka does not let end is left to the end of the process. */
static void tx_close(struct pf_sink *base)
{
    struct tx_sink *s = (struct tx_sink *)base;
    bool seeks = s->turns.worker && s->turns.state == PF_TURNS_READY &&
                 pf_worker_busy(s->turns.worker);

    if (!pf_kafka_turns_close(&s->turns, seeks ? FIND_MS : CLOSE_MS))
        return;
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
    .refused = tx_refused,
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
    rc = pf_kafka_turns_open(&s->turns, conf, target, consumer, err);
    rd_kafka_conf_destroy(conf);
    if (rc) {
        tx_close(&s->base);
        return rc;
    }
    pf_kafka_find_init(&s->find, consumer);
    *ret = &s->base;
    return PF_OK;
}
