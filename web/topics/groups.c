#include "groups.h"

#include <stdlib.h>
#include <string.h>

#include "committed.h"
#include "describe.h"
#include "edges.h"
#include "record_json.h"
#include "text_json.h"
#include "vec.h"
#include "web.h"

/* All groups. */
struct groups {
    struct web_ask ask;
    PF_VEC(char *) names; /* sorted */
    rd_kafka_event_t *described;
    const rd_kafka_metadata_t *topics;
    rd_kafka_topic_partition_list_t **committed; /* of each; or NULL */
    rd_kafka_topic_partition_list_t *ends;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Take over the names that the answer has. */
static bool note_names(struct groups *groups, rd_kafka_event_t *event)
{
    const rd_kafka_ListConsumerGroups_result_t *told =
        rd_kafka_event_ListConsumerGroups_result(event);
    size_t n, n_errors;
    const rd_kafka_ConsumerGroupListing_t **list =
        rd_kafka_ListConsumerGroups_result_valid(told, &n);
    const rd_kafka_error_t **errors = rd_kafka_ListConsumerGroups_result_errors(
        told, &n_errors);

    if (n_errors) /* a broker has not told which groups it has */
        return web_ask_refuse(&groups->ask, rd_kafka_error_code(errors[0]),
                              "the list of groups");
    for (size_t i = 0; i < n; i++) {
        char *name = strdup(rd_kafka_ConsumerGroupListing_group_id(list[i]));

        if (!name || !PF_VEC_PUSH(&groups->names, name)) {
            free(name);
            return web_ask_nomem(&groups->ask);
        }
    }
    if (groups->names.n)
        qsort(groups->names.at, groups->names.n, sizeof *groups->names.at,
              by_name);
    return true;
}

static bool list_names(struct groups *groups)
{
    struct web_ask *ask = &groups->ask;
    rd_kafka_queue_t *queue = rd_kafka_queue_new(ask->rk);
    rd_kafka_AdminOptions_t *options = web_kafka_options(
        ask, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS);
    rd_kafka_event_t *event;
    bool ok = false;

    rd_kafka_ListConsumerGroups(ask->rk, options, queue);
    event = web_kafka_answer(ask, queue, "the list of groups");
    if (event) {
        ok = note_names(groups, event);
        rd_kafka_event_destroy(event);
    }
    if (options)
        rd_kafka_AdminOptions_destroy(options);
    rd_kafka_queue_destroy(queue);
    return ok;
}

/* The ends of all partitions that groups have positions in. */
static bool ask_ends(struct groups *groups)
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
    ok = web_ends_ask(&groups->ask, groups->topics, wanted, &groups->ends);
    rd_kafka_topic_partition_list_destroy(wanted);
    return ok;
}

static struct json_object *group_json(const struct groups *groups, size_t i)
{
    struct json_object *json = json_object_new_object();
    rd_kafka_resp_err_t why;
    const rd_kafka_ConsumerGroupDescription_t *group = web_described(
        groups->described, groups->names.at[i], &why);
    const rd_kafka_topic_partition_list_t *committed = groups->committed[i];

    json_object_object_add(json, "name", web_name_json(groups->names.at[i]));
    json_object_object_add(json, "state", web_group_state_json(group));
    json_object_object_add(
        json, "members",
        group
            ? json_object_new_int64((
                  int64_t)rd_kafka_ConsumerGroupDescription_member_count(group))
            : NULL);
    json_object_object_add(json, "lag",
                           committed ? json_object_new_int64(web_committed_lag(
                                           committed, groups->ends))
                                     : NULL);
    return json;
}

static void answer(const struct groups *groups)
{
    struct json_object *json = json_object_new_object(),
                       *list = json_object_new_array();

    for (size_t i = 0; i < groups->names.n; i++)
        json_object_array_add(list, group_json(groups, i));
    json_object_object_add(json, "groups", list);
    pf_http_json(groups->ask.reply, json);
}

/* Ask for all that is told of the groups. False: refused. */
static bool ask_all(struct groups *groups)
{
    const char *const *names = (const char *const *)groups->names.at;
    size_t n = groups->names.n;

    groups->committed = calloc(n + 1, sizeof *groups->committed);
    if (!groups->committed)
        return web_ask_nomem(&groups->ask);
    if (!n)
        return true;
    groups->described = web_describe(&groups->ask, names, n);
    return groups->described &&
           web_committed_ask(&groups->ask, names, n, groups->committed) &&
           ask_ends(groups);
}

static void release(struct groups *groups)
{
    for (size_t i = 0; i < groups->names.n; i++) {
        if (groups->committed && groups->committed[i])
            rd_kafka_topic_partition_list_destroy(groups->committed[i]);
        free(groups->names.at[i]);
    }
    free(groups->names.at);
    free(groups->committed);
    rd_kafka_event_destroy(groups->described);
    if (groups->topics)
        rd_kafka_metadata_destroy(groups->topics);
    if (groups->ends)
        rd_kafka_topic_partition_list_destroy(groups->ends);
}

void web_groups(void *context, const struct pf_http_request *request,
                struct pf_http_reply *reply)
{
    const struct web *web = context;
    struct groups groups = {0};

    if (!web_ask_begin(web->kafka, request, reply, &groups.ask))
        return;
    groups.topics = web_kafka_topics(&groups.ask);
    if (groups.topics && list_names(&groups) && ask_all(&groups))
        answer(&groups);
    release(&groups);
    web_ask_end(&groups.ask);
}
