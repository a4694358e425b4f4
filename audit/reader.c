#include "reader.h"

#include "kafka_source.h"

enum { BEGAN, POSITION, TOPIC_END, HELD_BACK, METRICS };

static const struct pf_metric metrics[METRICS] = {
    {"began_ns", "When reading began.", PF_GAUGE, "nanoseconds"},
    {"position", "Offset at which reading began, or the sum of several.",
     PF_GAUGE, "offset"},
    {"topic_end",
     "Offset that the topic's next record gets, or the sum of several.",
     PF_GAUGE, "offset"},
    {"records_held_back", "Records that wait for an open transaction to end.",
     PF_GAUGE, "records"},
};

static int64_t metric(const struct pf_reader *r, size_t i)
{
    return (int64_t)*pf_stats_at(r->stats, i);
}

int64_t pf_reader_end(const struct pf_reader *r)
{
    return metric(r, TOPIC_END);
}

int64_t pf_reader_held(const struct pf_reader *r)
{
    return metric(r, HELD_BACK);
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
        .began_metric = BEGAN,
        .position_metric = POSITION,
        .end_metric = TOPIC_END,
        .held_metric = HELD_BACK,
    };
    enum pf_rc rc = pf_stats_open("", metrics, METRICS, &r->stats, err);

    r->what = *what;
    r->topic = topic;
    if (rc) {
        rd_kafka_conf_destroy(kafka);
        return rc;
    }
    start.stats = r->stats;
    return pf_kafka_source_open(kafka, &start, &r->source, err);
}

void pf_reader_close(struct pf_reader *r)
{
    pf_source_close(r->source);
    pf_stats_close(r->stats);
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
    struct pf_batch batch;
    enum pf_rc rc = r->source->ops->read(r->source, timeout_ms, &batch, err);

    if (rc == PF_SETTLE)
        return take_partitions(r, err);
    if ((!rc || rc == PF_END) && !r->topic->all && !r->topic->n)
        r->topic->slices.at[0].start = metric(r, POSITION);
    for (size_t i = 0; i < batch.n && !rc; i++) {
        if (end && batch.records[i].offset >= end)
            return PF_END;
        rc = pf_topic_add(r->topic, &batch.records[i], err);
    }
    return rc;
}
