#include "describe.h"

#include <string.h>

rd_kafka_event_t *web_describe(struct web_ask *ask, const char *const *groups,
                               size_t n)
{
    rd_kafka_queue_t *queue = rd_kafka_queue_new(ask->rk);
    rd_kafka_AdminOptions_t *options = web_kafka_options(
        ask, RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS);
    rd_kafka_event_t *event;

    /* It changes nothing in groups. */
    rd_kafka_DescribeConsumerGroups(ask->rk, (const char **)groups, n, options,
                                    queue);
    event = web_kafka_answer(ask, queue, "the description of groups");
    if (options)
        rd_kafka_AdminOptions_destroy(options);
    rd_kafka_queue_destroy(queue);
    return event;
}

const rd_kafka_ConsumerGroupDescription_t *
web_described(rd_kafka_event_t *event, const char *group,
              rd_kafka_resp_err_t *ret_why)
{
    size_t n;
    const rd_kafka_ConsumerGroupDescription_t **list =
        rd_kafka_DescribeConsumerGroups_result_groups(
            rd_kafka_event_DescribeConsumerGroups_result(event), &n);

    *ret_why = RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND;
    for (size_t i = 0; i < n; i++) {
        const rd_kafka_error_t *error = rd_kafka_ConsumerGroupDescription_error(
            list[i]);

        if (strcmp(rd_kafka_ConsumerGroupDescription_group_id(list[i]), group))
            continue;
        if (!error)
            return list[i];
        *ret_why = rd_kafka_error_code(error);
    }
    return NULL;
}

struct json_object *
web_group_state_json(const rd_kafka_ConsumerGroupDescription_t *group)
{
    return group ? json_object_new_string(rd_kafka_consumer_group_state_name(
                       rd_kafka_ConsumerGroupDescription_state(group)))
                 : NULL;
}
