#include "kafka_tx.h"

#include <poll.h>
#include <string.h>

#include "kafka_refusal.h"

/* The pause before a call is made again: some failures come at once. */
#define RETRY_MS 50

/* How long one call may take before it is looked whether it is still wanted. */
#define CALL_MS 1000

/* How long records under way have to arrive before they are taken back. What is
 * taken back before its partition is part of the transaction can be fatal
 * (librdkafka's issue 4849). */
#define ARRIVE_MS 200

/* What a call's failure means; PF_AGAIN: it can be made again. */
static enum pf_rc judge(struct pf_kafka_tx *tx, const char *what,
                        const rd_kafka_error_t *error)
{
    enum pf_rc rc = pf_kafka_fatal(tx->rk, &tx->err);

    if (rc)
        return rc;
    if (rd_kafka_error_txn_requires_abort(error))
        rc = PF_ABORTED;
    else if (rd_kafka_error_is_retriable(error))
        rc = PF_AGAIN;
    else
        rc = rd_kafka_error_is_fatal(error) ? PF_FATAL : PF_IO;
    return pf_fail(&tx->err, rc, "kafka: %s: %s", what,
                   rd_kafka_error_string(error));
}

/* Note the result of a call, and destroy error. True: make the call again. */
static bool try_again(struct pf_kafka_tx *tx, const char *what,
                      rd_kafka_error_t *error)
{
    tx->rc = error ? judge(tx, what, error) : PF_OK;
    rd_kafka_error_destroy(error);
    if (tx->rc != PF_AGAIN || atomic_load(&tx->quit))
        return false;
    poll(NULL, 0, RETRY_MS);
    return true;
}

void pf_kafka_tx_init(void *context)
{
    struct pf_kafka_tx *tx = context;

    while (try_again(tx, "transactions",
                     rd_kafka_init_transactions(tx->rk, CALL_MS)))
        ;
}

static void drop_offsets(struct pf_kafka_tx *tx)
{
    if (tx->offsets)
        rd_kafka_topic_partition_list_destroy(tx->offsets);
    if (tx->group)
        rd_kafka_consumer_group_metadata_destroy(tx->group);
    tx->offsets = NULL;
    tx->group = NULL;
}

void pf_kafka_tx_commit(void *context)
{
    struct pf_kafka_tx *tx = context;

    tx->rc = PF_OK;
    while (tx->offsets->cnt &&
           try_again(tx, "the positions of a transaction",
                     rd_kafka_send_offsets_to_transaction(tx->rk, tx->offsets,
                                                          tx->group, -1)))
        ;
    if (!tx->rc)
        while (try_again(tx, "the end of a transaction",
                         rd_kafka_commit_transaction(tx->rk, CALL_MS)))
            ;
    drop_offsets(tx);
}

bool pf_kafka_tx_abort(struct pf_kafka_tx *tx)
{
    rd_kafka_flush(tx->rk, ARRIVE_MS);
    return !try_again(tx, "a transaction that is taken back",
                      rd_kafka_abort_transaction(tx->rk, CALL_MS));
}

enum pf_rc pf_kafka_tx_begin(struct pf_kafka_tx *tx, struct pf_error *err)
{
    rd_kafka_error_t *error = rd_kafka_begin_transaction(tx->rk);
    enum pf_rc rc = error ? judge(tx, "a new transaction", error) : PF_OK;

    rd_kafka_error_destroy(error);
    return rc ? pf_fail(err, rc, "%s", tx->err.text) : PF_OK;
}

/* Is the consumer a member of its group? One that has lost that has no
 * generation, and Kafka would take a position from it unchecked. */
static bool is_member(rd_kafka_t *consumer)
{
    char *id = rd_kafka_memberid(consumer);
    bool is = id && *id && !rd_kafka_assignment_lost(consumer);

    rd_kafka_mem_free(consumer, id);
    return is;
}

enum pf_rc pf_kafka_tx_collect(struct pf_kafka_tx *tx,
                               const struct pf_partition *positions, size_t n,
                               struct pf_error *err)
{
    tx->group = rd_kafka_consumer_group_metadata(tx->consumer);
    if (!tx->group || !is_member(tx->consumer)) {
        drop_offsets(tx);
        return pf_fail(err, PF_ABORTED, "this member has lost its group");
    }
    tx->offsets = rd_kafka_topic_partition_list_new((int)n);
    for (size_t i = 0; i < n; i++) {
        const struct pf_partition *p = &positions[i];
        rd_kafka_topic_partition_t *at = rd_kafka_topic_partition_list_add(
            tx->offsets, p->topic, p->number);

        at->offset = p->offset;
        at->metadata = p->metadata ? strdup(p->metadata) : NULL;
        at->metadata_size = at->metadata ? strlen(at->metadata) : 0;
        if (p->metadata && !at->metadata) {
            drop_offsets(tx);
            return pf_fail(err, PF_NOMEM, "kafka: out of memory");
        }
    }
    return PF_OK;
}

void pf_kafka_tx_use(struct pf_kafka_tx *ret, rd_kafka_t *rk,
                     rd_kafka_t *consumer)
{
    ret->rk = rk;
    ret->consumer = consumer;
}

void pf_kafka_tx_release(struct pf_kafka_tx *tx)
{
    drop_offsets(tx);
}
