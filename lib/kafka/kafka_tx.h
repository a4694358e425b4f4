/* kafka_tx.h - the calls of a transactional producer that wait: jobs for a
 * thread of their own (worker.h).
 *
 * rd_kafka_send_offsets_to_transaction() waits for the group's coordinator
 * without a limit, whatever it is told (librdkafka's issue 5456). So none of
 * these calls is made where a stop has to be noticed.
 */
#ifndef PF_KAFKA_TX_H
#define PF_KAFKA_TX_H

#include <librdkafka/rdkafka.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "error.h"
#include "source.h"

/** One client's transactions. While a job is under way, all but quit is its. */
struct pf_kafka_tx {
    rd_kafka_t *rk;
    rd_kafka_t *consumer; /* of the group whose positions are committed */
    atomic_bool quit;     /* nobody wants the result any more */

    /* What pf_kafka_tx_commit() commits, both owned; NULL: nothing. */
    rd_kafka_topic_partition_list_t *offsets;
    rd_kafka_consumer_group_metadata_t *group;

    /* The result of the last job. PF_ABORTED: the transaction has failed, and
     * must be taken back. */
    enum pf_rc rc;
    struct pf_error err;
};

/** *ret, all zero, is for the transactions of rk, with the positions of
 * consumer's group. Both stay the caller's. */
void pf_kafka_tx_use(struct pf_kafka_tx *ret, rd_kafka_t *rk,
                     rd_kafka_t *consumer);

/** Free what it owns. */
void pf_kafka_tx_release(struct pf_kafka_tx *tx);

/* The jobs. A context is a struct pf_kafka_tx. */

/** Make the producer ready: what one before it has left open is taken back. */
void pf_kafka_tx_init(void *context);

/** Commit the transaction, with what was collected. */
void pf_kafka_tx_commit(void *context);

/** Part of a job: try to take the transaction back. False: not yet, the same
 * call has to be made again. */
bool pf_kafka_tx_abort(struct pf_kafka_tx *tx);

/* These do not wait for a broker, and must not be called during a job. */

/** Begin a transaction. PF_FATAL, PF_IO: it cannot. */
enum pf_rc pf_kafka_tx_begin(struct pf_kafka_tx *tx, struct pf_error *err);

/**
 * The transaction gets these positions, on behalf of the consumer as the member
 * of its group that it is now.
 *
 * PF_ABORTED  it is not one: the transaction must be taken back
 * PF_NOMEM    out of memory
 */
enum pf_rc pf_kafka_tx_collect(struct pf_kafka_tx *tx,
                               const struct pf_partition *positions, size_t n,
                               struct pf_error *err);

#endif
