#include "edges.h"

#include <string.h>

bool web_edges_ask(struct web_ask *ask, const rd_kafka_metadata_topic_t *topics,
                   int n, struct web_edges *ret)
{
    struct web_edges edges = {.first = rd_kafka_topic_partition_list_new(n)};

    for (int i = 0; i < n; i++)
        for (int p = 0; p < topics[i].partition_cnt; p++)
            if (topics[i].partitions[p].leader >= 0)
                rd_kafka_topic_partition_list_add(edges.first, topics[i].topic,
                                                  topics[i].partitions[p].id);
    edges.end = rd_kafka_topic_partition_list_copy(edges.first);
    if (web_kafka_offsets(ask, edges.first, RD_KAFKA_OFFSET_BEGINNING) &&
        web_kafka_offsets(ask, edges.end, RD_KAFKA_OFFSET_END)) {
        *ret = edges;
        return true;
    }
    web_edges_release(&edges);
    return false;
}

void web_edges_release(struct web_edges *edges)
{
    rd_kafka_topic_partition_list_destroy(edges->first);
    rd_kafka_topic_partition_list_destroy(edges->end);
}

int64_t web_edges_records(const struct web_edges *edges,
                          const rd_kafka_metadata_topic_t *topic)
{
    int64_t sum = 0;

    for (int p = 0; p < topic->partition_cnt; p++) {
        int32_t id = topic->partitions[p].id;
        int64_t first = web_kafka_offset_in(edges->first, topic->topic, id);
        int64_t end = web_kafka_offset_in(edges->end, topic->topic, id);

        if (first < 0 || end < first)
            return -1;
        sum += end - first;
    }
    return sum;
}

/* Does the partition have a leader? */
static bool is_led(const rd_kafka_metadata_t *all, const char *topic,
                   int32_t partition)
{
    for (int i = 0; i < all->topic_cnt; i++) {
        const rd_kafka_metadata_topic_t *t = &all->topics[i];

        if (strcmp(t->topic, topic) != 0)
            continue;
        for (int p = 0; p < t->partition_cnt; p++)
            if (t->partitions[p].id == partition)
                return t->partitions[p].leader >= 0;
    }
    return false;
}

bool web_ends_ask(struct web_ask *ask, const rd_kafka_metadata_t *all,
                  const rd_kafka_topic_partition_list_t *wanted,
                  rd_kafka_topic_partition_list_t **ret)
{
    rd_kafka_topic_partition_list_t *ends = rd_kafka_topic_partition_list_new(
        wanted->cnt);

    for (int i = 0; i < wanted->cnt; i++) {
        const rd_kafka_topic_partition_t *one = &wanted->elems[i];

        if (is_led(all, one->topic, one->partition) &&
            !rd_kafka_topic_partition_list_find(ends, one->topic,
                                                one->partition))
            rd_kafka_topic_partition_list_add(ends, one->topic, one->partition);
    }
    if (web_kafka_offsets(ask, ends, RD_KAFKA_OFFSET_END)) {
        *ret = ends;
        return true;
    }
    rd_kafka_topic_partition_list_destroy(ends);
    return false;
}
