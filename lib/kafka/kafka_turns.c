#include "kafka_turns.h"

#include <assert.h>
#include <inttypes.h>

#include "clock.h"

/* What takes longer is said. */
#define SLOW_MS 3000

static struct pf_kafka_lane *other(struct pf_kafka_turns *t)
{
    return t->now == &t->lanes[0] ? &t->lanes[1] : &t->lanes[0];
}

static void begin_job(struct pf_kafka_turns *t, int state, void (*job)(void *),
                      void *context)
{
    t->state = state;
    t->since_ms = pf_now_ms();
    pf_worker_begin(t->worker, job, context);
}

/* A job: make all ready. */
static void init(void *context)
{
    struct pf_kafka_turns *t = context;

    for (size_t i = 0; i < PF_KAFKA_LANES; i++) {
        pf_kafka_tx_init(&t->lanes[i].tx);
        if (t->lanes[i].tx.rc)
            return;
    }
}

/* A job: take back what is open. */
static void take_back(void *context)
{
    struct pf_kafka_turns *t = context;

    for (size_t i = 0; i < PF_KAFKA_LANES; i++)
        pf_kafka_lane_take_back(&t->lanes[i]);
}

static bool timed_out(const struct pf_kafka_turns *t)
{
    return pf_kafka_lane_timed_out(&t->lanes[0]) ||
           pf_kafka_lane_timed_out(&t->lanes[1]);
}

/* If there is another program with the same names, it loses all of them: else
 * each would have one of two, and both would end. */
static enum pf_rc renew(struct pf_kafka_turns *t, struct pf_error *err)
{
    enum pf_rc rc = PF_OK;

    pf_log(PF_LOG_WARNING,
           "a transaction took longer than transaction.timeout.ms, and is "
           "taken back by a new client");
    for (size_t i = 0; i < PF_KAFKA_LANES && !rc; i++)
        rc = pf_kafka_lane_renew(&t->lanes[i], err);
    return rc;
}

/* They cannot go on. */
static enum pf_rc fail(struct pf_kafka_turns *t, enum pf_rc rc,
                       struct pf_error *err)
{
    t->rc = rc;
    t->state = PF_TURNS_FAILED;
    return pf_fail(err, rc, "%s", t->failure.text);
}

enum pf_rc pf_kafka_turns_take_back(struct pf_kafka_turns *t,
                                    struct pf_error *err)
{
    enum pf_rc rc = timed_out(t) ? renew(t, &t->failure) : PF_OK;

    if (rc)
        return fail(t, rc, err);
    begin_job(t, PF_TURNS_ABORTING, take_back, t);
    return PF_AGAIN;
}

/* What was open has been taken back. */
static enum pf_rc taken_back(struct pf_kafka_turns *t, struct pf_error *err)
{
    uint64_t records = 0;

    for (size_t i = 0; i < PF_KAFKA_LANES; i++) {
        struct pf_kafka_producer *p = &t->lanes[i].producer;

        pf_kafka_producer_poll(p);
        if (p->failed && !pf_kafka_producer_refuses(p))
            return pf_fail(err, PF_UNDELIVERED, "%s", p->failure.text);
        records += t->lanes[i].records;
        pf_kafka_lane_ended(&t->lanes[i]);
    }
    pf_log_limited(&t->log_limit, PF_LOG_WARNING,
                   "a transaction of %" PRIu64
                   " records was taken back, and is done again",
                   records);
    return PF_ABORTED;
}

/* Say what keeps a job. */
static void look_at_job(struct pf_kafka_turns *t)
{
    static const char *const what[] = {
        [PF_TURNS_OPENING] = "the transactions of one before to end",
        [PF_TURNS_KEEPING] = "a transaction to be committed",
        [PF_TURNS_ABORTING] = "a transaction to be taken back"};

    if (pf_now_ms() - t->since_ms >= SLOW_MS)
        pf_log_limited(&t->log_limit, PF_LOG_WARNING,
                       "waiting for %s: is the broker up?", what[t->state]);
}

/* The result of the job that has ended: the first failure. */
static enum pf_rc job_result(const struct pf_kafka_turns *t,
                             struct pf_error *err)
{
    enum pf_rc rc = PF_OK;

    for (size_t i = 0; i < PF_KAFKA_LANES && !rc; i++)
        rc = pf_kafka_lane_result(&t->lanes[i], err);
    return rc;
}

enum pf_rc pf_kafka_turns_look(struct pf_kafka_turns *t, struct pf_error *err)
{
    enum pf_rc rc;

    if (t->state == PF_TURNS_FAILED)
        return pf_fail(err, t->rc, "%s", t->failure.text);
    if (t->state == PF_TURNS_READY)
        return PF_OK;
    if (pf_worker_busy(t->worker)) {
        look_at_job(t);
        return PF_AGAIN;
    }
    rc = job_result(t, &t->failure);
    if (rc == PF_ABORTED) {
        if (!timed_out(t))
            pf_log_limited(&t->log_limit, PF_LOG_WARNING, "%s",
                           t->failure.text);
        return pf_kafka_turns_take_back(t, err);
    }
    if (!rc && t->state == PF_TURNS_ABORTING) {
        rc = taken_back(t, &t->failure);
    } else if (!rc) {
        t->final += other(t)->records;
        pf_kafka_lane_ended(other(t));
    }
    if (rc && rc != PF_ABORTED)
        return fail(t, rc, err);
    t->state = PF_TURNS_READY;
    return rc;
}

bool pf_kafka_turns_may_write(const struct pf_kafka_turns *t)
{
    return !t->now->failed &&
           (t->state == PF_TURNS_KEEPING ||
            (t->state == PF_TURNS_READY && !pf_worker_busy(t->worker)));
}

enum pf_rc pf_kafka_turns_keep(struct pf_kafka_turns *t,
                               const struct pf_partition *positions, size_t n,
                               struct pf_error *err)
{
    struct pf_kafka_lane *kept = t->now;
    enum pf_rc rc = pf_kafka_lane_collect(kept, positions, n, err);

    if (rc == PF_ABORTED) {
        kept->failed = true;
        return PF_OK;
    }
    if (rc)
        return rc;
    t->now = other(t);
    begin_job(t, PF_TURNS_KEEPING, pf_kafka_tx_commit, &kept->tx);
    return PF_OK;
}

bool pf_kafka_turns_close(struct pf_kafka_turns *t, int timeout_ms)
{
    int64_t deadline = pf_now_ms() + timeout_ms;

    for (size_t i = 0; i < PF_KAFKA_LANES; i++)
        atomic_store(&t->lanes[i].tx.quit, true);
    if (t->worker && pf_worker_wait(t->worker, timeout_ms) == PF_OK &&
        pf_kafka_turns_look(t, NULL) != PF_AGAIN &&
        (t->lanes[0].open || t->lanes[1].open))
        begin_job(t, PF_TURNS_ABORTING, take_back, t);
    if (!pf_worker_close(t->worker, pf_left_ms(deadline)))
        return false;
    for (size_t i = 0; i < PF_KAFKA_LANES; i++)
        pf_kafka_lane_close(&t->lanes[i]);
    return true;
}

enum pf_rc pf_kafka_turns_open(struct pf_kafka_turns *ret,
                               const rd_kafka_conf_t *conf,
                               const struct pf_kafka_target *target,
                               rd_kafka_t *consumer, struct pf_error *err)
{
    static const char *const suffixes[PF_KAFKA_LANES] = {
        "", "/2" /* no name of an instance ends so */};
    enum pf_rc rc = PF_OK;

    assert(!target->on_report);
    ret->now = &ret->lanes[0];
    for (size_t i = 0; i < PF_KAFKA_LANES && !rc; i++)
        rc = pf_kafka_lane_open(&ret->lanes[i], conf, suffixes[i], target,
                                consumer, err);
    if (!rc)
        rc = pf_worker_open(&ret->worker, err);
    if (!rc)
        begin_job(ret, PF_TURNS_OPENING, init, ret);
    return rc;
}
