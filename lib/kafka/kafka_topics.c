#include "kafka_topics.h"

#include <string.h>

#include "text.h"

static bool has_name(const rd_kafka_topic_t *topic, const char *name)
{
    return topic && !strcmp(rd_kafka_topic_name(topic), name);
}

rd_kafka_topic_t *pf_kafka_topics_find(struct pf_kafka_topics *topics,
                                       const char *name)
{
    if (has_name(topics->last, name))
        return topics->last;
    for (size_t i = 0; i < topics->list.n; i++)
        if (has_name(topics->list.at[i], name))
            return topics->last = topics->list.at[i];
    return NULL;
}

rd_kafka_topic_t *pf_kafka_topics_get(struct pf_kafka_topics *topics,
                                      rd_kafka_t *rk, const char *name)
{
    rd_kafka_topic_t *topic = pf_kafka_topics_find(topics, name);

    if (topic)
        return topic;
    topic = rd_kafka_topic_new(rk, name, NULL);
    if (topic && !PF_VEC_PUSH(&topics->list, topic)) {
        rd_kafka_topic_destroy(topic);
        return NULL;
    }
    return topics->last = topic;
}

void pf_kafka_topics_release(struct pf_kafka_topics *topics)
{
    for (size_t i = 0; i < topics->list.n; i++)
        rd_kafka_topic_destroy(topics->list.at[i]);
    free(topics->list.at);
    *topics = (struct pf_kafka_topics){0};
}

int pf_kafka_count_partitions(rd_kafka_t *rk, const char *name, int timeout_ms,
                              rd_kafka_resp_err_t *ret_why)
{
    rd_kafka_topic_t *topic = rd_kafka_topic_new(rk, name, NULL);
    const struct rd_kafka_metadata *metadata = NULL;
    int n = 0;

    *ret_why = topic ? rd_kafka_metadata(rk, 0, topic, &metadata, timeout_ms)
                     : rd_kafka_last_error();
    if (!*ret_why) {
        *ret_why = metadata->topic_cnt
                       ? metadata->topics[0].err
                       : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
        n = *ret_why ? 0 : metadata->topics[0].partition_cnt;
        rd_kafka_metadata_destroy(metadata);
    }
    if (topic)
        rd_kafka_topic_destroy(topic);
    return n;
}

const char *pf_kafka_described(const rd_kafka_ConfigResource_t *description,
                               const char *setting)
{
    size_t n = 0;
    const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(
        description, &n);

    for (size_t i = 0; i < n; i++)
        if (!strcmp(rd_kafka_ConfigEntry_name(entries[i]), setting))
            return rd_kafka_ConfigEntry_value(entries[i]);
    return NULL;
}

int64_t pf_kafka_described_max(const rd_kafka_ConfigResource_t *description)
{
    const char *value = pf_kafka_described(description, "max.message.bytes");
    int64_t max;

    return value && !pf_parse_int(value, 0, INT32_MAX, &max, NULL) ? max : -1;
}
