#include "kafka_topics.h"

#include <string.h>

static bool has_name(const rd_kafka_topic_t *topic, const char *name)
{
    return topic && !strcmp(rd_kafka_topic_name(topic), name);
}

rd_kafka_topic_t *pf_kafka_topics_get(struct pf_kafka_topics *topics,
                                      rd_kafka_t *rk, const char *name)
{
    rd_kafka_topic_t *topic;

    if (has_name(topics->last, name))
        return topics->last;
    for (size_t i = 0; i < topics->list.n; i++)
        if (has_name(topics->list.at[i], name))
            return topics->last = topics->list.at[i];
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
