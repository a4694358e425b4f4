#include "kafka_commit.h"

#include <inttypes.h>
#include <poll.h>
#include <string.h>

#include "clock.h"
#include "kafka_group.h"
#include "kafka_wake.h"
#include "stop.h"

/* The pause after a failure: asking more often does not find the coordinator
 * any sooner. */
#define RETRY_MS 100

enum pf_rc pf_kafka_commit_open(struct pf_kafka_commit *ret, rd_kafka_t *rk,
                                struct pf_kafka_parts *parts, int gap_ms,
                                struct pf_error *err)
{
    *ret = (struct pf_kafka_commit){
        .rk = rk,
        .parts = parts,
        .queue = rd_kafka_queue_new(rk),
        .wake = -1,
        .gap_ms = gap_ms,
    };
    return pf_kafka_wake_open(ret->queue, &ret->wake, err);
}

/* The first partition that is dirty and ours to commit, or NULL. */
static struct pf_kafka_part *first_dirty(const struct pf_kafka_commit *commit)
{
    for (size_t i = 0; i < commit->parts->list.n && !commit->off; i++)
        if (commit->parts->list.at[i]->dirty)
            return commit->parts->list.at[i];
    return NULL;
}

static void on_commit(rd_kafka_t *rk, rd_kafka_resp_err_t why,
                      rd_kafka_topic_partition_list_t *offsets, void *opaque)
{
    struct pf_kafka_commit *commit = opaque;

    (void)rk;
    commit->asked = false;
    for (int i = 0; offsets && i < offsets->cnt; i++)
        if (offsets->elems[i].err)
            why = RD_KAFKA_RESP_ERR_NO_ERROR; /* is one of theirs */
    for (int i = 0; offsets && i < offsets->cnt; i++) {
        const rd_kafka_topic_partition_t *at = &offsets->elems[i];
        rd_kafka_resp_err_t its = at->err ? at->err : why;
        struct pf_kafka_part *part = pf_kafka_parts_find(
            commit->parts, at->topic, at->partition);

        if (!its || !part)
            continue;
        part->dirty = part->position >= 0; /* else it is another one by now */
        commit->next_ms = pf_now_ms() + RETRY_MS;
        pf_log_limited(&commit->log_limit, PF_LOG_WARNING,
                       "kafka: position %" PRId64 " of %s [%" PRId32
                       "] could not be committed, trying again: %s",
                       at->offset, at->topic, at->partition,
                       rd_kafka_err2str(its));
    }
}

static void ask(struct pf_kafka_commit *commit)
{
    struct pf_kafka_parts *parts = commit->parts;
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(
        (int)parts->list.n);

    for (size_t i = 0; i < parts->list.n; i++) {
        struct pf_kafka_part *part = parts->list.at[i];
        rd_kafka_topic_partition_t *at;

        if (!part->dirty)
            continue;
        at = rd_kafka_topic_partition_list_add(list, part->topic, part->number);
        at->offset = part->position;
        at->metadata = part->metadata; /* borrowed */
        at->metadata_size = part->metadata ? strlen(part->metadata) : 0;
    }
    commit->asked = !rd_kafka_commit_queue(commit->rk, list, commit->queue,
                                           on_commit, commit);
    for (size_t i = 0; commit->asked && i < parts->list.n; i++) {
        parts->list.at[i]->asked = parts->list.at[i]->dirty;
        parts->list.at[i]->dirty = false;
    }
    commit->next_ms = pf_now_ms() + commit->gap_ms;
    for (int i = 0; i < list->cnt; i++)
        list->elems[i].metadata = NULL;
    rd_kafka_topic_partition_list_destroy(list);
}

static bool joins(const struct pf_kafka_commit *commit)
{
    return commit->joins && atomic_load(commit->joins);
}

void pf_kafka_commit_push(struct pf_kafka_commit *commit)
{
    pf_kafka_wake_clear(commit->wake);
    rd_kafka_queue_poll_callback(commit->queue, 0);
    if (!commit->asked && !commit->held && !joins(commit) &&
        pf_now_ms() >= commit->next_ms && first_dirty(commit))
        ask(commit);
}

int pf_kafka_commit_rest(const struct pf_kafka_commit *commit, int timeout_ms)
{
    int64_t left = commit->next_ms - pf_now_ms();

    if (commit->held || left >= timeout_ms || !first_dirty(commit))
        return timeout_ms;
    if (joins(commit)) /* nothing wakes it when that has ended */
        return timeout_ms < RETRY_MS ? timeout_ms : RETRY_MS;
    if (left > 0)
        return (int)left;
    return commit->asked ? timeout_ms : 0;
}

void pf_kafka_commit_all(struct pf_kafka_commit *commit, int timeout_ms)
{
    int64_t deadline = pf_now_ms() + timeout_ms;
    enum pf_rc rc = PF_OK;

    commit->next_ms = 0;
    commit->held = false;
    pf_kafka_commit_push(commit);
    while ((first_dirty(commit) || commit->asked) && pf_left_ms(deadline) &&
           rc != PF_END) {
        rc = pf_wait(commit->wake, POLLIN,
                     pf_kafka_commit_rest(commit, pf_left_ms(deadline)));
        pf_kafka_commit_push(commit);
    }
}

/* Log what is not known to be committed. */
static void say_left(const struct pf_kafka_commit *commit)
{
    const struct pf_kafka_part *first = NULL;
    size_t n = 0;

    for (size_t i = 0; i < commit->parts->list.n && !commit->off; i++) {
        const struct pf_kafka_part *part = commit->parts->list.at[i];

        if (!part->dirty && !(commit->asked && part->asked))
            continue;
        first = first ? first : part;
        n++;
    }
    if (n)
        pf_log(PF_LOG_WARNING,
               "positions of %zu partitions are not committed, such as %" PRId64
               " of %s [%" PRId32 "]: records before them may be read again",
               n, first->position, first->topic, first->number);
}

bool pf_kafka_commit_finish(struct pf_kafka_commit *commit, int timeout_ms)
{
    int64_t began = pf_now_ms();
    int left;

    pf_stop_accept();
    do { /* in short parts, as a stop does not end a wait any more */
        left = pf_left_ms(began +
                          (pf_stop_asked() ? timeout_ms : PF_KAFKA_PATIENT_MS));
        pf_kafka_commit_all(commit, left < RETRY_MS ? left : RETRY_MS);
    } while (left && (commit->asked || first_dirty(commit)));
    say_left(commit);
    return !commit->asked;
}

void pf_kafka_commit_close(struct pf_kafka_commit *commit)
{
    pf_kafka_wake_close(commit->queue, commit->wake);
    commit->queue = NULL;
}
