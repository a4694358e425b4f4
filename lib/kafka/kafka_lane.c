#include "kafka_lane.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "kafka_conf.h"
#include "kafka_refusal.h"

static uint64_t count_bad(const struct pf_kafka_lane *lane)
{
    const struct pf_delivery *d = &lane->producer.delivery;

    return d->failed + d->possibly;
}

static struct pf_kafka_moment now(void)
{
    return (struct pf_kafka_moment){.ms = pf_now_ms(),
                                    .wall_ms = pf_wall_ns() / 1000000};
}

/* Is that as long ago as a transaction may last? While a machine sleeps its
 * monotonic clock may stand still, and the wall clock may be set back. */
static bool is_over(const struct pf_kafka_lane *lane,
                    struct pf_kafka_moment then)
{
    struct pf_kafka_moment at = now();

    return at.ms - then.ms >= lane->timeout_ms ||
           at.wall_ms - then.wall_ms >= lane->timeout_ms;
}

/* Are records under way that should have been reported long ago? */
static bool has_lost(const struct pf_kafka_lane *lane)
{
    return pf_kafka_producer_pending(&lane->producer) &&
           is_over(lane, lane->wrote);
}

static bool is_fenced(const struct pf_kafka_lane *lane)
{
    char why[8];

    return rd_kafka_fatal_error(lane->producer.rk, why, sizeof why) ==
           RD_KAFKA_RESP_ERR__FENCED;
}

bool pf_kafka_lane_timed_out(const struct pf_kafka_lane *lane)
{
    return lane->open && is_over(lane, lane->began) &&
           (is_fenced(lane) || has_lost(lane));
}

static enum pf_rc begin(struct pf_kafka_lane *lane, struct pf_error *err)
{
    enum pf_rc rc;

    if (lane->open)
        return PF_OK;
    rc = pf_kafka_tx_begin(&lane->tx, err);
    if (rc)
        return rc;
    pf_kafka_producer_look(&lane->producer); /* nothing has waited so far */
    lane->open = true;
    lane->began = now();
    return PF_OK;
}

enum pf_rc pf_kafka_lane_write(struct pf_kafka_lane *lane,
                               const struct pf_record *records, size_t n,
                               uint64_t ticket, size_t *ret_taken,
                               struct pf_error *err)
{
    enum pf_rc rc = begin(lane, err);
    rd_kafka_resp_err_t why;

    if (rc)
        return rc;
    rc = pf_kafka_producer_write(&lane->producer, records, n, ticket, ret_taken,
                                 &why, err);
    lane->records += *ret_taken;
    if (*ret_taken)
        lane->wrote = now();
    lane->failed |= pf_kafka_producer_refuses(&lane->producer);
    if (why != RD_KAFKA_RESP_ERR__STATE && !pf_kafka_may_pass(why) &&
        (rc != PF_FATAL || !pf_kafka_lane_timed_out(lane)))
        return rc;
    if (why && why != RD_KAFKA_RESP_ERR__STATE && *ret_taken < n)
        pf_log_limited(&lane->log_limit, PF_LOG_WARNING,
                       "a record cannot be written to its partition, number "
                       "%" PRId32 ": %s",
                       records[*ret_taken].partition, rd_kafka_err2str(why));
    lane->failed = true;
    return PF_AGAIN;
}

enum pf_rc pf_kafka_lane_look(struct pf_kafka_lane *lane, struct pf_error *err)
{
    struct pf_kafka_producer *p = &lane->producer;
    enum pf_rc rc;

    pf_kafka_producer_poll(p);
    if (pf_kafka_lane_timed_out(lane))
        return PF_ABORTED;
    rc = pf_kafka_fatal(p->rk, err);
    if (rc)
        return rc;
    if (lane->failed || count_bad(lane) != lane->bad)
        return PF_ABORTED;
    pf_kafka_producer_look(p);
    return pf_kafka_producer_pending(p) ? PF_AGAIN : PF_OK;
}

enum pf_rc pf_kafka_lane_collect(struct pf_kafka_lane *lane,
                                 const struct pf_partition *positions, size_t n,
                                 struct pf_error *err)
{
    enum pf_rc rc = begin(lane, err);

    return rc ? rc : pf_kafka_tx_collect(&lane->tx, positions, n, err);
}

enum pf_rc pf_kafka_lane_result(const struct pf_kafka_lane *lane,
                                struct pf_error *err)
{
    enum pf_rc rc = lane->tx.rc;

    if ((rc == PF_FATAL || rc == PF_AGAIN) && pf_kafka_lane_timed_out(lane))
        rc = PF_ABORTED;
    return rc ? pf_fail(err, rc, "%s", lane->tx.err.text) : PF_OK;
}

void pf_kafka_lane_take_back(struct pf_kafka_lane *lane)
{
    bool is_new = lane->old;

    if (is_new)
        rd_kafka_destroy(lane->old);
    lane->old = NULL;
    lane->tx.rc = PF_OK;
    if (lane->open && is_new)
        pf_kafka_tx_init(&lane->tx);
    else if (lane->open)
        while (!pf_kafka_tx_abort(&lane->tx) && !pf_kafka_lane_timed_out(lane))
            ;
    lane->open = lane->tx.rc;
}

void pf_kafka_lane_ended(struct pf_kafka_lane *lane)
{
    lane->open = lane->failed = false;
    lane->records = 0;
    lane->bad = count_bad(lane);
}

void pf_kafka_lane_close(struct pf_kafka_lane *lane)
{
    pf_kafka_producer_close(&lane->producer);
    pf_kafka_tx_release(&lane->tx);
    if (lane->old)
        rd_kafka_destroy(lane->old);
    if (lane->conf)
        rd_kafka_conf_destroy(lane->conf);
}

static enum pf_rc open_producer(struct pf_kafka_lane *lane,
                                const struct pf_kafka_target *target,
                                rd_kafka_t *consumer, struct pf_error *err)
{
    enum pf_rc rc;

    lane->producer.transactional = true;
    rc = pf_kafka_producer_open(&lane->producer, rd_kafka_conf_dup(lane->conf),
                                target, err);
    if (!rc)
        pf_kafka_tx_use(&lane->tx, lane->producer.rk, consumer);
    return rc;
}

/* What was open is open until the new one is ready, and that may take as long
 * again. */
enum pf_rc pf_kafka_lane_renew(struct pf_kafka_lane *lane, struct pf_error *err)
{
    struct pf_kafka_target target = lane->producer.target;
    enum pf_rc rc;

    lane->old = pf_kafka_producer_leave(&lane->producer);
    lane->bad = 0;
    lane->began = now();
    rc = open_producer(lane, &target, lane->tx.consumer, err);
    lane->open = !rc;
    return rc;
}

/* Its transactional.id gets that suffix. */
static enum pf_rc add_suffix(rd_kafka_conf_t *conf, const char *suffix,
                             struct pf_error *err)
{
    size_t len = 0;
    char *id;

    rd_kafka_conf_get(conf, "transactional.id", NULL, &len);
    len += strlen(suffix) + 1;
    id = calloc(1, len);
    if (!id)
        return pf_fail(err, PF_NOMEM, "kafka: out of memory");
    rd_kafka_conf_get(conf, "transactional.id", id, &len);
    strcat(id, suffix);
    rd_kafka_conf_set(conf, "transactional.id", id, NULL, 0);
    free(id);
    return PF_OK;
}

enum pf_rc pf_kafka_lane_open(struct pf_kafka_lane *ret,
                              const rd_kafka_conf_t *like, const char *suffix,
                              const struct pf_kafka_target *target,
                              rd_kafka_t *consumer, struct pf_error *err)
{
    enum pf_rc rc;

    ret->conf = rd_kafka_conf_dup(like);
    ret->timeout_ms = (int64_t)pf_kafka_conf_uint(ret->conf,
                                                  "transaction.timeout.ms");
    rc = add_suffix(ret->conf, suffix, err);
    return rc ? rc : open_producer(ret, target, consumer, err);
}
