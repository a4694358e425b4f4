#include "all_groups.h"

#include <stdlib.h>
#include <string.h>

#include "committed.h"
#include "edges.h"

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Take over the names that the answer has. */
static bool note_names(struct web_ask *ask, struct web_all_groups *groups,
                       rd_kafka_event_t *event)
{
    const rd_kafka_ListConsumerGroups_result_t *told =
        rd_kafka_event_ListConsumerGroups_result(event);
    size_t n, n_errors;
    const rd_kafka_ConsumerGroupListing_t **list =
        rd_kafka_ListConsumerGroups_result_valid(told, &n);
    const rd_kafka_error_t **errors = rd_kafka_ListConsumerGroups_result_errors(
        told, &n_errors);

    if (n_errors) /* a broker has not told which groups it has */
        return web_ask_refuse(ask, rd_kafka_error_code(errors[0]),
                              "the list of groups");
    for (size_t i = 0; i < n; i++) {
        char *name = strdup(rd_kafka_ConsumerGroupListing_group_id(list[i]));

        if (!name || !PF_VEC_PUSH(&groups->names, name)) {
            free(name);
            return web_ask_nomem(ask);
        }
    }
    if (groups->names.n)
        qsort(groups->names.at, groups->names.n, sizeof *groups->names.at,
              by_name);
    return true;
}

static bool list_names(struct web_ask *ask, struct web_all_groups *groups)
{
    rd_kafka_queue_t *queue = rd_kafka_queue_new(ask->rk);
    rd_kafka_AdminOptions_t *options = web_kafka_options(
        ask, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS);
    rd_kafka_event_t *event;
    bool ok = false;

    rd_kafka_ListConsumerGroups(ask->rk, options, queue);
    event = web_kafka_answer(ask, queue, "the list of groups");
    if (event) {
        ok = note_names(ask, groups, event);
        rd_kafka_event_destroy(event);
    }
    if (options)
        rd_kafka_AdminOptions_destroy(options);
    rd_kafka_queue_destroy(queue);
    return ok;
}

/* The ends of all partitions that groups have positions in. */
static bool ask_ends(struct web_ask *ask, struct web_all_groups *groups)
{
    rd_kafka_topic_partition_list_t *wanted = rd_kafka_topic_partition_list_new(
        16);
    bool ok;

    for (size_t i = 0; i < groups->names.n; i++)
        for (int p = 0; groups->committed[i] && p < groups->committed[i]->cnt;
             p++)
            rd_kafka_topic_partition_list_add(
                wanted, groups->committed[i]->elems[p].topic,
                groups->committed[i]->elems[p].partition);
    ok = web_ends_ask(ask, groups->topics, wanted, &groups->ends);
    rd_kafka_topic_partition_list_destroy(wanted);
    return ok;
}

bool web_all_groups_ask(struct web_ask *ask, struct web_all_groups *groups)
{
    groups->topics = web_kafka_topics(ask);
    if (!groups->topics || !list_names(ask, groups))
        return false;
    groups->committed = calloc(groups->names.n + 1, sizeof *groups->committed);
    if (!groups->committed)
        return web_ask_nomem(ask);
    return !groups->names.n ||
           (web_committed_ask(ask, (const char *const *)groups->names.at,
                              groups->names.n, groups->committed) &&
            ask_ends(ask, groups));
}

void web_all_groups_release(struct web_all_groups *groups)
{
    for (size_t i = 0; i < groups->names.n; i++) {
        if (groups->committed && groups->committed[i])
            rd_kafka_topic_partition_list_destroy(groups->committed[i]);
        free(groups->names.at[i]);
    }
    free(groups->names.at);
    free(groups->committed);
    if (groups->topics)
        rd_kafka_metadata_destroy(groups->topics);
    if (groups->ends)
        rd_kafka_topic_partition_list_destroy(groups->ends);
    *groups = (struct web_all_groups){0};
}
