/* kafka_commit.h - a consumer's positions, committed in the background. */
#ifndef PF_KAFKA_COMMIT_H
#define PF_KAFKA_COMMIT_H

#include <librdkafka/rdkafka.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "kafka_parts.h"
#include "log.h"

/* For a broker a commit is one more record to write: at 1000 prices a second,
 * a commit after each price made it a third busier. The gap is a little below
 * the smallest feed.commit.interval.ms, so that a consumer which commits that
 * often never has to skip one. */
#define PF_KAFKA_COMMIT_GAP_MS 9

/* The same for a member of a group. A commit that is under way while the
 * group's generation changes makes librdkafka 2.8 lose all partitions (its
 * issue 4059): that has to be rare. */
#define PF_KAFKA_COMMIT_GROUP_GAP_MS 250

/**
 * The commits of the partitions that are dirty: one request at a time, a gap
 * apart, each with the newest positions. Positions are not compared: in a
 * recreated topic they begin at 0 again, and Kafka has dropped what was
 * committed in the old one. All but gap_ms, held, joins and off is private to
 * kafka_commit.c.
 */
struct pf_kafka_commit {
    rd_kafka_t *rk;
    struct pf_kafka_parts *parts;
    rd_kafka_queue_t *queue; /* of answers; NULL: not open */
    int wake;                /* readable when an answer has come */
    int gap_ms;
    bool held; /* no request may begin now: the group rebalances */

    /* The same, while true: the member waits for others to join. Kafka answers
     * one request of a connection after the other, and a commit behind
     * JoinGroup comes to a generation that is not its own any more. NULL: of no
     * group. */
    const atomic_bool *joins;

    bool off;        /* none ever: somebody else commits them */
    bool asked;      /* a request is under way */
    int64_t next_ms; /* no request before, by pf_now_ms() */
    struct pf_log_limit log_limit;
};

/**
 * Begin to commit the positions of parts through rk. Both stay the caller's and
 * must outlive *ret.
 *
 * PF_IO  the kernel gave no descriptor; *ret must be released nevertheless
 */
enum pf_rc pf_kafka_commit_open(struct pf_kafka_commit *ret, rd_kafka_t *rk,
                                struct pf_kafka_parts *parts, int gap_ms,
                                struct pf_error *err);

/**
 * Take the answer to the pending request, if it has come. Then send the next
 * request, if its time has come and a partition is dirty. A partition whose
 * position could not be committed is dirty again (failures are logged,
 * rate-limited). Does not wait.
 */
void pf_kafka_commit_push(struct pf_kafka_commit *commit);

/** How many ms may pass before the next push: at most timeout_ms. */
int pf_kafka_commit_rest(const struct pf_kafka_commit *commit, int timeout_ms);

/** Commit all that is dirty, now, or once the member has joined. Wait up to
 * timeout_ms milliseconds for the answer, and only until a stop is asked for.
 */
void pf_kafka_commit_all(struct pf_kafka_commit *commit, int timeout_ms);

/**
 * The same at the end: for timeout_ms at most once a stop is asked for, which
 * is accepted, else for PF_KAFKA_PATIENT_MS, so that a rebalance which holds
 * commits back can end. Logs what the time was not enough for. Returns false if
 * a request is still pending, which would delay the destruction of the
 * librdkafka client.
 */
bool pf_kafka_commit_finish(struct pf_kafka_commit *commit, int timeout_ms);

/** Release the queue. Does nothing if it is not open. */
void pf_kafka_commit_close(struct pf_kafka_commit *commit);

#endif
