#include "kafka_commit.h"

#include <inttypes.h>
#include <poll.h>

#include "clock.h"
#include "kafka_wake.h"
#include "stop.h"

/* The pause after a failure: asking more often does not find the coordinator
 * any sooner. */
#define RETRY_MS 100

enum pf_rc pf_kafka_commit_open(struct pf_kafka_commit *ret, rd_kafka_t *rk,
                                const char *topic, int32_t partition,
                                struct pf_error *err)
{
    *ret = (struct pf_kafka_commit){
        .rk = rk,
        .topic = topic,
        .partition = partition,
        .queue = rd_kafka_queue_new(rk),
        .wake = -1,
        .wanted = -1,
        .asked = -1,
    };
    return pf_kafka_wake_open(ret->queue, &ret->wake, err);
}

static void on_commit(rd_kafka_t *rk, rd_kafka_resp_err_t why,
                      rd_kafka_topic_partition_list_t *offsets, void *opaque)
{
    struct pf_kafka_commit *commit = opaque;

    (void)rk;
    (void)offsets;
    if (why) {
        commit->pending = true;
        commit->next_ms = pf_now_ms() + RETRY_MS;
        pf_log_limited(&commit->log_limit, PF_LOG_WARNING,
                       "kafka: position %" PRId64
                       " could not be committed, trying again: %s",
                       commit->asked, rd_kafka_err2str(why));
    }
    commit->asked = -1;
}

static void ask(struct pf_kafka_commit *commit)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(
        1);

    rd_kafka_topic_partition_list_add(list, commit->topic, commit->partition)
        ->offset = commit->wanted;
    if (!rd_kafka_commit_queue(commit->rk, list, commit->queue, on_commit,
                               commit)) {
        commit->asked = commit->wanted;
        commit->pending = false;
    }
    commit->next_ms = pf_now_ms() + PF_KAFKA_COMMIT_GAP_MS;
    rd_kafka_topic_partition_list_destroy(list);
}

void pf_kafka_commit_push(struct pf_kafka_commit *commit)
{
    pf_kafka_wake_clear(commit->wake);
    rd_kafka_queue_poll_callback(commit->queue, 0);
    if (commit->pending && commit->asked < 0 && pf_now_ms() >= commit->next_ms)
        ask(commit);
}

int pf_kafka_commit_rest(const struct pf_kafka_commit *commit, int timeout_ms)
{
    int64_t left = commit->next_ms - pf_now_ms();

    if (!commit->pending || left >= timeout_ms)
        return timeout_ms;
    if (left > 0)
        return (int)left;
    return commit->asked >= 0 ? timeout_ms : 0;
}

void pf_kafka_commit_want(struct pf_kafka_commit *commit, int64_t position)
{
    commit->wanted = position;
    commit->pending = true;
    pf_kafka_commit_push(commit);
}

bool pf_kafka_commit_finish(struct pf_kafka_commit *commit, int timeout_ms)
{
    int64_t deadline = pf_now_ms() + timeout_ms;

    pf_stop_accept();
    commit->next_ms = 0;
    pf_kafka_commit_push(commit);
    while ((commit->pending || commit->asked >= 0) && pf_left_ms(deadline)) {
        pf_wait(commit->wake, POLLIN,
                pf_kafka_commit_rest(commit, pf_left_ms(deadline)));
        pf_kafka_commit_push(commit);
    }
    if (commit->pending || commit->asked >= 0)
        pf_log(PF_LOG_WARNING,
               "position %" PRId64
               " is not committed: records before it may be read again",
               commit->wanted);
    return commit->asked < 0;
}

void pf_kafka_commit_close(struct pf_kafka_commit *commit)
{
    pf_kafka_wake_close(commit->queue, commit->wake);
    commit->queue = NULL;
}
