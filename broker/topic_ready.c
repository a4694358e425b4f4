/* topic_ready.c - `pf-broker topic`: the topic is there, and has a leader. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "ctl.h"
#include "kafka_conf.h"
#include "kafka_topic_state.h"
#include "log.h"
#include "secure.h"
#include "start.h"
#include "stop.h"

/* Its num.partitions and default.replication.factor, 1 and 1 as shipped. */
#define BROKERS_DEFAULT (-1)
#define ASK_MS 1000 /* for one question; the deadline bounds all of them */

/* A broker that has been up for that long does not make the topic yet because
 * others are not there. Then this call asks less often. */
#define YOUNG_MS 2000
#define SELDOM_MS 250

enum pf_rc ctl_topic_name(const struct ctl *ctl, char **ret,
                          struct pf_error *err)
{
    struct pf_settings settings = pf_settings_init();
    const struct pf_setting *s = pf_settings_get(&ctl->given, "feed.topic");
    const char *name = ctl->argument;
    enum pf_rc rc = PF_OK;

    if (!name && s)
        name = s->value;
    if (!name) {
        rc = ctl_program_settings(ctl, ctl->program, &settings, err);
        s = pf_settings_get(&settings, "feed.topic");
        name = s ? s->value : "prices-topic";
    }
    if (!rc)
        rc = pf_topic_check(name, err);
    if (!rc) {
        *ret = strdup(name);
        if (!*ret)
            rc = pf_fail(err, PF_NOMEM, "topic: out of memory");
    }
    pf_settings_release(&settings);
    return rc;
}

/* The result of the request to create one topic. */
static enum pf_rc judge(rd_kafka_event_t *event, struct pf_error *err)
{
    rd_kafka_resp_err_t failed = rd_kafka_event_error(event);
    const char *why = rd_kafka_event_error_string(event);
    const rd_kafka_topic_result_t **results;
    size_t n = 0;

    if (!failed) {
        results = rd_kafka_CreateTopics_result_topics(
            rd_kafka_event_CreateTopics_result(event), &n);
        failed = n ? rd_kafka_topic_result_error(results[0])
                   : RD_KAFKA_RESP_ERR__FAIL;
        why = n ? rd_kafka_topic_result_error_string(results[0]) : "no answer";
    }
    switch (failed) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
    case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS: /* another call was faster */
        return PF_OK;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_INVALID_CONFIG:
        return pf_fail(err, PF_IO, "%s", why ? why : rd_kafka_err2str(failed));
    default: /* no controller yet, or a lost connection */
        return pf_fail(err, PF_AGAIN, "%s",
                       why ? why : rd_kafka_err2str(failed));
    }
}

/* Try to create the topic once. PF_AGAIN: try again. */
static enum pf_rc create(const struct ctl *ctl, rd_kafka_t *rk,
                         const char *name, struct pf_error *err)
{
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    rd_kafka_NewTopic_t *topic = rd_kafka_NewTopic_new(
        name, ctl->partitions ? (int)ctl->partitions : BROKERS_DEFAULT,
        BROKERS_DEFAULT, NULL, 0);
    rd_kafka_event_t *event;
    enum pf_rc rc;

    for (size_t i = 0; i < ctl->topic.n; i++)
        rd_kafka_NewTopic_set_config(topic, ctl->topic.list[i].name,
                                     ctl->topic.list[i].value);
    rd_kafka_CreateTopics(rk, &topic, 1, NULL, queue);
    event = rd_kafka_queue_poll(queue, pf_left_ms(ctl->deadline_ms));
    rc = event ? judge(event, err)
               : pf_fail(err, PF_AGAIN, "the broker does not answer");
    if (event)
        rd_kafka_event_destroy(event);
    rd_kafka_NewTopic_destroy(topic);
    rd_kafka_queue_destroy(queue);
    return rc;
}

/* The topic is there: has it the partitions that were asked for? It is not made
 * larger: the records of most keys would then go to other partitions. */
static enum pf_rc check_partitions(const struct ctl *ctl, const char *name,
                                   int partitions, struct pf_error *err)
{
    if (!ctl->partitions)
        return PF_OK;
    if (partitions < ctl->partitions)
        return pf_fail(
            err, PF_IO,
            "topic '%s' has %d partition%s and not %d, and with more "
            "the records of a key would go to another one than "
            "before: name a new topic, or delete this one first",
            name, partitions, partitions == 1 ? "" : "s", (int)ctl->partitions);
    pf_log(PF_LOG_INFO, "topic '%s' has %d partition%s", name, partitions,
           partitions == 1 ? "" : "s");
    return PF_OK;
}

static int pause_ms(bool follows, int64_t answered_ms)
{
    if (answered_ms && pf_now_ms() - answered_ms > YOUNG_MS)
        return SELDOM_MS;
    return follows ? START_FOLLOW_PAUSE_MS : CTL_PAUSE_MS;
}

/* Wait until the topic is ready. *answered_ms, initially 0, is set to the time
 * of the broker's first answer. */
static enum pf_rc make_ready(const struct ctl *ctl, rd_kafka_t *rk,
                             const char *name, int64_t *answered_ms,
                             struct pf_error *err)
{
    static const char *const states[] = {
        [PF_TOPIC_NO_ANSWER] = "the broker does not answer",
        [PF_TOPIC_UNKNOWN] = "there is no such topic",
        [PF_TOPIC_NO_LEADER] = "it has no leader",
    };
    struct pf_error why = {""};
    bool asked = false, is_settled = false;
    int partitions = 0;

    for (;;) {
        int left = pf_left_ms(ctl->deadline_ms);
        enum pf_topic_state state = pf_topic_ask(
            rk, name, left < ASK_MS ? left : ASK_MS, &partitions);
        bool follows;
        enum pf_rc rc;

        if (state != PF_TOPIC_NO_ANSWER && !*answered_ms)
            *answered_ms = pf_now_ms();
        if (state != PF_TOPIC_NO_ANSWER && !is_settled) {
            rc = secure_settle(ctl, rk, &why);
            if (rc && rc != PF_AGAIN)
                return pf_fail(err, rc, "%s", why.text);
            is_settled = !rc;
        }
        if (!is_settled) /* no program may start before it has its rights */
            state = PF_TOPIC_NO_ANSWER;
        follows = start_follows(ctl, *answered_ms);
        if (state == PF_TOPIC_READY ||
            (state != PF_TOPIC_NO_ANSWER && !follows)) {
            rc = start_prepare(ctl, rk, err);
            if (rc)
                return rc;
        }
        if (state == PF_TOPIC_READY)
            return check_partitions(ctl, name, partitions, err);
        if (!left)
            return pf_fail(err, PF_IO, "topic '%s': %s%s%s", name,
                           states[state], *why.text ? "; " : "", why.text);
        if (state == PF_TOPIC_UNKNOWN && !asked && !follows) {
            rc = create(ctl, rk, name, &why);
            if (rc && rc != PF_AGAIN)
                return pf_fail(err, rc, "topic '%s': %s", name, why.text);
            asked = !rc;
        }
        pf_wait(-1, 0, pause_ms(follows, *answered_ms));
    }
}

enum pf_rc ctl_topic(struct ctl *ctl, struct pf_error *err)
{
    rd_kafka_t *rk = NULL;
    char *name = NULL;
    int64_t answered_ms = 0;
    enum pf_rc rc = ctl_topic_name(ctl, &name, err);

    if (!rc)
        rc = ctl_wait_port(ctl, err);
    if (!rc)
        rc = ctl_open(ctl, RD_KAFKA_CONSUMER, &rk, err);
    if (!rc)
        rc = make_ready(ctl, rk, name, &answered_ms, err);
    if (!rc)
        start_wait(ctl, rk, answered_ms);
    free(name);
    return rc;
}
