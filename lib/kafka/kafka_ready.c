#include "kafka_ready.h"

#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kafka_conf.h"
#include "kafka_topics.h"
#include "kafka_wake.h"
#include "log.h"
#include "stop.h"
#include "text.h"

/* How long a request may take, and the pause before the next one. */
#define REQUEST_MS 2000
#define RETRY_MS 50

/* Kafka's default of max.message.bytes: for an input that is not known. */
#define INPUT_MAX 1048588

/* Most topics of an input that are asked for. */
#define INPUTS 100

/* A client that asks, and what it has learnt. */
struct ready {
    const struct pf_kafka_wanted *wanted;
    rd_kafka_t *rk;
    rd_kafka_queue_t *queue; /* receives the answers */
    int wake;                /* readable when one has come */
    struct pf_log_limit log_limit;

    bool missing;      /* the topic */
    bool was_there;    /* it, when it was to be created */
    bool compacted;    /* it */
    int64_t max;       /* its max.message.bytes; -1: not known */
    int64_t input_max; /* that of the inputs: the largest; -1: not known */
};

static enum pf_rc open_client(struct ready *r, const rd_kafka_conf_t *like,
                              struct pf_error *err)
{
    /* A consumer's questions never create a topic. */
    enum pf_rc rc = pf_kafka_new(RD_KAFKA_CONSUMER, pf_kafka_conf_like(like),
                                 &r->rk, err);

    if (rc)
        return rc;
    r->queue = rd_kafka_queue_new(r->rk);
    return pf_kafka_wake_open(r->queue, &r->wake, err);
}

static void close_client(struct ready *r)
{
    pf_kafka_wake_close(r->queue, r->wake);
    if (r->rk)
        rd_kafka_destroy_flags(r->rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

/* Wait for the answer to a request. NULL: a stop was asked for. */
static rd_kafka_event_t *wait_for_answer(struct ready *r)
{
    rd_kafka_event_t *event = NULL;

    while (!event && pf_wait(r->wake, POLLIN, -1) == PF_OK) {
        pf_kafka_wake_clear(r->wake);
        event = rd_kafka_queue_poll(r->queue, 0);
    }
    return event;
}

static enum pf_rc stopped(const struct ready *r, struct pf_error *err)
{
    return pf_fail(err, PF_END, "asked to stop before %s was there",
                   r->wanted->topic);
}

/* There was no answer from a broker: PF_AGAIN, after a pause. */
static enum pf_rc try_again(struct ready *r, const char *why)
{
    pf_log_limited(&r->log_limit, PF_LOG_INFO,
                   "waiting for %s, the topic for %s: %s", r->wanted->topic,
                   r->wanted->what, why);
    return pf_wait(-1, 0, RETRY_MS) == PF_END ? PF_END : PF_AGAIN;
}

/* Learn from the settings of one topic. */
static void learn(struct ready *r, const rd_kafka_ConfigResource_t *resource)
{
    const char *name = rd_kafka_ConfigResource_name(resource);
    bool is_input = strcmp(name, r->wanted->topic) != 0;
    const char *policy = pf_kafka_described(resource, "cleanup.policy");
    int64_t found = pf_kafka_described_max(resource);
    int64_t *max = is_input ? &r->input_max : &r->max;

    if (rd_kafka_ConfigResource_error(resource))
        pf_log(PF_LOG_DEBUG, "max.message.bytes of %s is not known: %s", name,
               rd_kafka_err2str(rd_kafka_ConfigResource_error(resource)));
    if (!is_input)
        r->missing = rd_kafka_ConfigResource_error(resource) ==
                     RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    if (found > *max)
        *max = found;
    if (!is_input && policy)
        r->compacted = strstr(policy, "compact");
}

/* Ask for the settings of these topics, once. */
static enum pf_rc ask(struct ready *r, rd_kafka_ConfigResource_t **resources,
                      size_t n, const rd_kafka_AdminOptions_t *options)
{
    const rd_kafka_ConfigResource_t **results;
    rd_kafka_event_t *event;
    enum pf_rc rc = PF_OK;

    rd_kafka_DescribeConfigs(r->rk, resources, n, options, r->queue);
    event = wait_for_answer(r);
    if (!event)
        return PF_END;
    if (rd_kafka_event_error(event)) {
        rc = try_again(r, rd_kafka_event_error_string(event));
    } else {
        results = rd_kafka_DescribeConfigs_result_resources(
            rd_kafka_event_DescribeConfigs_result(event), &n);
        for (size_t i = 0; i < n; i++)
            learn(r, results[i]);
    }
    rd_kafka_event_destroy(event);
    return rc;
}

static rd_kafka_AdminOptions_t *options_of(const struct ready *r,
                                           rd_kafka_admin_op_t op)
{
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(r->rk, op);

    rd_kafka_AdminOptions_set_request_timeout(options, REQUEST_MS, NULL, 0);
    return options;
}

/* Ask for the settings of the topic and of its inputs. What a pattern will
 * match is not known: any size. */
static enum pf_rc look(struct ready *r, struct pf_error *err)
{
    const char *input = r->wanted->input;
    rd_kafka_AdminOptions_t *options = options_of(
        r, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
    rd_kafka_ConfigResource_t *resources[INPUTS + 1] = {
        rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, r->wanted->topic)};
    char *names = strdup(input ? input : ""), *rest = names, *name;
    size_t n = 1;
    enum pf_rc rc = names ? PF_AGAIN
                          : pf_fail(err, PF_NOMEM, "%s: no memory",
                                    r->wanted->topic);

    while (names && n <= INPUTS && (name = strsep(&rest, ",")))
        if (*name == '^')
            r->input_max = INT32_MAX;
        else if (*name)
            resources[n++] = rd_kafka_ConfigResource_new(
                RD_KAFKA_RESOURCE_TOPIC, name);
    while (rc == PF_AGAIN)
        rc = ask(r, resources, n, options);
    rd_kafka_ConfigResource_destroy_array(resources, n);
    rd_kafka_AdminOptions_destroy(options);
    free(names);
    return rc == PF_END ? stopped(r, err) : rc;
}

/* The result of the request to create the topic. */
static enum pf_rc judge(struct ready *r, rd_kafka_event_t *event, int64_t max,
                        struct pf_error *err)
{
    rd_kafka_resp_err_t failed = rd_kafka_event_error(event);
    const char *why = failed ? rd_kafka_err2str(failed) : NULL;
    const rd_kafka_topic_result_t **results;
    size_t n = 0;

    if (!failed) {
        results = rd_kafka_CreateTopics_result_topics(
            rd_kafka_event_CreateTopics_result(event), &n);
        failed = n ? rd_kafka_topic_result_error(results[0])
                   : RD_KAFKA_RESP_ERR__FAIL;
        why = n ? rd_kafka_topic_result_error_string(results[0]) : NULL;
    }
    switch (failed) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
        pf_log(PF_LOG_INFO, "created topic %s for %s", r->wanted->topic,
               r->wanted->what);
        return PF_OK;
    case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS:
        r->was_there = true;
        return PF_OK;
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_NOT_CONTROLLER:
        return try_again(r, why ? why : rd_kafka_err2str(failed));
    default:
        return pf_fail(err, PF_IO,
                       "topic %s is missing and cannot be created: %s; create "
                       "it with max.message.bytes=%" PRId64
                       ", or give this user the right to CREATE it",
                       r->wanted->topic, why ? why : rd_kafka_err2str(failed),
                       max);
    }
}

/* Create the topic, which takes records of max bytes. */
static enum pf_rc create(struct ready *r, int64_t max, struct pf_error *err)
{
    rd_kafka_AdminOptions_t *options = options_of(
        r, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    rd_kafka_NewTopic_t *topic = rd_kafka_NewTopic_new(
        r->wanted->topic, r->wanted->partitions, -1, NULL, 0);
    enum pf_rc rc = PF_AGAIN;
    char text[24];

    snprintf(text, sizeof text, "%" PRId64, max);
    rd_kafka_NewTopic_set_config(topic, "max.message.bytes", text);
    while (rc == PF_AGAIN) {
        rd_kafka_event_t *event;

        rd_kafka_CreateTopics(r->rk, &topic, 1, options, r->queue);
        event = wait_for_answer(r);
        rc = event ? judge(r, event, max, err) : PF_END;
        if (event)
            rd_kafka_event_destroy(event);
    }
    rd_kafka_NewTopic_destroy(topic);
    rd_kafka_AdminOptions_destroy(options);
    return rc == PF_END ? stopped(r, err) : rc;
}

/* The records that the topic is to take, in bytes. */
static int64_t wish(const struct ready *r)
{
    const struct pf_kafka_wanted *wanted = r->wanted;
    int64_t max = !wanted->input      ? wanted->largest
                  : r->input_max >= 0 ? r->input_max
                                      : INPUT_MAX;

    return max > INT32_MAX - wanted->room ? INT32_MAX : max + wanted->room;
}

/* Create the topic; unless it is there after all: another was faster, or the
 * broker had only just begun and did not know its topics yet. */
static enum pf_rc make(struct ready *r, struct pf_error *err)
{
    enum pf_rc rc = PF_OK;

    while (!rc && r->missing) {
        r->was_there = false;
        rc = create(r, wish(r), err);
        if (rc || !r->was_there)
            break;
        rc = pf_wait(-1, 0, RETRY_MS) == PF_END ? stopped(r, err)
                                                : look(r, err);
    }
    return rc;
}

/* The topic is there: does it fit? */
static enum pf_rc check(const struct ready *r, int64_t max,
                        struct pf_error *err)
{
    if (r->compacted && !r->wanted->may_compact)
        return pf_fail(err, PF_CONFIG,
                       "%s is compacted, and would lose %s: set its "
                       "cleanup.policy to delete, or name another topic",
                       r->wanted->topic, r->wanted->what);
    if (r->max < 0)
        pf_log(PF_LOG_WARNING,
               "it is not known how long a record %s takes: this user would "
               "need the right to DESCRIBE_CONFIGS",
               r->wanted->topic);
    else if (r->max < max)
        pf_log(PF_LOG_WARNING,
               "%s takes records of %" PRId64 " bytes, %s %" PRId64
               ": with one that is too long %s; kafka-configs "
               "--alter --entity-type topics --entity-name %s --add-config "
               "max.message.bytes=%" PRId64,
               r->wanted->topic, r->max, r->wanted->most, max, r->wanted->then,
               r->wanted->topic, max);
    return PF_OK;
}

enum pf_rc pf_kafka_ready(const struct pf_kafka_wanted *wanted,
                          const rd_kafka_conf_t *like, int64_t *ret_takes,
                          struct pf_error *err)
{
    struct ready ready = {
        .wanted = wanted, .wake = -1, .max = -1, .input_max = -1};
    enum pf_rc rc = open_client(&ready, like, err);

    if (!rc)
        rc = look(&ready, err);
    if (!rc)
        rc = make(&ready, err);
    if (!rc && !ready.missing)
        rc = check(&ready, wish(&ready), err);
    if (ret_takes)
        *ret_takes = ready.missing ? wish(&ready) : ready.max;
    close_client(&ready);
    return rc;
}
