#include "rights.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define NAME_MAX_BYTES 256 /* a topic's name has 249 at most */

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

/* The first of them that was refused decides. */
static enum pf_rc judge_given(rd_kafka_event_t *event, struct pf_error *err)
{
    const rd_kafka_acl_result_t **results;
    size_t n = 0;
    enum pf_rc rc = judge(rd_kafka_event_error(event),
                          rd_kafka_event_error_string(event), err);

    if (rc)
        return rc;
    results = rd_kafka_CreateAcls_result_acls(
        rd_kafka_event_CreateAcls_result(event), &n);
    for (size_t i = 0; !rc && i < n; i++) {
        const rd_kafka_error_t *error = rd_kafka_acl_result_error(results[i]);

        if (error)
            rc = judge(rd_kafka_error_code(error), rd_kafka_error_string(error),
                       err);
    }
    return rc;
}

enum pf_rc rights_give(rd_kafka_t *rk, const struct rights *rights,
                       int timeout_ms, struct pf_error *err)
{
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
    rc = event ? judge(rd_kafka_event_error(event),
                       rd_kafka_event_error_string(event), err)
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
    rd_kafka_AclBindingFilter_t *filter = rd_kafka_AclBindingFilter_new(
        RD_KAFKA_RESOURCE_TOPIC, NULL, RD_KAFKA_RESOURCE_PATTERN_ANY, NULL,
        NULL, RD_KAFKA_ACL_OPERATION_ANY, RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW,
        NULL, 0);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    rd_kafka_event_t *event;
    enum pf_rc rc;

    rd_kafka_DescribeAcls(rk, filter, NULL, queue);
    event = rd_kafka_queue_poll(queue, timeout_ms);
    rc = event ? judge(rd_kafka_event_error(event),
                       rd_kafka_event_error_string(event), err)
               : pf_fail(err, PF_AGAIN, "rights: the broker does not answer");
    if (!rc)
        *ret = event;
    else if (event)
        rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_AclBinding_destroy(filter);
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
