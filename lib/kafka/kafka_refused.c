#include "kafka_refused.h"

static rd_kafka_resp_err_t ask_topic(rd_kafka_t *rk, const char *topic,
                                     int timeout_ms)
{
    const struct rd_kafka_metadata *answer;
    rd_kafka_topic_t *rkt = rd_kafka_topic_new(rk, topic, NULL);
    rd_kafka_resp_err_t why = RD_KAFKA_RESP_ERR_NO_ERROR;

    if (!rkt)
        return why;
    if (!rd_kafka_metadata(rk, 0, rkt, &answer, timeout_ms)) {
        if (answer->topic_cnt)
            why = answer->topics[0].err;
        rd_kafka_metadata_destroy(answer);
    }
    rd_kafka_topic_destroy(rkt);
    return why;
}

static rd_kafka_resp_err_t group_error(rd_kafka_event_t *event)
{
    const rd_kafka_ConsumerGroupDescription_t **groups;
    const rd_kafka_error_t *error;
    size_t n = 0;

    if (rd_kafka_event_error(event))
        return rd_kafka_event_error(event);
    groups = rd_kafka_DescribeConsumerGroups_result_groups(
        rd_kafka_event_DescribeConsumerGroups_result(event), &n);
    error = n ? rd_kafka_ConsumerGroupDescription_error(groups[0]) : NULL;
    return rd_kafka_error_code(error);
}

static rd_kafka_resp_err_t ask_group(rd_kafka_t *rk, int timeout_ms)
{
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    rd_kafka_event_t *event;
    rd_kafka_resp_err_t why = RD_KAFKA_RESP_ERR_NO_ERROR;
    char name[256];
    const char *names[] = {name};
    size_t size = sizeof name;

    if (rd_kafka_conf_get(rd_kafka_conf(rk), "group.id", name, &size) ==
        RD_KAFKA_CONF_OK) {
        rd_kafka_DescribeConsumerGroups(rk, names, 1, NULL, queue);
        event = rd_kafka_queue_poll(queue, timeout_ms);
        if (event) {
            why = group_error(event);
            rd_kafka_event_destroy(event);
        }
    }
    rd_kafka_queue_destroy(queue);
    return why;
}

rd_kafka_resp_err_t pf_kafka_refused(rd_kafka_t *rk, const char *topic,
                                     bool without_group, int timeout_ms)
{
    if (ask_topic(rk, topic, timeout_ms) ==
        RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
        return RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
    if (!without_group && ask_group(rk, timeout_ms) ==
                              RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED)
        return RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED;
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}
