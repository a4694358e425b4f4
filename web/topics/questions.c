#include "questions.h"

#include <string.h>

/* How long a broker may take to say that it is there: a client that is
 * connected has its answer within a few ms. */
#define METADATA_MS 2500

/* For librdkafka, an admin request does not end before its client, see struct
 * web_ask. */
#define REQUEST_MS 3600000

static int metadata_ms(const struct web_ask *ask)
{
    int left = web_ask_left_ms(ask);

    return left < METADATA_MS ? left : METADATA_MS;
}

bool web_kafka_has(const rd_kafka_metadata_t *all, const char *name)
{
    for (int i = 0; i < all->topic_cnt; i++)
        if (!strcmp(all->topics[i].topic, name))
            return true;
    return false;
}

/* Is there a topic of that name? For one that there is not, librdkafka would
 * keep its handle, and grow with each name that somebody makes up. */
static rd_kafka_resp_err_t check_name(struct web_ask *ask, const char *name)
{
    const rd_kafka_metadata_t *all;
    rd_kafka_resp_err_t why = rd_kafka_metadata(ask->rk, 1, NULL, &all,
                                                metadata_ms(ask));
    bool found;

    if (why)
        return why;
    found = web_kafka_has(all, name);
    rd_kafka_metadata_destroy(all);
    return found ? RD_KAFKA_RESP_ERR_NO_ERROR
                 : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
}

bool web_kafka_topic_find(struct web_ask *ask, const char *name,
                          struct web_kafka_topic *ret)
{
    struct web_kafka_topic topic = {
        .name = name, .handle = pf_kafka_topics_find(ask->topics, name)};
    rd_kafka_resp_err_t why = RD_KAFKA_RESP_ERR_NO_ERROR;

    snprintf(topic.what, sizeof topic.what, "topic %s", name);
    if (!topic.handle) {
        why = check_name(ask, name);
        if (!why)
            topic.handle = pf_kafka_topics_get(ask->topics, ask->rk, name);
        if (!why && !topic.handle)
            why = rd_kafka_last_error();
    }
    if (!why)
        why = rd_kafka_metadata(ask->rk, 0, topic.handle, &topic.metadata,
                                metadata_ms(ask));
    if (!why) {
        topic.said = topic.metadata->topics;
        why = topic.metadata->topic_cnt == 1
                  ? topic.said->err
                  : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    }
    if (!why) {
        *ret = topic;
        return true;
    }
    web_kafka_topic_release(&topic);
    return web_ask_refuse(ask, why, topic.what);
}

void web_kafka_topic_release(struct web_kafka_topic *topic)
{
    if (topic->metadata)
        rd_kafka_metadata_destroy(topic->metadata);
}

const rd_kafka_metadata_t *web_kafka_topics(struct web_ask *ask)
{
    const rd_kafka_metadata_t *metadata;
    rd_kafka_resp_err_t why = rd_kafka_metadata(ask->rk, 1, NULL, &metadata,
                                                metadata_ms(ask));

    if (!why)
        return metadata;
    web_ask_refuse(ask, why, "the list of topics");
    return NULL;
}

bool web_kafka_is_internal(const char *topic)
{
    return !strncmp(topic, "__", 2);
}

bool web_kafka_offsets(struct web_ask *ask,
                       rd_kafka_topic_partition_list_t *list, int64_t when)
{
    rd_kafka_resp_err_t why = RD_KAFKA_RESP_ERR_NO_ERROR;

    /* In the request, a time before 1970 stands for one of the ends. */
    for (int i = 0; i < list->cnt; i++)
        list->elems[i].offset = when;
    if (list->cnt)
        why = rd_kafka_offsets_for_times(ask->rk, list, web_ask_left_ms(ask));
    for (int i = 0; i < list->cnt; i++) {
        if (why > 0 && !list->elems[i].err) /* a broker's word on one of them */
            list->elems[i].err = why;
        if (list->elems[i].err)
            list->elems[i].offset = -1;
    }
    return why < 0 ? web_ask_refuse(ask, why, "the ends of topics") : true;
}

int64_t web_kafka_offset_in(const rd_kafka_topic_partition_list_t *list,
                            const char *topic, int32_t partition)
{
    const rd_kafka_topic_partition_t *one = rd_kafka_topic_partition_list_find(
        (rd_kafka_topic_partition_list_t *)list, topic, partition);

    return one && one->offset >= 0 ? one->offset : -1;
}

rd_kafka_event_t *web_kafka_answer(struct web_ask *ask, rd_kafka_queue_t *queue,
                                   const char *what)
{
    rd_kafka_event_t *event = NULL;
    rd_kafka_resp_err_t why = RD_KAFKA_RESP_ERR__TIMED_OUT;
    int left;

    /* In steps, to end in time when the server does. */
    while (!event && (left = web_ask_left_ms(ask)) > 0)
        event = rd_kafka_queue_poll(queue, left < 100 ? left : 100);
    ask->is_stuck |= !event;
    if (event)
        why = rd_kafka_event_error(event);
    if (!why)
        return event;
    rd_kafka_event_destroy(event);
    web_ask_refuse(ask, why, what);
    return NULL;
}

rd_kafka_AdminOptions_t *web_kafka_options(const struct web_ask *ask,
                                           rd_kafka_admin_op_t op)
{
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(ask->rk, op);

    if (options)
        rd_kafka_AdminOptions_set_request_timeout(options, REQUEST_MS, NULL, 0);
    return options;
}
