#include "committed.h"

#include <string.h>

static void ask_for(struct web_ask *ask, const char *group,
                    const rd_kafka_AdminOptions_t *options,
                    rd_kafka_queue_t *queue)
{
    rd_kafka_ListConsumerGroupOffsets_t *wanted =
        rd_kafka_ListConsumerGroupOffsets_new(group, NULL);

    rd_kafka_ListConsumerGroupOffsets(ask->rk, &wanted, 1, options, queue);
    rd_kafka_ListConsumerGroupOffsets_destroy(wanted);
}

/* Put what the answer says where it belongs. */
static void note(const rd_kafka_event_t *event, const char *const *groups,
                 size_t n, rd_kafka_topic_partition_list_t **lists)
{
    size_t n_told;
    const rd_kafka_group_result_t **told =
        rd_kafka_ListConsumerGroupOffsets_result_groups(
            rd_kafka_event_ListConsumerGroupOffsets_result(
                (rd_kafka_event_t *)event),
            &n_told);

    for (size_t i = 0; n_told && i < n; i++)
        if (!lists[i] && !rd_kafka_group_result_error(told[0]) &&
            !strcmp(groups[i], rd_kafka_group_result_name(told[0])))
            lists[i] = rd_kafka_topic_partition_list_copy(
                rd_kafka_group_result_partitions(told[0]));
}

bool web_committed_ask(struct web_ask *ask, const char *const *groups, size_t n,
                       rd_kafka_topic_partition_list_t **lists)
{
    rd_kafka_queue_t *queue = rd_kafka_queue_new(ask->rk);
    rd_kafka_AdminOptions_t *options = web_kafka_options(
        ask, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS);
    bool ok = true;

    for (size_t i = 0; i < n; i++) {
        lists[i] = NULL;
        ask_for(ask, groups[i], options, queue);
    }
    for (size_t i = 0; i < n && ok; i++) { /* in whatever order */
        rd_kafka_event_t *event = web_kafka_answer(ask, queue,
                                                   "the positions of groups");

        ok = event != NULL;
        if (ok)
            note(event, groups, n, lists);
        rd_kafka_event_destroy(event);
    }
    for (size_t i = 0; i < n && !ok; i++)
        if (lists[i]) {
            rd_kafka_topic_partition_list_destroy(lists[i]);
            lists[i] = NULL;
        }
    if (options)
        rd_kafka_AdminOptions_destroy(options);
    rd_kafka_queue_destroy(queue);
    return ok;
}

int64_t web_committed_lag(const rd_kafka_topic_partition_list_t *committed,
                          const rd_kafka_topic_partition_list_t *ends)
{
    int64_t lag = 0;

    for (int i = 0; i < committed->cnt; i++) {
        const rd_kafka_topic_partition_t *one = &committed->elems[i];
        int64_t end = web_kafka_offset_in(ends, one->topic, one->partition);

        if (one->offset >= 0 && end > one->offset)
            lag += end - one->offset;
    }
    return lag;
}
