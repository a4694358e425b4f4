#include "kafka_start.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "kafka_committed.h"
#include "kafka_group.h"
#include "kafka_refused.h"
#include "kafka_topics.h"
#include "stop.h"

#define TIMEOUT_MIN_MS 100
#define TIMEOUT_MAX_MS 800 /* 100 ms, doubled three times */

/* The same for why there was no answer: with a broker that answers at all, that
 * is known within some milliseconds. */
#define REASON_MS 200

/* Timeout for the number of partitions, which is only informative. */
#define COUNT_MS 200

enum pf_rc pf_kafka_resolve_init(struct pf_kafka_resolve *resolve,
                                 rd_kafka_conf_t *conf, struct pf_error *err)
{
    char reset[64];
    size_t size = sizeof reset;

    if (rd_kafka_conf_get(conf, "auto.offset.reset", reset, &size) !=
        RD_KAFKA_CONF_OK)
        return pf_fail(err, PF_CONFIG, "kafka: auto.offset.reset is not set");
    *resolve = (struct pf_kafka_resolve){
        .reset_to_end = !strcmp(reset, "latest") || !strcmp(reset, "end") ||
                        !strcmp(reset, "largest"),
        .reset_fails = !strcmp(reset, "error"),
        .timeout_ms = TIMEOUT_MIN_MS,
    };
    /* The first offset is found below. librdkafka only handles a position that
     * the topic no longer has, or does not have yet after it was recreated:
     * going to the topic's end would skip records that were never read. */
    if (resolve->reset_to_end &&
        rd_kafka_conf_set(conf, "auto.offset.reset", "earliest", reset,
                          sizeof reset) != RD_KAFKA_CONF_OK)
        return pf_fail(err, PF_CONFIG, "kafka: %s", reset);
    return PF_OK;
}

/* A request has failed: PF_AGAIN if it is worth trying again. */
static enum pf_rc unanswered(struct pf_kafka_resolve *resolve,
                             const struct pf_kafka_start *start,
                             rd_kafka_resp_err_t why, struct pf_error *err)
{
    switch (why) {
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_INVALID_GROUP_ID:
        return pf_fail(err, PF_IO, "kafka: %s [%" PRId32 "]: %s", start->topic,
                       start->partition, rd_kafka_err2str(why));
    default:
        break;
    }
    if (resolve->timeout_ms < TIMEOUT_MAX_MS)
        resolve->timeout_ms *= 2; /* the first few are not logged */
    else
        pf_log_limited(&resolve->log_limit, PF_LOG_INFO,
                       "waiting for %s [%" PRId32 "]: %s", start->topic,
                       start->partition, rd_kafka_err2str(why));
    return PF_AGAIN;
}

/* Why a request has really failed: after a few times it may not be because the
 * broker has just started. */
static rd_kafka_resp_err_t reason(const struct pf_kafka_resolve *resolve,
                                  rd_kafka_t *rk,
                                  const struct pf_kafka_start *start,
                                  rd_kafka_resp_err_t why)
{
    rd_kafka_resp_err_t refused = RD_KAFKA_RESP_ERR_NO_ERROR;

    if (resolve->timeout_ms >= TIMEOUT_MAX_MS && !pf_stop_asked())
        refused = pf_kafka_refused(rk, start->topic, start->without_group,
                                   REASON_MS);
    return refused ? refused : why;
}

/* The group's committed position, or -1; and what was committed with it. */
static rd_kafka_resp_err_t ask_committed(struct pf_kafka_resolve *resolve,
                                         rd_kafka_t *rk,
                                         const struct pf_kafka_start *start,
                                         int64_t *ret, char **ret_text)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(
        1);
    rd_kafka_topic_partition_t *at = rd_kafka_topic_partition_list_add(
        list, start->topic, start->partition);
    rd_kafka_resp_err_t why = rd_kafka_committed(rk, list, resolve->timeout_ms);

    if (!why)
        why = at->err;
    *ret = at->offset >= 0 ? at->offset : -1;
    if (!why && at->offset >= 0 && ret_text)
        *ret_text = pf_kafka_committed_text(at);
    rd_kafka_topic_partition_list_destroy(list);
    return why;
}

void pf_kafka_tell_gone(const char *topic, int32_t partition, int64_t offset,
                        int64_t low)
{
    if (offset < low)
        pf_log(PF_LOG_WARNING,
               "%s [%" PRId32 "]: %" PRId64 " records from offset %" PRId64
               " on are gone: retention has removed them unread",
               topic, partition, low - offset, offset);
}

/* Move offset up to low, the first one that the topic still has. */
static int64_t skip_gone(const struct pf_kafka_start *start, int64_t offset,
                         int64_t low)
{
    pf_kafka_tell_gone(start->topic, start->partition, offset, low);
    return offset < low ? low : offset;
}

/* Fit a committed position to what the topic has: low to high - 1. */
static int64_t fit(const struct pf_kafka_start *start, int64_t committed,
                   int64_t low, int64_t high)
{
    if (committed > high) {
        pf_log(PF_LOG_WARNING,
               "the committed position %" PRId64
               " is beyond the topic's end, %" PRId64
               ": a new topic of the same name; reading it from %" PRId64,
               committed, high, low);
        return low;
    }
    return skip_gone(start, committed, low);
}

enum pf_rc pf_kafka_resolve_step(struct pf_kafka_resolve *resolve,
                                 rd_kafka_t *rk,
                                 const struct pf_kafka_start *start,
                                 int64_t *ret, int64_t *ret_high,
                                 char **ret_text, struct pf_error *err)
{
    int64_t low, high, committed = -1;
    rd_kafka_resp_err_t why;

    if (ret_text)
        *ret_text = NULL;
    why = rd_kafka_query_watermark_offsets(rk, start->topic, start->partition,
                                           &low, &high, resolve->timeout_ms);
    /* Ask even if the answer is not used: librdkafka then finds the group's
     * coordinator, without which the first commit takes a second. */
    if (!why && !start->without_group)
        why = ask_committed(resolve, rk, start, &committed, ret_text);
    if (why)
        return unanswered(resolve, start, reason(resolve, rk, start, why), err);

    if (start->offset > high)
        return pf_fail(err, PF_IO,
                       "kafka: %s [%" PRId32 "] ends at offset %" PRId64
                       ", before %s = %" PRId64,
                       start->topic, start->partition, high,
                       start->whose ? start->whose : "feed.start",
                       start->offset);
    if (start->offset >= 0)
        *ret = skip_gone(start, start->offset, low);
    else if (start->offset == RD_KAFKA_OFFSET_BEGINNING)
        *ret = low;
    else if (start->offset == RD_KAFKA_OFFSET_END)
        *ret = high;
    else if (committed >= 0)
        *ret = fit(start, committed, low, high);
    else if (resolve->reset_fails)
        return pf_fail(err, PF_IO,
                       "kafka: no position is committed for %s, and "
                       "auto.offset.reset is error",
                       start->topic);
    else
        *ret = resolve->reset_to_end ? high : low;
    *ret_high = high;
    return PF_OK;
}

void pf_kafka_seen_tell(const struct pf_kafka_seen *seen,
                        const struct pf_kafka_start *start)
{
    const int64_t values[PF_KAFKA_METRICS] = {
        [PF_KAFKA_BEGAN] = seen->began_ns,
        [PF_KAFKA_POSITION] = seen->position,
        [PF_KAFKA_END] = seen->end,
        [PF_KAFKA_HELD] = seen->held};

    for (size_t i = 0; i < PF_KAFKA_METRICS && start->stats; i++)
        pf_stats_set(start->stats, start->metric + i, (uint64_t)values[i]);
}

/* Add those of the topic's n partitions that parts does not have. */
static enum pf_rc
resolve_topic(struct pf_kafka_resolve *resolve, rd_kafka_t *rk,
              const struct pf_kafka_start *start, const char *topic, int n,
              struct pf_kafka_parts *parts, struct pf_error *err)
{
    struct pf_kafka_start one = *start;

    one.topic = topic;
    for (one.partition = 0; one.partition < n; one.partition++) {
        int64_t offset, high;
        struct pf_kafka_part *part;
        char *text;
        enum pf_rc rc;

        if (pf_kafka_parts_find(parts, topic, one.partition))
            continue;
        rc = pf_kafka_resolve_step(resolve, rk, &one, &offset, &high, &text,
                                   err);
        if (rc)
            return rc;
        part = pf_kafka_parts_add(parts, topic, one.partition, offset);
        if (!part) {
            free(text);
            return pf_fail(err, PF_NOMEM, "kafka: out of memory");
        }
        part->high = part->goal = high;
        part->metadata = text;
    }
    return PF_OK;
}

/* The same for all topics that are there and that start lists. */
static enum pf_rc
resolve_listed(struct pf_kafka_resolve *resolve, rd_kafka_t *rk,
               const struct pf_kafka_start *start, struct pf_kafka_parts *parts,
               rd_kafka_resp_err_t *ret_why, struct pf_error *err)
{
    const struct rd_kafka_metadata *metadata;
    enum pf_rc rc = PF_OK;

    *ret_why = rd_kafka_metadata(rk, true, NULL, &metadata,
                                 resolve->timeout_ms);
    if (*ret_why)
        return PF_OK;
    for (int i = 0; i < metadata->topic_cnt && !rc; i++) {
        const struct rd_kafka_metadata_topic *t = &metadata->topics[i];

        if (!t->err && pf_kafka_group_reads(start->topic, t->topic))
            rc = resolve_topic(resolve, rk, start, t->topic, t->partition_cnt,
                               parts, err);
    }
    rd_kafka_metadata_destroy(metadata);
    if (!parts->list.n)
        *ret_why = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    return rc;
}

enum pf_rc pf_kafka_resolve_all(struct pf_kafka_resolve *resolve,
                                rd_kafka_t *rk,
                                const struct pf_kafka_start *start,
                                struct pf_kafka_parts *parts,
                                struct pf_error *err)
{
    struct pf_kafka_start first = *start;
    rd_kafka_resp_err_t why;
    enum pf_rc rc = PF_OK;
    int n;

    if (start->listed) {
        rc = resolve_listed(resolve, rk, start, parts, &why, err);
    } else {
        n = pf_kafka_count_partitions(rk, start->topic, resolve->timeout_ms,
                                      &why);
        rc = resolve_topic(resolve, rk, start, start->topic, n, parts, err);
    }
    first.partition = 0;
    return rc || !why ? rc : unanswered(resolve, &first, why, err);
}

void pf_kafka_tell_unread(rd_kafka_t *rk, const struct pf_kafka_start *start)
{
    rd_kafka_resp_err_t why;
    int n = pf_kafka_count_partitions(rk, start->topic, COUNT_MS, &why);

    if (n > 1)
        pf_log(start->chosen ? PF_LOG_INFO : PF_LOG_WARNING,
               "partition %" PRId32
               " of %s is read, and %d other%s not: feed.partition says "
               "which, or all",
               start->partition, start->topic, n - 1, n == 2 ? " is" : "s are");
}
