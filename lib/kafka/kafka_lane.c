#include "kafka_lane.h"

#include <stdlib.h>
#include <string.h>

#include "kafka_refusal.h"

static uint64_t count_bad(const struct pf_kafka_lane *lane)
{
    const struct pf_delivery *d = &lane->producer.delivery;

    return d->failed + d->possibly;
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
    lane->failed |= pf_kafka_producer_refuses(&lane->producer);
    if (why != RD_KAFKA_RESP_ERR__STATE && !pf_kafka_may_pass(why))
        return rc;
    lane->failed = true;
    return PF_AGAIN;
}

enum pf_rc pf_kafka_lane_look(struct pf_kafka_lane *lane, struct pf_error *err)
{
    struct pf_kafka_producer *p = &lane->producer;
    enum pf_rc rc;

    pf_kafka_producer_poll(p);
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
    rd_kafka_conf_t *conf = rd_kafka_conf_dup(like);
    enum pf_rc rc = add_suffix(conf, suffix, err);

    ret->producer.transactional = true;
    if (rc)
        rd_kafka_conf_destroy(conf);
    else
        rc = pf_kafka_producer_open(&ret->producer, conf, target, err);
    if (!rc)
        pf_kafka_tx_use(&ret->tx, ret->producer.rk, consumer);
    return rc;
}
