#include "rights.h"

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "kafka_answer.h"
#include "log.h"
#include "stop.h"

#define NAME_MAX_BYTES 256 /* a topic's name has 249 at most */

/* Until each broker knows the rights, in all; for one question; and between two
 * of them. A broker learns of them from ZooKeeper: within 0.1 s where nothing
 * else runs, and within 1 s of a cluster that begins on two cores. */
#define KNOWN_MS 10000
#define ASK_MS 1000
#define PAUSE_MS 50

void rights_add(struct rights *rights, const char *principal,
                rd_kafka_ResourceType_t type, const char *name,
                rd_kafka_AclOperation_t operation)
{
    size_t len = strlen(name);
    bool is_prefix = len > 1 && name[len - 1] == '*';
    char text[NAME_MAX_BYTES];

    assert(rights->n < RIGHTS_MAX);
    snprintf(text, sizeof text, "%.*s", (int)(is_prefix ? len - 1 : len), name);
    rights->list[rights->n++] = rd_kafka_AclBinding_new(
        type, text,
        is_prefix ? RD_KAFKA_RESOURCE_PATTERN_PREFIXED
                  : RD_KAFKA_RESOURCE_PATTERN_LITERAL,
        principal, "*", operation, RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, NULL, 0);
}

void rights_add_reader(struct rights *rights, const char *principal,
                       const char *topic)
{
    rights_add(rights, principal, RD_KAFKA_RESOURCE_TOPIC, topic,
               RD_KAFKA_ACL_OPERATION_READ);
    rights_add(rights, principal, RD_KAFKA_RESOURCE_TOPIC, topic,
               RD_KAFKA_ACL_OPERATION_DESCRIBE_CONFIGS);
}

void rights_add_writer(struct rights *rights, const char *principal,
                       const char *topic)
{
    rights_add(rights, principal, RD_KAFKA_RESOURCE_TOPIC, topic,
               RD_KAFKA_ACL_OPERATION_WRITE);
    rights_add(rights, principal, RD_KAFKA_RESOURCE_TOPIC, topic,
               RD_KAFKA_ACL_OPERATION_DESCRIBE_CONFIGS);
}

void rights_release(struct rights *rights)
{
    rd_kafka_AclBinding_destroy_array(rights->list, rights->n);
    rights->n = 0;
}

static enum pf_rc judge(rd_kafka_resp_err_t failed, const char *why,
                        struct pf_error *err)
{
    if (!failed)
        return PF_OK;
    switch (failed) {
    case RD_KAFKA_RESP_ERR_SECURITY_DISABLED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_INVALID_REQUEST:
        return pf_fail(err, PF_IO, "rights: %s",
                       why ? why : rd_kafka_err2str(failed));
    default: /* no controller yet, or a lost connection */
        return pf_fail(err, PF_AGAIN, "rights: %s",
                       why ? why : rd_kafka_err2str(failed));
    }
}

static enum pf_rc judge_error(const rd_kafka_error_t *error,
                              struct pf_error *err)
{
    return error ? judge(rd_kafka_error_code(error),
                         rd_kafka_error_string(error), err)
                 : PF_OK;
}

/* The request as a whole. */
static enum pf_rc judge_event(rd_kafka_event_t *event, struct pf_error *err)
{
    return judge(rd_kafka_event_error(event),
                 rd_kafka_event_error_string(event), err);
}

/* The first of them that was refused decides. */
static enum pf_rc judge_given(rd_kafka_event_t *event, struct pf_error *err)
{
    const rd_kafka_acl_result_t **results;
    size_t n = 0;
    enum pf_rc rc = judge_event(event, err);

    if (rc)
        return rc;
    results = rd_kafka_CreateAcls_result_acls(
        rd_kafka_event_CreateAcls_result(event), &n);
    for (size_t i = 0; !rc && i < n; i++)
        rc = judge_error(rd_kafka_acl_result_error(results[i]), err);
    return rc;
}

/* The same of those that were to be taken away; and what the filter finds may
 * be refused as a whole. */
static enum pf_rc judge_taken(rd_kafka_event_t *event, struct pf_error *err)
{
    const rd_kafka_DeleteAcls_result_response_t **responses;
    size_t n = 0;
    enum pf_rc rc = judge_event(event, err);

    if (rc)
        return rc;
    responses = rd_kafka_DeleteAcls_result_responses(
        rd_kafka_event_DeleteAcls_result(event), &n);
    for (size_t i = 0; !rc && i < n; i++) {
        const rd_kafka_AclBinding_t **acls;
        size_t found = 0;

        rc = judge_error(
            rd_kafka_DeleteAcls_result_response_error(responses[i]), err);
        acls = rd_kafka_DeleteAcls_result_response_matching_acls(responses[i],
                                                                 &found);
        for (size_t k = 0; !rc && k < found; k++)
            rc = judge_error(rd_kafka_AclBinding_error(acls[k]), err);
    }
    return rc;
}

static bool is_same(const rd_kafka_AclBinding_t *a,
                    const rd_kafka_AclBinding_t *b)
{
    return rd_kafka_AclBinding_restype(a) == rd_kafka_AclBinding_restype(b) &&
           rd_kafka_AclBinding_resource_pattern_type(a) ==
               rd_kafka_AclBinding_resource_pattern_type(b) &&
           rd_kafka_AclBinding_operation(a) ==
               rd_kafka_AclBinding_operation(b) &&
           !strcmp(rd_kafka_AclBinding_name(a), rd_kafka_AclBinding_name(b)) &&
           !strcmp(rd_kafka_AclBinding_principal(a),
                   rd_kafka_AclBinding_principal(b));
}

static bool has_all(rd_kafka_event_t *listed, const struct rights *rights)
{
    size_t n = 0, found = 0;
    const rd_kafka_AclBinding_t **acls = rd_kafka_DescribeAcls_result_acls(
        rd_kafka_event_DescribeAcls_result(listed), &n);

    for (size_t r = 0; r < rights->n; r++)
        for (size_t i = 0; i < n; i++)
            if (is_same(acls[i], rights->list[r])) {
                found++;
                break;
            }
    return found == rights->n;
}

/* All rights, as that broker knows them; -1: as the controller does. NULL: it
 * does not answer. */
static rd_kafka_event_t *ask(rd_kafka_t *rk, rd_kafka_ResourceType_t type,
                             int32_t broker, int timeout_ms)
{
    rd_kafka_AclBindingFilter_t *filter = rd_kafka_AclBindingFilter_new(
        type, NULL, RD_KAFKA_RESOURCE_PATTERN_ANY, NULL, NULL,
        RD_KAFKA_ACL_OPERATION_ANY, RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, NULL,
        0);
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(
        rk, RD_KAFKA_ADMIN_OP_DESCRIBEACLS);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    rd_kafka_event_t *event;

    if (broker >= 0)
        rd_kafka_AdminOptions_set_broker(options, broker, NULL, 0);
    rd_kafka_DescribeAcls(rk, filter, options, queue);
    event = rd_kafka_queue_poll(queue, timeout_ms);
    rd_kafka_queue_destroy(queue);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_AclBinding_destroy(filter);
    return event;
}

static bool knows(rd_kafka_t *rk, const struct rights *rights, int32_t broker)
{
    rd_kafka_event_t *event = ask(rk, RD_KAFKA_RESOURCE_ANY, broker, ASK_MS);
    bool does = event && !rd_kafka_event_error(event) && has_all(event, rights);

    if (event)
        rd_kafka_event_destroy(event);
    return does;
}

/* The first of several brokers that does not know all of them; -1: none. */
static int32_t find_unaware(rd_kafka_t *rk, const struct rights *rights,
                            int64_t deadline_ms)
{
    const struct rd_kafka_metadata *answer;
    int32_t unaware = -1;

    if (pf_kafka_answer(rk, false, deadline_ms, &answer))
        return -1; /* as unsure as after an answer */
    for (int i = 0;
         answer->broker_cnt > 1 && unaware < 0 && i < answer->broker_cnt; i++)
        if (!knows(rk, rights, answer->brokers[i].id))
            unaware = answer->brokers[i].id;
    rd_kafka_metadata_destroy(answer);
    return unaware;
}

/* Until then, whoever got the rights may be refused what they allow. */
static void wait_until_known(rd_kafka_t *rk, const struct rights *rights,
                             int timeout_ms)
{
    int64_t deadline_ms = pf_now_ms() +
                          (timeout_ms < KNOWN_MS ? timeout_ms : KNOWN_MS);
    int32_t unaware;

    while ((unaware = find_unaware(rk, rights, deadline_ms)) >= 0 &&
           pf_left_ms(deadline_ms))
        pf_wait(-1, 0, PAUSE_MS);
    if (unaware >= 0)
        pf_log(PF_LOG_WARNING,
               "broker %" PRId32 " does not know all rights yet: it may refuse "
               "what they allow",
               unaware);
}

enum pf_rc rights_give(rd_kafka_t *rk, const struct rights *rights,
                       int timeout_ms, struct pf_error *err)
{
    int64_t deadline_ms = pf_now_ms() + timeout_ms;
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    rd_kafka_event_t *event;
    enum pf_rc rc;

    rd_kafka_CreateAcls(rk, (rd_kafka_AclBinding_t **)rights->list, rights->n,
                        NULL, queue);
    event = rd_kafka_queue_poll(queue, timeout_ms);
    rc = event ? judge_given(event, err)
               : pf_fail(err, PF_AGAIN, "rights: the broker does not answer");
    if (event)
        rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    if (!rc)
        wait_until_known(rk, rights, pf_left_ms(deadline_ms));
    return rc;
}

enum pf_rc rights_take(rd_kafka_t *rk, const char *principal, int timeout_ms,
                       struct pf_error *err)
{
    rd_kafka_AclBindingFilter_t *filter = rd_kafka_AclBindingFilter_new(
        RD_KAFKA_RESOURCE_ANY, NULL, RD_KAFKA_RESOURCE_PATTERN_ANY, principal,
        NULL, RD_KAFKA_ACL_OPERATION_ANY, RD_KAFKA_ACL_PERMISSION_TYPE_ANY,
        NULL, 0);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    rd_kafka_event_t *event;
    enum pf_rc rc;

    rd_kafka_DeleteAcls(rk, &filter, 1, NULL, queue);
    event = rd_kafka_queue_poll(queue, timeout_ms);
    rc = event ? judge_taken(event, err)
               : pf_fail(err, PF_IO, "rights: the broker does not answer");
    if (event)
        rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_AclBinding_destroy(filter);
    return rc ? PF_IO : PF_OK;
}

enum pf_rc rights_list(rd_kafka_t *rk, int timeout_ms, rd_kafka_event_t **ret,
                       struct pf_error *err)
{
    rd_kafka_event_t *event = ask(rk, RD_KAFKA_RESOURCE_TOPIC, -1, timeout_ms);
    enum pf_rc rc;

    rc = event ? judge_event(event, err)
               : pf_fail(err, PF_AGAIN, "rights: the broker does not answer");
    if (!rc)
        *ret = event;
    else if (event)
        rd_kafka_event_destroy(event);
    return rc;
}

static bool is_prefix(const rd_kafka_AclBinding_t *acl)
{
    return rd_kafka_AclBinding_resource_pattern_type(acl) ==
           RD_KAFKA_RESOURCE_PATTERN_PREFIXED;
}

void rights_of(const rd_kafka_event_t *listed, const char *principal,
               rd_kafka_AclOperation_t operation, struct pf_buffer *ret)
{
    size_t n = 0, before = ret->n;
    const rd_kafka_AclBinding_t **acls = rd_kafka_DescribeAcls_result_acls(
        rd_kafka_event_DescribeAcls_result((rd_kafka_event_t *)listed), &n);

    for (size_t i = 0; i < n; i++)
        if (rd_kafka_AclBinding_operation(acls[i]) == operation &&
            !strcmp(rd_kafka_AclBinding_principal(acls[i]), principal))
            pf_buffer_printf(ret, "%s%s%s", ret->n > before ? " " : "",
                             rd_kafka_AclBinding_name(acls[i]),
                             is_prefix(acls[i]) ? "*" : "");
    if (ret->n == before)
        pf_buffer_text(ret, "-");
}
