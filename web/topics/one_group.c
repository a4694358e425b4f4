#include "one_group.h"

#include "committed.h"
#include "describe.h"
#include "edges.h"
#include "text_json.h"
#include "web.h"

/* The group that is asked for. */
struct group {
    struct web_ask ask;
    const char *name;
    const rd_kafka_metadata_t *topics;
    rd_kafka_event_t *event; /* with its description */
    const rd_kafka_ConsumerGroupDescription_t *said;
    rd_kafka_topic_partition_list_t *committed;

    /* All partitions that it has a position in, or that a member has; offset is
     * the position, below 0: none. */
    rd_kafka_topic_partition_list_t *all;
    rd_kafka_topic_partition_list_t *ends;
};

static size_t count_members(const struct group *group)
{
    return rd_kafka_ConsumerGroupDescription_member_count(group->said);
}

/* What member i has; may be NULL. */
static const rd_kafka_topic_partition_list_t *
assigned(const struct group *group, size_t i)
{
    const rd_kafka_MemberDescription_t *member =
        rd_kafka_ConsumerGroupDescription_member(group->said, i);
    const rd_kafka_MemberAssignment_t *assignment =
        rd_kafka_MemberDescription_assignment(member);

    return assignment ? rd_kafka_MemberAssignment_partitions(assignment) : NULL;
}

static struct json_object *
partition_json(const rd_kafka_topic_partition_t *partition)
{
    struct json_object *json = json_object_new_object();

    json_object_object_add(json, "topic", web_name_json(partition->topic));
    json_object_object_add(json, "partition",
                           json_object_new_int(partition->partition));
    return json;
}

/* Kafka writes addresses as Java does, "/127.0.0.1". */
static const char *host_of(const rd_kafka_MemberDescription_t *member)
{
    const char *host = rd_kafka_MemberDescription_host(member);

    return host && *host == '/' ? host + 1 : host;
}

static struct json_object *member_json(const struct group *group, size_t i)
{
    const rd_kafka_MemberDescription_t *member =
        rd_kafka_ConsumerGroupDescription_member(group->said, i);
    const rd_kafka_topic_partition_list_t *has = assigned(group, i);
    struct json_object *json = json_object_new_object(),
                       *partitions = json_object_new_array();

    json_object_object_add(
        json, "id",
        web_name_json(rd_kafka_MemberDescription_consumer_id(member)));
    json_object_object_add(
        json, "client",
        web_name_json(rd_kafka_MemberDescription_client_id(member)));
    json_object_object_add(json, "host", web_name_json(host_of(member)));
    json_object_object_add(
        json, "instance",
        web_name_json(rd_kafka_MemberDescription_group_instance_id(member)));
    for (int p = 0; has && p < has->cnt; p++)
        json_object_array_add(partitions, partition_json(&has->elems[p]));
    json_object_object_add(json, "partitions", partitions);
    return json;
}

/* The member that has the partition. */
static struct json_object *owner_json(const struct group *group,
                                      const rd_kafka_topic_partition_t *at)
{
    for (size_t i = 0; i < count_members(group); i++) {
        const rd_kafka_topic_partition_list_t *has = assigned(group, i);

        if (has && rd_kafka_topic_partition_list_find(
                       (rd_kafka_topic_partition_list_t *)has, at->topic,
                       at->partition))
            return web_name_json(rd_kafka_MemberDescription_consumer_id(
                rd_kafka_ConsumerGroupDescription_member(group->said, i)));
    }
    return NULL;
}

static struct json_object *position_json(const struct group *group,
                                         const rd_kafka_topic_partition_t *at)
{
    struct json_object *json = partition_json(at);
    int64_t end = web_kafka_offset_in(group->ends, at->topic, at->partition);
    int64_t lag = -1;

    if (at->offset >= 0 && end >= 0)
        lag = end > at->offset ? end - at->offset : 0;
    json_object_object_add(json, "position", web_number_json(at->offset));
    json_object_object_add(json, "end", web_number_json(end));
    json_object_object_add(json, "lag", web_number_json(lag));
    json_object_object_add(json, "member", owner_json(group, at));
    return json;
}

static void answer(const struct group *group)
{
    const char *protocol = rd_kafka_ConsumerGroupDescription_partition_assignor(
        group->said);
    struct json_object *json = json_object_new_object(),
                       *members = json_object_new_array(),
                       *positions = json_object_new_array();

    for (size_t i = 0; i < count_members(group); i++)
        json_object_array_add(members, member_json(group, i));
    for (int i = 0; i < group->all->cnt; i++)
        json_object_array_add(positions,
                              position_json(group, &group->all->elems[i]));
    json_object_object_add(json, "name", web_name_json(group->name));
    json_object_object_add(json, "state", web_group_state_json(group->said));
    json_object_object_add(
        json, "protocol",
        web_name_json(protocol && *protocol ? protocol : NULL));
    json_object_object_add(json, "members", members);
    json_object_object_add(json, "positions", positions);
    pf_http_json(group->ask.reply, json);
}

/* Add what members have and no position is committed of. */
static void add_assigned(struct group *group)
{
    for (size_t i = 0; i < count_members(group); i++) {
        const rd_kafka_topic_partition_list_t *has = assigned(group, i);

        for (int p = 0; has && p < has->cnt; p++)
            if (!rd_kafka_topic_partition_list_find(
                    group->all, has->elems[p].topic, has->elems[p].partition))
                rd_kafka_topic_partition_list_add(
                    group->all, has->elems[p].topic, has->elems[p].partition)
                    ->offset = -1;
    }
    rd_kafka_topic_partition_list_sort(group->all, NULL, NULL);
}

/* Of a group that it does not know, Kafka says that it is dead. */
static bool is_known(const struct group *group)
{
    return rd_kafka_ConsumerGroupDescription_state(group->said) !=
               RD_KAFKA_CONSUMER_GROUP_STATE_DEAD ||
           count_members(group);
}

static bool ask_all(struct group *group)
{
    rd_kafka_resp_err_t why;
    char what[300];

    snprintf(what, sizeof what, "group %s", group->name);
    group->topics = web_kafka_topics(&group->ask);
    if (group->topics)
        group->event = web_describe(&group->ask, &group->name, 1);
    if (!group->event)
        return false;
    group->said = web_described(group->event, group->name, &why);
    if (!group->said)
        return web_ask_refuse(&group->ask, why, what);
    if (!is_known(group))
        return web_ask_refuse(&group->ask, RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND,
                              what);
    if (!web_committed_ask(&group->ask, &group->name, 1, &group->committed))
        return false;
    group->all = group->committed
                     ? rd_kafka_topic_partition_list_copy(group->committed)
                     : rd_kafka_topic_partition_list_new(1);
    add_assigned(group);
    return web_ends_ask(&group->ask, group->topics, group->all, &group->ends);
}

static void release(struct group *group)
{
    rd_kafka_event_destroy(group->event);
    if (group->topics)
        rd_kafka_metadata_destroy(group->topics);
    if (group->committed)
        rd_kafka_topic_partition_list_destroy(group->committed);
    if (group->all)
        rd_kafka_topic_partition_list_destroy(group->all);
    if (group->ends)
        rd_kafka_topic_partition_list_destroy(group->ends);
}

void web_one_group(void *context, const struct pf_http_request *request,
                   struct pf_http_reply *reply)
{
    const struct web *web = context;
    struct group group = {.name = pf_http_part(request, 0)};

    if (!web_ask_begin(web->kafka, request, reply, &group.ask))
        return;
    if (ask_all(&group))
        answer(&group);
    release(&group);
    web_ask_end(&group.ask);
}
