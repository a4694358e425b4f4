#include "reader.h"

#include <inttypes.h>
#include <stdlib.h>

#include "clock.h"
#include "kafka_conf.h"
#include "kafka_source.h"
#include "kafka_topics.h"

/* Timeout of a question about the other partitions. */
#define ASK_MS 1000

int64_t pf_reader_end(const struct pf_reader *r)
{
    return pf_kafka_source_seen(r->source).end;
}

int64_t pf_reader_held(const struct pf_reader *r)
{
    return pf_kafka_source_seen(r->source).held;
}

/* The partition of that slice. */
static int32_t number_of(const struct pf_reader *r, size_t slice)
{
    return r->topic->all ? (int32_t)slice : (int32_t)r->topic->feed->partition;
}

void pf_reader_set_goals(struct pf_reader *r, bool now)
{
    for (size_t i = 0; i < r->topic->slices.n; i++) {
        struct pf_slice *p = &r->topic->slices.at[i];
        const struct pf_kafka_part *part = pf_kafka_source_part(
            r->source, r->topic->feed->topic, number_of(r, i));

        p->goal = part && part->goal >= 0 ? part->goal : INT64_MAX;
        if (now)
            p->goal = pf_slice_end(p);
        if (now && part && p->goal < part->high)
            p->goal = part->high;
    }
}

enum pf_rc pf_reader_move_goals(struct pf_reader *r, int64_t age_ms,
                                struct pf_error *err)
{
    size_t n = r->topic->slices.n;

    if (!n || (r->ends && pf_now_ms() - r->ends_ms < age_ms))
        return PF_OK;
    if (!r->ends)
        r->ends = calloc(n, sizeof *r->ends);
    if (!r->ends)
        return pf_fail(err, PF_NOMEM, "no memory for %zu partitions", n);
    for (size_t i = 0; i < n; i++) {
        r->topic->slices.at[i].goal = r->ends[i];
        r->ends[i] = pf_slice_end(&r->topic->slices.at[i]);
    }
    r->ends_ms = pf_now_ms();
    return PF_OK;
}

bool pf_reader_has_all(const struct pf_reader *r, int64_t ns)
{
    for (size_t i = 0; i < r->topic->slices.n; i++) {
        const struct pf_slice *p = &r->topic->slices.at[i];
        bool behind = p->time_ms <= ns / 1000000 || pf_slice_end(p) < p->goal;

        if (behind && !pf_kafka_source_at_end(r->source, r->topic->feed->topic,
                                              number_of(r, i)))
            return false;
    }
    return true;
}

enum pf_rc pf_reader_open(struct pf_reader *r, const struct pf_reading *what,
                          struct pf_topic *topic, rd_kafka_conf_t *kafka,
                          struct pf_error *err)
{
    struct pf_kafka_start start = {
        .topic = topic->feed->topic,
        .partition = topic->all ? PF_KAFKA_ALL
                                : (int32_t)topic->feed->partition,
        .chosen = what->partition_chosen,
        .offset = what->start ? what->start : RD_KAFKA_OFFSET_BEGINNING,
        .end_at_eof = !what->follow,
        .without_group = true,
    };

    r->what = *what;
    r->topic = topic;
    r->kafka = rd_kafka_conf_dup(kafka);
    return pf_kafka_source_open(kafka, &start, &r->source, err);
}

void pf_reader_close(struct pf_reader *r)
{
    pf_source_close(r->source);
    if (r->kafka)
        rd_kafka_conf_destroy(r->kafka);
    free(r->ends);
}

/* Has another partition ever had a record? False also if that is not known. */
static bool any_elsewhere(rd_kafka_t *rk, const struct pf_feed *feed)
{
    rd_kafka_resp_err_t why;
    int n = pf_kafka_count_partitions(rk, feed->topic, ASK_MS, &why);
    int64_t low, high;

    for (int i = 0; i < n; i++)
        if (i != feed->partition &&
            !rd_kafka_query_watermark_offsets(rk, feed->topic, i, &low, &high,
                                              ASK_MS) &&
            high > 0)
            return true;
    return false;
}

/* One partition is read: should it have all numbers? */
static enum pf_rc check_one(rd_kafka_t *rk, const struct pf_feed *feed,
                            uint64_t missing, struct pf_error *err)
{
    if (!any_elsewhere(rk, feed))
        return PF_OK;
    return pf_fail(err, PF_UNDECIDED,
                   "%" PRIu64 " numbers are missing from %s [%" PRId64
                   "], and other partitions of it have records: choose "
                   "feed.partition = all, or that one",
                   missing, feed->topic, feed->partition);
}

/* All partitions are read that there were at the beginning. Are there more? */
static enum pf_rc check_all(rd_kafka_t *rk, const struct pf_topic *topic,
                            uint64_t missing, struct pf_error *err)
{
    rd_kafka_resp_err_t why;
    int n = pf_kafka_count_partitions(rk, topic->feed->topic, ASK_MS, &why);

    if (n <= 0 || (size_t)n <= topic->slices.n)
        return PF_OK;
    return pf_fail(err, PF_UNDECIDED,
                   "%" PRIu64 " numbers are missing, and %s has %d partitions "
                   "now, of which %zu were read: ask again",
                   missing, topic->feed->topic, n, topic->slices.n);
}

enum pf_rc pf_reader_check_choice(const struct pf_reader *r, uint64_t missing,
                                  struct pf_error *err)
{
    rd_kafka_t *rk;
    enum pf_rc rc;

    if (!missing || (r->what.partition_chosen && !r->topic->all) ||
        pf_kafka_new(RD_KAFKA_CONSUMER, rd_kafka_conf_dup(r->kafka), &rk, NULL))
        return PF_OK;
    rc = r->topic->all ? check_all(rk, r->topic, missing, err)
                       : check_one(rk, r->topic->feed, missing, err);
    rd_kafka_destroy_flags(rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    return rc;
}

/* The partitions that are read come, all at once. Where each of several begins
 * is known with them; of one only when it is read. */
static enum pf_rc take_partitions(struct pf_reader *r, struct pf_error *err)
{
    const struct pf_change *change = r->source->ops->change(r->source);
    enum pf_rc rc = pf_topic_open(r->topic, change->n_come, err);

    for (size_t i = 0; i < change->n_come && r->topic->all && !rc; i++)
        r->topic->slices.at[i].start = change->come[i].offset;
    r->source->ops->settled(r->source);
    return rc ? rc : PF_AGAIN;
}

enum pf_rc pf_reader_read(struct pf_reader *r, int timeout_ms,
                          struct pf_error *err)
{
    int64_t end = r->what.end;
    struct pf_batch batch = {0};
    enum pf_rc rc = r->source->ops->read(r->source, timeout_ms, &batch, err);

    if (rc == PF_SETTLE)
        return take_partitions(r, err);
    if ((!rc || rc == PF_END) && !r->topic->all && !r->topic->n)
        r->topic->slices.at[0].start = pf_kafka_source_seen(r->source).position;
    for (size_t i = 0; i < batch.n && !rc; i++) {
        if (end && batch.records[i].offset >= end)
            return PF_END;
        rc = pf_topic_add(r->topic, &batch.records[i], err);
    }
    return rc;
}
