/* kafka_lane.h - a transactional producer, and the transaction that it has
 * open: one of those that take turns in a sink.
 *
 * A transaction that lasts longer than transaction.timeout.ms, as the broker
 * was away or the machine asleep, is ended by Kafka, which then fences its
 * producer as it does when another one with the same transactional.id has
 * begun. librdkafka cannot go on after either. Only time tells them apart: who
 * is fenced earlier than that was fenced by another one. Who is fenced later
 * may go on with a new producer, which fences any other in turn. So if there is
 * another one, one of both goes on.
 *
 * librdkafka may lose records of a transaction: no report ever comes of them,
 * and it does not let that transaction end (2.8: of records that were on their
 * way to a partition while a broker that had just begun did not know it, see
 * kafka_producer.c). Each should have been reported within message.timeout.ms,
 * which is no longer than a transaction may last. A record that has no
 * report by then is lost, and a new producer goes on as after a fence.
 */
#ifndef PF_KAFKA_LANE_H
#define PF_KAFKA_LANE_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "kafka_producer.h"
#include "kafka_target.h"
#include "kafka_tx.h"
#include "log.h"
#include "record.h"
#include "source.h"

/** A moment, by the monotonic and by the wall clock, in milliseconds. */
struct pf_kafka_moment {
    int64_t ms, wall_ms;
};

/** A lane. All members are for the sink to read; failed is for it to set as
 * well, and open is for the job that takes the transaction back. */
struct pf_kafka_lane {
    struct pf_kafka_producer producer;
    struct pf_kafka_tx tx; /* its jobs are the sink's to begin */

    bool open;        /* there is a transaction, */
    uint64_t records; /* with this many records */
    bool failed;      /* and it has to be taken back */
    uint64_t bad;     /* records that failed in those before it */

    struct pf_kafka_moment began, wrote; /* it, and its last record */
    int64_t timeout_ms;                  /* how long it may last */

    struct pf_log_limit log_limit;

    rd_kafka_conf_t *conf; /* owned: for a new producer */
    rd_kafka_t *old;       /* the client of the one before, which is to be
                            * destroyed; NULL: none is */
};

/**
 * Open it with the configuration like, which stays the caller's; its
 * transactional.id, and then suffix, is this one's. *ret, all zero, must be
 * closed, whatever the outcome. The consumer must outlive it. Errors are those
 * of pf_kafka_producer_open(), and PF_NOMEM.
 */
enum pf_rc pf_kafka_lane_open(struct pf_kafka_lane *ret,
                              const rd_kafka_conf_t *like, const char *suffix,
                              const struct pf_kafka_target *target,
                              rd_kafka_t *consumer, struct pf_error *err);

/** As the write() of a sink, into the transaction, which begins if there is
 * none. PF_AGAIN is also for one that has to be taken back. */
enum pf_rc pf_kafka_lane_write(struct pf_kafka_lane *lane,
                               const struct pf_record *records, size_t n,
                               uint64_t ticket, size_t *ret_taken,
                               struct pf_error *err);

/**
 * Take the reports that have come. Does not wait.
 *
 * PF_OK       all its records are in their topics
 * PF_AGAIN    some are under way
 * PF_ABORTED  it has to be taken back
 * PF_FATAL    this producer cannot go on
 */
enum pf_rc pf_kafka_lane_look(struct pf_kafka_lane *lane, struct pf_error *err);

/** The transaction, which begins if there is none, gets these positions. Errors
 * are those of pf_kafka_tx_begin() and pf_kafka_tx_collect(). */
enum pf_rc pf_kafka_lane_collect(struct pf_kafka_lane *lane,
                                 const struct pf_partition *positions, size_t n,
                                 struct pf_error *err);

/** The result of the last job of tx. PF_ABORTED: the transaction has to be
 * taken back. */
enum pf_rc pf_kafka_lane_result(const struct pf_kafka_lane *lane,
                                struct pf_error *err);

/** Has the transaction lasted too long, and has Kafka fenced its producer, or
 * has librdkafka lost some of its records? Then it can be taken back with a new
 * one only. */
bool pf_kafka_lane_timed_out(const struct pf_kafka_lane *lane);

/** Give it a new producer, which is not ready. There must be no job. Errors are
 * those of pf_kafka_lane_open(); then only pf_kafka_lane_close() is left. */
enum pf_rc pf_kafka_lane_renew(struct pf_kafka_lane *lane,
                               struct pf_error *err);

/** A job: take the transaction back, if one is open; a new producer does so by
 * getting ready. */
void pf_kafka_lane_take_back(struct pf_kafka_lane *lane);

/** Its transaction has ended, one way or the other. */
void pf_kafka_lane_ended(struct pf_kafka_lane *lane);

void pf_kafka_lane_close(struct pf_kafka_lane *lane);

#endif
