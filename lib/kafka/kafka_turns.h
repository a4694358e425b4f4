/* kafka_turns.h - two transactional producers that take turns.
 *
 * A transaction that has been committed is not over: for some milliseconds
 * Kafka is writing that down, and refuses the next one of the same producer,
 * which librdkafka tries again 20 ms later. So once all records of a
 * transaction are in their topics, those that follow go to the other producer,
 * while the first one commits. Only one commits at a time: transactions end in
 * the order in which they began, in each partition and in the group's positions
 * alike. If one fails, what came after it is taken back with it.
 */
#ifndef PF_KAFKA_TURNS_H
#define PF_KAFKA_TURNS_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "kafka_lane.h"
#include "kafka_target.h"
#include "log.h"
#include "source.h"
#include "worker.h"

#define PF_KAFKA_LANES 2

/** Producers that take turns. The members are for the caller to read; the
 * worker is for its jobs as well, but only while the state is PF_TURNS_READY,
 * which it stays then. */
struct pf_kafka_turns {
    struct pf_kafka_lane lanes[PF_KAFKA_LANES];
    struct pf_kafka_lane *now; /* that is written to */
    struct pf_worker *worker;  /* does one job at a time */

    enum {
        PF_TURNS_OPENING, /* a job: no transaction yet */
        PF_TURNS_READY,   /* no job of ours */
        PF_TURNS_KEEPING, /* a job: the other lane's transaction is committed */
        PF_TURNS_ABORTING, /* a job: all that are open are taken back */
        PF_TURNS_FAILED,   /* see rc and failure */
    } state;
    enum pf_rc rc;
    struct pf_error failure;
    int64_t since_ms; /* when the job has begun */
    uint64_t final;   /* records of transactions that were committed */
    struct pf_log_limit log_limit;
};

/**
 * Open them with conf, which has a transactional.id and stays the caller's:
 * that is the first one's, and the other's is the same with "/2". *ret, all
 * zero, must be closed, whatever the outcome. The consumer must outlive it.
 *
 * PF_CONFIG, PF_IO, PF_NOMEM  as pf_kafka_lane_open() and pf_worker_open()
 */
enum pf_rc pf_kafka_turns_open(struct pf_kafka_turns *ret,
                               const rd_kafka_conf_t *conf,
                               const struct pf_kafka_target *target,
                               rd_kafka_t *consumer, struct pf_error *err);

/** May records be written now? */
bool pf_kafka_turns_may_write(const struct pf_kafka_turns *turns);

/**
 * See what has come of the job. Does not wait.
 *
 * PF_OK       there is none: the state is PF_TURNS_READY
 * PF_AGAIN    it is under way, or another one is now
 * PF_ABORTED  all that was open has been taken back
 * other       they cannot go on; *err tells why
 */
enum pf_rc pf_kafka_turns_look(struct pf_kafka_turns *turns,
                               struct pf_error *err);

/**
 * Commit the transaction, all of whose records are in their topics, with these
 * positions; from now on the other lane is written to. The state has to be
 * PF_TURNS_READY, without a job. If the group does not let it, the transaction
 * has failed, and the state stays.
 */
enum pf_rc pf_kafka_turns_keep(struct pf_kafka_turns *turns,
                               const struct pf_partition *positions, size_t n,
                               struct pf_error *err);

/**
 * Take back all that is open; with new producers if one has timed out. There
 * must be no job.
 *
 * PF_AGAIN  that is under way
 * other     they cannot go on; *err tells why
 */
enum pf_rc pf_kafka_turns_take_back(struct pf_kafka_turns *turns,
                                    struct pf_error *err);

/**
 * Close them: true. What is open is taken back first, if that ends within
 * timeout_ms. If a job does not, it is left to the end of the process, with all
 * that it uses: false.
 */
bool pf_kafka_turns_close(struct pf_kafka_turns *turns, int timeout_ms);

#endif
