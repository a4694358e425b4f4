#include "scram.h"

#include <string.h>

void scram_users_release(struct scram_users *users)
{
    for (size_t i = 0; i < users->names.n; i++)
        free(users->names.at[i]);
    free(users->names.at);
    *users = (struct scram_users){0};
}

#if RD_KAFKA_VERSION >= 0x020200ff

#define ROUNDS 8192 /* of the hash; Kafka wants 4096 to 16384 */

static enum pf_rc judge(rd_kafka_resp_err_t failed, const char *why,
                        struct pf_error *err)
{
    switch (failed) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
        return PF_OK;
    case RD_KAFKA_RESP_ERR_RESOURCE_NOT_FOUND:
        return PF_END;
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_UNACCEPTABLE_CREDENTIAL:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM:
        return pf_fail(err, PF_IO, "users: %s",
                       why ? why : rd_kafka_err2str(failed));
    default: /* no controller yet, or a lost connection */
        return pf_fail(err, PF_AGAIN, "users: %s",
                       why ? why : rd_kafka_err2str(failed));
    }
}

static enum pf_rc judge_event(rd_kafka_event_t *event, struct pf_error *err)
{
    const rd_kafka_AlterUserScramCredentials_result_response_t **answers;
    const rd_kafka_error_t *error;
    size_t n = 0;

    if (rd_kafka_event_error(event))
        return judge(rd_kafka_event_error(event),
                     rd_kafka_event_error_string(event), err);
    answers = rd_kafka_AlterUserScramCredentials_result_responses(
        rd_kafka_event_AlterUserScramCredentials_result(event), &n);
    if (!n)
        return pf_fail(err, PF_IO, "users: the broker's answer is empty");
    error = rd_kafka_AlterUserScramCredentials_result_response_error(
        answers[0]);
    return judge(rd_kafka_error_code(error), rd_kafka_error_string(error), err);
}

/* Ask for one change, which this frees. */
static enum pf_rc alter(rd_kafka_t *rk,
                        rd_kafka_UserScramCredentialAlteration_t *change,
                        int timeout_ms, struct pf_error *err)
{
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    rd_kafka_event_t *event;
    enum pf_rc rc;

    rd_kafka_AlterUserScramCredentials(rk, &change, 1, NULL, queue);
    event = rd_kafka_queue_poll(queue, timeout_ms);
    rc = event ? judge_event(event, err)
               : pf_fail(err, PF_AGAIN, "users: the broker does not answer");
    if (event)
        rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_UserScramCredentialAlteration_destroy(change);
    return rc;
}

enum pf_rc scram_put(rd_kafka_t *rk, const char *name, const char *password,
                     int timeout_ms, struct pf_error *err)
{
    return alter(rk,
                 rd_kafka_UserScramCredentialUpsertion_new(
                     name, RD_KAFKA_SCRAM_MECHANISM_SHA_512, ROUNDS,
                     (const unsigned char *)password, strlen(password), NULL,
                     0),
                 timeout_ms, err);
}

enum pf_rc scram_remove(rd_kafka_t *rk, const char *name, int timeout_ms,
                        struct pf_error *err)
{
    return alter(rk,
                 rd_kafka_UserScramCredentialDeletion_new(
                     name, RD_KAFKA_SCRAM_MECHANISM_SHA_512),
                 timeout_ms, err);
}

static enum pf_rc take_names(rd_kafka_event_t *event, struct scram_users *ret,
                             struct pf_error *err)
{
    const rd_kafka_UserScramCredentialsDescription_t **users;
    size_t n = 0;
    enum pf_rc rc = judge(rd_kafka_event_error(event),
                          rd_kafka_event_error_string(event), err);

    if (rc)
        return rc;
    users = rd_kafka_DescribeUserScramCredentials_result_descriptions(
        rd_kafka_event_DescribeUserScramCredentials_result(event), &n);
    for (size_t i = 0; i < n; i++) {
        char *name = strdup(
            rd_kafka_UserScramCredentialsDescription_user(users[i]));

        if (!name || !PF_VEC_PUSH(&ret->names, name)) {
            free(name);
            return pf_fail(err, PF_NOMEM, "users: out of memory");
        }
    }
    return PF_OK;
}

enum pf_rc scram_list(rd_kafka_t *rk, int timeout_ms, struct scram_users *ret,
                      struct pf_error *err)
{
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    rd_kafka_event_t *event;
    enum pf_rc rc;

    rd_kafka_DescribeUserScramCredentials(rk, NULL, 0, NULL, queue);
    event = rd_kafka_queue_poll(queue, timeout_ms);
    rc = event ? take_names(event, ret, err)
               : pf_fail(err, PF_AGAIN, "users: the broker does not answer");
    if (event)
        rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    return rc;
}

#else

static enum pf_rc say_what_is_missing(struct pf_error *err)
{
    return pf_fail(err, PF_UNDECIDED,
                   "users with passwords need librdkafka 2.2 or newer, and "
                   "pf-broker was built with %d.%d",
                   RD_KAFKA_VERSION >> 24, RD_KAFKA_VERSION >> 16 & 0xff);
}

enum pf_rc scram_put(rd_kafka_t *rk, const char *name, const char *password,
                     int timeout_ms, struct pf_error *err)
{
    (void)rk, (void)name, (void)password, (void)timeout_ms;
    return say_what_is_missing(err);
}

enum pf_rc scram_remove(rd_kafka_t *rk, const char *name, int timeout_ms,
                        struct pf_error *err)
{
    (void)rk, (void)name, (void)timeout_ms;
    return say_what_is_missing(err);
}

enum pf_rc scram_list(rd_kafka_t *rk, int timeout_ms, struct scram_users *ret,
                      struct pf_error *err)
{
    (void)rk, (void)timeout_ms, (void)ret;
    return say_what_is_missing(err);
}

#endif
