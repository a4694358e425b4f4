#include "groups.h"

#include "all_groups.h"
#include "committed.h"
#include "describe.h"
#include "text_json.h"
#include "web.h"

/* An answer with all groups. */
struct groups {
    struct web_ask ask;
    struct web_all_groups all;
    rd_kafka_event_t *described;
};

static struct json_object *group_json(const struct groups *groups, size_t i)
{
    struct json_object *json = json_object_new_object();
    rd_kafka_resp_err_t why;
    const rd_kafka_ConsumerGroupDescription_t *group = web_described(
        groups->described, groups->all.names.at[i], &why);
    const rd_kafka_topic_partition_list_t *committed = groups->all.committed[i];

    json_object_object_add(json, "name",
                           web_name_json(groups->all.names.at[i]));
    json_object_object_add(json, "state", web_group_state_json(group));
    json_object_object_add(
        json, "members",
        group
            ? json_object_new_int64((
                  int64_t)rd_kafka_ConsumerGroupDescription_member_count(group))
            : NULL);
    json_object_object_add(json, "lag",
                           committed ? json_object_new_int64(web_committed_lag(
                                           committed, groups->all.ends))
                                     : NULL);
    return json;
}

static void answer(const struct groups *groups)
{
    struct json_object *json = json_object_new_object(),
                       *list = json_object_new_array();

    for (size_t i = 0; i < groups->all.names.n; i++)
        json_object_array_add(list, group_json(groups, i));
    json_object_object_add(json, "groups", list);
    pf_http_json(groups->ask.reply, json);
}

/* Ask for the states of the groups, which are known. False: refused. */
static bool describe(struct groups *groups)
{
    size_t n = groups->all.names.n;

    if (!n)
        return true;
    groups->described = web_describe(
        &groups->ask, (const char *const *)groups->all.names.at, n);
    return groups->described != NULL;
}

void web_groups(void *context, const struct pf_http_request *request,
                struct pf_http_reply *reply)
{
    const struct web *web = context;
    struct groups groups = {0};

    if (!web_ask_begin(web->kafka, request, reply, &groups.ask))
        return;
    if (web_all_groups_ask(&groups.ask, &groups.all) && describe(&groups))
        answer(&groups);
    rd_kafka_event_destroy(groups.described);
    web_all_groups_release(&groups.all);
    web_ask_end(&groups.ask);
}
