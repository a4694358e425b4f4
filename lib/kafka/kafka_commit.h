/* kafka_commit.h - a consumer's position, committed in the background. */
#ifndef PF_KAFKA_COMMIT_H
#define PF_KAFKA_COMMIT_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "log.h"

/* For a broker a commit is one more record to write: at 1000 prices a second,
 * a commit after each price made it a third busier. The gap is a little below
 * the smallest feed.commit.interval.ms, so that a consumer which commits that
 * often never has to skip one. */
#define PF_KAFKA_COMMIT_GAP_MS 9

/** The commits of one partition: one request at a time,
 * PF_KAFKA_COMMIT_GAP_MS apart, each with the newest position. Positions are
 * not compared: in a recreated topic they begin at 0 again, and Kafka has
 * dropped what was committed in the old one. Members are private to
 * kafka_commit.c. */
struct pf_kafka_commit {
    rd_kafka_t *rk;
    const char *topic;
    int32_t partition;
    rd_kafka_queue_t *queue; /* of answers; NULL: not open */
    int wake;                /* readable when an answer has come */
    int64_t wanted, asked;   /* positions; -1: none */
    bool pending;            /* wanted has not been requested yet */
    int64_t next_ms;         /* no request before, by pf_now_ms() */
    struct pf_log_limit log_limit;
};

/**
 * Begin to commit positions of that partition through rk. rk and topic stay
 * the caller's and must outlive *ret.
 *
 * PF_IO  the kernel gave no descriptor; *ret must be released nevertheless
 */
enum pf_rc pf_kafka_commit_open(struct pf_kafka_commit *ret, rd_kafka_t *rk,
                                const char *topic, int32_t partition,
                                struct pf_error *err);

/** Commit this position next. Does not wait. */
void pf_kafka_commit_want(struct pf_kafka_commit *commit, int64_t position);

/**
 * Take the answer to the pending request, if it has come. Then send the next
 * request, if its time has come and there is a new position or the last
 * request has failed (failures are logged, rate-limited). Does not wait.
 */
void pf_kafka_commit_push(struct pf_kafka_commit *commit);

/** How many ms may pass before the next push: at most timeout_ms. */
int pf_kafka_commit_rest(const struct pf_kafka_commit *commit, int timeout_ms);

/**
 * Wait up to timeout_ms milliseconds for the last commit, and log if that was
 * not enough. Returns false if a request is still pending, which would delay
 * the destruction of the librdkafka client.
 */
bool pf_kafka_commit_finish(struct pf_kafka_commit *commit, int timeout_ms);

/** Release the queue. Does nothing if it is not open. */
void pf_kafka_commit_close(struct pf_kafka_commit *commit);

#endif
