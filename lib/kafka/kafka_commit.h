/* kafka_commit.h - a consumer's position, committed in the background. */
#ifndef PF_KAFKA_COMMIT_H
#define PF_KAFKA_COMMIT_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "log.h"

/* To a broker a commit is one more record to write: at 1000 prices a second,
 * one for each made it a third busier. A little less than the least
 * feed.commit.interval.ms, so that who commits that often never has to wait
 * for the next time. */
#define PF_KAFKA_COMMIT_GAP_MS 9

/** The commits of one partition: one request at a time, the newest position
 * last, and PF_KAFKA_COMMIT_GAP_MS from one to the next. Positions are not
 * compared: in a topic that was made anew they begin at 0 again, and Kafka has
 * forgotten what was committed in the old one. Members are this file's own. */
struct pf_kafka_commit {
    rd_kafka_t *rk;
    const char *topic;
    int32_t partition;
    rd_kafka_queue_t *queue;          /* where answers come; NULL: not open */
    int wake;                         /* readable when one has come */
    int64_t wanted, asked, committed; /* positions; -1: none */
    bool pending;                     /* no request was made for wanted yet */
    int64_t next_ms;                  /* no request before, by pf_now_ms() */
    struct pf_log_limit log_limit;
};

/**
 * Begin to commit positions of that partition through rk, which stays the
 * caller's, as topic does, and outlives *ret.
 *
 * PF_IO  the kernel gave no descriptor; *ret is to be released all the same
 */
enum pf_rc pf_kafka_commit_open(struct pf_kafka_commit *ret, rd_kafka_t *rk,
                                const char *topic, int32_t partition,
                                struct pf_error *err);

/** From now on position is the one to be committed. Does not wait. */
void pf_kafka_commit_want(struct pf_kafka_commit *commit, int64_t position);

/**
 * Take the answer to the request that is under way, if it has come, and make
 * the next one if it is time and another position is wanted, or the last one
 * has failed, which is logged now and then. Does not wait.
 */
void pf_kafka_commit_push(struct pf_kafka_commit *commit);

/** How many of timeout_ms milliseconds may pass before the next push. */
int pf_kafka_commit_rest(const struct pf_kafka_commit *commit, int timeout_ms);

/**
 * Give the last commit timeout_ms milliseconds, and log it if that was not
 * enough. Returns false when a request is still under way, for which
 * librdkafka would hold up the end of its client.
 */
bool pf_kafka_commit_finish(struct pf_kafka_commit *commit, int timeout_ms);

/** Let go of the queue. Does nothing to what is not open. */
void pf_kafka_commit_close(struct pf_kafka_commit *commit);

#endif
