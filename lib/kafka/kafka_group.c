#include "kafka_group.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "kafka_conf.h"
#include "stop.h"

/* Requests of Kafka's protocol, https://kafka.apache.org/protocol */
#define JOIN_GROUP 11
#define SYNC_GROUP 14

#define WATCH "pricefeed-group"

/* The rebalance callback. */
static void note_change(rd_kafka_t *rk, rd_kafka_resp_err_t why,
                        rd_kafka_topic_partition_list_t *partitions,
                        void *opaque)
{
    struct pf_kafka_group *group = opaque;

    if (group->list)
        rd_kafka_topic_partition_list_destroy(group->list);
    group->list = rd_kafka_topic_partition_list_copy(partitions);
    group->come = why == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
    group->lost = !group->come && rd_kafka_assignment_lost(rk);
}

static rd_kafka_resp_err_t on_request(rd_kafka_t *rk, int fd, const char *name,
                                      int32_t broker, int16_t key,
                                      int16_t version, int32_t number,
                                      size_t size, void *opaque)
{
    struct pf_kafka_group *group = opaque;

    (void)rk, (void)fd, (void)name, (void)broker;
    (void)version, (void)number, (void)size;
    if (key == JOIN_GROUP)
        atomic_store(&group->joins, true);
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

/* The new generation begins with the answer to SyncGroup. After a request that
 * has failed librdkafka joins again, maybe with another coordinator. */
static rd_kafka_resp_err_t on_answer(rd_kafka_t *rk, int fd, const char *name,
                                     int32_t broker, int16_t key,
                                     int16_t version, int32_t number,
                                     size_t size, int64_t us,
                                     rd_kafka_resp_err_t why, void *opaque)
{
    struct pf_kafka_group *group = opaque;

    (void)rk, (void)fd, (void)name, (void)broker;
    (void)version, (void)number, (void)size, (void)us;
    if (key == SYNC_GROUP && !why)
        atomic_store(&group->joins, false);
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static rd_kafka_resp_err_t on_new(rd_kafka_t *rk, const rd_kafka_conf_t *conf,
                                  void *opaque, char *errstr, size_t size)
{
    (void)conf, (void)errstr, (void)size;
    rd_kafka_interceptor_add_on_request_sent(rk, WATCH, on_request, opaque);
    rd_kafka_interceptor_add_on_response_received(rk, WATCH, on_answer, opaque);
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

void pf_kafka_group_watch(struct pf_kafka_group *group, rd_kafka_conf_t *conf)
{
    rd_kafka_conf_set_opaque(conf, group);
    rd_kafka_conf_set_rebalance_cb(conf, note_change);
    rd_kafka_conf_interceptor_add_on_new(conf, WATCH, on_new, group);
}

enum pf_rc pf_kafka_group_check(const char *topics, struct pf_error *err)
{
    char *names = strdup(topics), *rest = names, *name;
    enum pf_rc rc = names ? PF_OK : PF_NOMEM;

    while (!rc && (name = strsep(&rest, ","))) {
        if (*name != '^')
            rc = pf_topic_check(name, err);
        for (char *at = names; at < name && !rc; at += strlen(at) + 1)
            if (!strcmp(at, name))
                rc = pf_fail(err, PF_CONFIG, "%.60s is there twice", name);
    }
    free(names);
    return rc;
}

/* Does the name or pattern include the topic? librdkafka matches patterns in
 * the same way. */
static bool includes(const char *name, const char *topic)
{
    regex_t pattern;
    bool found;

    if (*name != '^')
        return !strcmp(name, topic);
    if (regcomp(&pattern, name, REG_EXTENDED | REG_NOSUB))
        return false; /* subscribing to it fails */
    found = !regexec(&pattern, topic, 0, NULL, 0);
    regfree(&pattern);
    return found;
}

bool pf_kafka_group_reads(const char *topics, const char *topic)
{
    char *names = strdup(topics), *rest = names, *name;
    bool found = false;

    while (names && !found && (name = strsep(&rest, ",")))
        found = includes(name, topic);
    free(names);
    return found;
}

enum pf_rc pf_kafka_group_join(rd_kafka_t *rk, const char *topics,
                               struct pf_error *err)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(
        1);
    char *names = strdup(topics), *rest = names, *name;
    rd_kafka_resp_err_t why;

    while (names && (name = strsep(&rest, ",")))
        rd_kafka_topic_partition_list_add(list, name, RD_KAFKA_PARTITION_UA);
    free(names);
    why = rd_kafka_subscribe(rk, list);
    rd_kafka_topic_partition_list_destroy(list);
    if (why)
        return pf_fail(err, PF_CONFIG, "kafka: feed.topic = %s: %s", topics,
                       rd_kafka_err2str(why));
    return PF_OK;
}

enum pf_rc pf_kafka_group_apply(struct pf_kafka_group *group, rd_kafka_t *rk,
                                struct pf_error *err)
{
    const char *protocol = rd_kafka_rebalance_protocol(rk);
    bool cooperative = protocol && !strcmp(protocol, "COOPERATIVE");
    rd_kafka_topic_partition_list_t *list = group->list;
    rd_kafka_resp_err_t why = RD_KAFKA_RESP_ERR_NO_ERROR;
    rd_kafka_error_t *error = NULL;
    enum pf_rc rc = PF_OK;

    group->list = NULL;
    if (cooperative)
        error = group->come ? rd_kafka_incremental_assign(rk, list)
                            : rd_kafka_incremental_unassign(rk, list);
    else
        why = rd_kafka_assign(rk, group->come ? list : NULL);
    rd_kafka_topic_partition_list_destroy(list);
    if (error)
        rc = pf_fail(err, PF_IO, "kafka: assign: %s",
                     rd_kafka_error_string(error));
    else if (why)
        rc = pf_fail(err, PF_IO, "kafka: assign: %s", rd_kafka_err2str(why));
    rd_kafka_error_destroy(error);
    return rc;
}

#if RD_KAFKA_VERSION >= 0x020300ff

/* librdkafka (2.8) does not wake the thread of a broker when a partition is
 * resumed; what that has to send does. */
void pf_kafka_group_wake(struct pf_kafka_group *group, rd_kafka_t *rk,
                         rd_kafka_topic_partition_list_t *kept)
{
    rd_kafka_AdminOptions_t *options;
    rd_kafka_event_t *answer;

    if (!kept->cnt)
        return;
    if (!group->answers)
        group->answers = rd_kafka_queue_new(rk);
    while ((answer = rd_kafka_queue_poll(group->answers, 0)))
        rd_kafka_event_destroy(answer);
    options = rd_kafka_AdminOptions_new(rk, RD_KAFKA_ADMIN_OP_LISTOFFSETS);
    rd_kafka_AdminOptions_set_request_timeout(options, PF_KAFKA_PATIENT_MS,
                                              NULL, 0);
    for (int i = 0; i < kept->cnt; i++)
        kept->elems[i].offset = RD_KAFKA_OFFSET_SPEC_LATEST;
    rd_kafka_ListOffsets(rk, kept, options, group->answers);
    rd_kafka_AdminOptions_destroy(options);
}

#else

void pf_kafka_group_wake(struct pf_kafka_group *group, rd_kafka_t *rk,
                         rd_kafka_topic_partition_list_t *kept)
{
    (void)group, (void)rk, (void)kept;
}

#endif

void pf_kafka_group_close(struct pf_kafka_group *group)
{
    if (group->answers)
        rd_kafka_queue_destroy(group->answers);
    group->answers = NULL;
}

bool pf_kafka_group_leave(struct pf_kafka_group *group, rd_kafka_t *rk,
                          rd_kafka_queue_t *queue, int timeout_ms)
{
    int64_t began = pf_now_ms();
    rd_kafka_error_t *error = rd_kafka_consumer_close_queue(rk, queue);
    rd_kafka_message_t *message;

    while (!error && !rd_kafka_consumer_closed(rk) &&
           pf_left_ms(began +
                      (pf_stop_asked() ? timeout_ms : PF_KAFKA_PATIENT_MS))) {
        message = NULL;
        if (rd_kafka_consume_batch_queue(queue, 10, &message, 1) > 0)
            rd_kafka_message_destroy(message);
        if (group->list)
            pf_kafka_group_apply(group, rk, NULL);
    }
    rd_kafka_error_destroy(error);
    if (group->list)
        rd_kafka_topic_partition_list_destroy(group->list);
    group->list = NULL;
    return rd_kafka_consumer_closed(rk);
}
