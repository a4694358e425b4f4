/* reset_all.c - `pf-broker reset --all`: delete all topics and groups of a
 * cluster that is running.
 */
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "cluster_ask.h"
#include "ctl.h"
#include "log.h"
#include "text.h"
#include "topics_gone.h"

#define TIMEOUT_MAX_MS 3600000 /* librdkafka's own limit */

/* What is deleted: names, borrowed from the two answers. */
struct flush {
    rd_kafka_t *rk;
    rd_kafka_queue_t *queue; /* of answers */
    int timeout_ms; /* of each request: the question may take any time */
    struct pf_cluster cluster;
    rd_kafka_event_t *listed;
    PF_VEC(const char *) topics, groups;
    size_t failed; /* how many could not be deleted */
};

static void release(struct flush *f)
{
    free(f->topics.at);
    free(f->groups.at);
    pf_cluster_release(&f->cluster);
    if (f->listed)
        rd_kafka_event_destroy(f->listed);
    if (f->queue)
        rd_kafka_queue_destroy(f->queue);
}

/* Kafka's own, which it makes again when it needs them. */
static bool is_internal(const char *topic)
{
    return !strcmp(topic, "__consumer_offsets") ||
           !strcmp(topic, "__transaction_state") ||
           !strcmp(topic, "__share_group_state");
}

/* The caller frees it. The brokers are to give up before we do: they say what
 * has not been done. */
static rd_kafka_AdminOptions_t *options_for(const struct flush *f,
                                            rd_kafka_admin_op_t operation)
{
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(f->rk,
                                                                 operation);

    rd_kafka_AdminOptions_set_request_timeout(options, f->timeout_ms, NULL, 0);
    if (operation == RD_KAFKA_ADMIN_OP_DELETETOPICS)
        rd_kafka_AdminOptions_set_operation_timeout(options, f->timeout_ms / 2,
                                                    NULL, 0);
    return options;
}

/* The answer to a request that was given f->queue; the caller destroys it. It
 * comes in time, because each request has a limit. */
static rd_kafka_event_t *answer(struct flush *f,
                                rd_kafka_AdminOptions_t *options)
{
    rd_kafka_event_t *event = rd_kafka_queue_poll(f->queue, -1);

    rd_kafka_AdminOptions_destroy(options);
    return event;
}

/* Each broker has to say which groups it has. One that is gone has none, and
 * its replicas are deleted when it comes back. */
static enum pf_rc check_brokers(const struct flush *f, struct pf_error *err)
{
    for (size_t i = 0; i < f->cluster.nodes.n; i++) {
        const struct pf_cluster_node *node = &f->cluster.nodes.at[i];

        if (node->state == PF_NODE_SILENT)
            return pf_fail(err, PF_IO,
                           "broker %d at %.280s does not answer; nothing was "
                           "deleted",
                           (int)node->id, node->address);
    }
    return PF_OK;
}

static enum pf_rc find_topics(struct flush *f, struct pf_error *err)
{
    enum pf_rc rc = pf_cluster_ask(f->rk, f->timeout_ms, &f->cluster, err);
    const char *last = NULL;

    for (size_t i = 0; !rc && i < f->cluster.partitions.n; i++) {
        const char *topic = f->cluster.partitions.at[i].topic;

        if ((!last || strcmp(topic, last)) && !is_internal(topic) &&
            !PF_VEC_PUSH(&f->topics, topic))
            rc = pf_fail(err, PF_NOMEM, "out of memory");
        last = topic;
    }
    return rc;
}

/* A group that has members would come back, with the positions that they
 * commit. */
static enum pf_rc take_group(struct flush *f,
                             const rd_kafka_ConsumerGroupListing_t *group,
                             struct pf_error *err)
{
    const char *name = rd_kafka_ConsumerGroupListing_group_id(group);
    char text[100];

    switch (rd_kafka_ConsumerGroupListing_state(group)) {
    case RD_KAFKA_CONSUMER_GROUP_STATE_PREPARING_REBALANCE:
    case RD_KAFKA_CONSUMER_GROUP_STATE_COMPLETING_REBALANCE:
    case RD_KAFKA_CONSUMER_GROUP_STATE_STABLE:
        return pf_fail(err, PF_IO,
                       "group '%s' has members; stop them first, or if they "
                       "were killed, wait until their sessions expire; nothing "
                       "was deleted",
                       pf_escape(text, sizeof text, name, strlen(name)));
    default:
        return PF_VEC_PUSH(&f->groups, name)
                   ? PF_OK
                   : pf_fail(err, PF_NOMEM, "out of memory");
    }
}

static enum pf_rc find_groups(struct flush *f, struct pf_error *err)
{
    rd_kafka_AdminOptions_t *options = options_for(
        f, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS);
    const rd_kafka_ListConsumerGroups_result_t *result;
    const rd_kafka_ConsumerGroupListing_t **groups;
    const rd_kafka_error_t **errors;
    size_t n = 0;
    enum pf_rc rc = PF_OK;

    rd_kafka_ListConsumerGroups(f->rk, options, f->queue);
    f->listed = answer(f, options);
    if (rd_kafka_event_error(f->listed))
        return pf_fail(err, PF_IO, "groups: %s",
                       rd_kafka_event_error_string(f->listed));
    result = rd_kafka_event_ListConsumerGroups_result(f->listed);
    errors = rd_kafka_ListConsumerGroups_result_errors(result, &n);
    if (n)
        return pf_fail(err, PF_IO,
                       "a broker does not say which groups it has: %s",
                       rd_kafka_error_string(errors[0]));
    groups = rd_kafka_ListConsumerGroups_result_valid(result, &n);
    for (size_t i = 0; !rc && i < n; i++)
        rc = take_group(f, groups[i], err);
    return rc;
}

static void list(const char *what, const char *const *names, size_t n)
{
    char text[1024];

    for (size_t i = 0; i < n; i++)
        printf("  %s %s\n", what,
               pf_escape(text, sizeof text, names[i], strlen(names[i])));
}

static void list_all(const struct ctl *ctl, const struct flush *f)
{
    char text[1000];

    printf("This deletes all records, topics and offsets of the cluster at "
           "%s:\n",
           pf_escape(text, sizeof text, ctl->brokers, strlen(ctl->brokers)));
    list("topic", f->topics.at, f->topics.n);
    list("group", f->groups.at, f->groups.n);
}

static void say_failed(struct flush *f, const char *what, const char *name,
                       const char *why)
{
    f->failed++;
    pf_log(PF_LOG_ERROR, "%s '%.249s' is not deleted: %s", what, name, why);
}

/* No answer to a request for all of them. */
static void say_all_failed(struct flush *f, const char *what,
                           const char *const *names, size_t n, const char *why)
{
    for (size_t i = 0; i < n; i++)
        say_failed(f, what, names[i], why);
}

static void judge_groups(struct flush *f, rd_kafka_event_t *event)
{
    const rd_kafka_group_result_t **results;
    size_t n = 0;

    results = rd_kafka_DeleteGroups_result_groups(
        rd_kafka_event_DeleteGroups_result(event), &n);
    for (size_t i = 0; i < n; i++) {
        const rd_kafka_error_t *why = rd_kafka_group_result_error(results[i]);

        /* One that is not found has been deleted by somebody else. */
        if (why &&
            rd_kafka_error_code(why) != RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND)
            say_failed(f, "group", rd_kafka_group_result_name(results[i]),
                       rd_kafka_error_string(why));
    }
}

static void judge_topics(struct flush *f, rd_kafka_event_t *event)
{
    const rd_kafka_topic_result_t **results;
    size_t n = 0;

    results = rd_kafka_DeleteTopics_result_topics(
        rd_kafka_event_DeleteTopics_result(event), &n);
    for (size_t i = 0; i < n; i++) {
        rd_kafka_resp_err_t code = rd_kafka_topic_result_error(results[i]);
        const char *why = rd_kafka_topic_result_error_string(results[i]);

        if (code && code != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
            say_failed(f, "topic", rd_kafka_topic_result_name(results[i]),
                       why ? why : rd_kafka_err2str(code));
    }
}

static enum pf_rc delete_groups(struct flush *f, struct pf_error *err)
{
    size_t n = f->groups.n;
    rd_kafka_DeleteGroup_t **groups = n ? calloc(n, sizeof *groups) : NULL;
    rd_kafka_AdminOptions_t *options;
    rd_kafka_event_t *event;

    if (!groups)
        return n ? pf_fail(err, PF_NOMEM, "out of memory") : PF_OK;
    for (size_t i = 0; i < n; i++)
        groups[i] = rd_kafka_DeleteGroup_new(f->groups.at[i]);
    options = options_for(f, RD_KAFKA_ADMIN_OP_DELETEGROUPS);
    rd_kafka_DeleteGroups(f->rk, groups, n, options, f->queue);
    event = answer(f, options);
    if (rd_kafka_event_error(event))
        say_all_failed(f, "group", f->groups.at, n,
                       rd_kafka_event_error_string(event));
    else
        judge_groups(f, event);
    rd_kafka_event_destroy(event);
    rd_kafka_DeleteGroup_destroy_array(groups, n);
    free(groups);
    return PF_OK;
}

static enum pf_rc delete_topics(struct flush *f, struct pf_error *err)
{
    size_t n = f->topics.n;
    rd_kafka_DeleteTopic_t **topics = n ? calloc(n, sizeof *topics) : NULL;
    rd_kafka_AdminOptions_t *options;
    rd_kafka_event_t *event;

    if (!topics)
        return n ? pf_fail(err, PF_NOMEM, "out of memory") : PF_OK;
    for (size_t i = 0; i < n; i++)
        topics[i] = rd_kafka_DeleteTopic_new(f->topics.at[i]);
    options = options_for(f, RD_KAFKA_ADMIN_OP_DELETETOPICS);
    rd_kafka_DeleteTopics(f->rk, topics, n, options, f->queue);
    event = answer(f, options);
    if (rd_kafka_event_error(event))
        say_all_failed(f, "topic", f->topics.at, n,
                       rd_kafka_event_error_string(event));
    else
        judge_topics(f, event);
    rd_kafka_event_destroy(event);
    rd_kafka_DeleteTopic_destroy_array(topics, n);
    free(topics);
    return PF_OK;
}

static enum pf_rc delete_all(const struct ctl *ctl, struct flush *f,
                             struct pf_error *err)
{
    size_t n = f->groups.n + f->topics.n;
    int64_t deadline_ms = pf_now_ms() + f->timeout_ms;
    enum pf_rc rc = delete_groups(f, err);

    if (!rc)
        rc = delete_topics(f, err);
    if (!rc && f->failed)
        rc = pf_fail(err, PF_IO,
                     "%zu of %zu topics and groups are not deleted; see "
                     "pf-broker status, then try again",
                     f->failed, n);
    if (!rc)
        rc = ctl_await_gone(ctl, &f->cluster, f->topics.at, f->topics.n,
                            deadline_ms, err);
    return rc;
}

enum pf_rc ctl_reset_all(struct ctl *ctl, struct pf_error *err)
{
    int left = pf_left_ms(ctl->deadline_ms);
    struct flush f = {.timeout_ms = left < TIMEOUT_MAX_MS ? left
                                                          : TIMEOUT_MAX_MS,
                      .cluster = {.controller = -1}};
    enum pf_rc rc = ctl_open(ctl, RD_KAFKA_CONSUMER, &f.rk, err);

    if (!rc) {
        f.queue = rd_kafka_queue_new(f.rk);
        rc = find_topics(&f, err);
    }
    if (rc == PF_AGAIN)
        rc = pf_fail(err, rc, "no broker answers; asked: %.200s%s%.250s",
                     ctl->brokers, *ctl_trouble(f.rk) ? "; " : "",
                     ctl_trouble(f.rk));
    if (!rc)
        rc = check_brokers(&f, err);
    if (!rc)
        rc = find_groups(&f, err);
    if (!rc) {
        list_all(ctl, &f);
        rc = ctl_confirm(ctl, err);
    }
    if (!rc)
        rc = delete_all(ctl, &f, err);
    if (!rc)
        printf("All topics and groups are deleted. Each node still has its own "
               "data:\nwhile it is stopped, `pf-broker reset` there deletes "
               "them.\n");
    release(&f);
    return rc;
}
