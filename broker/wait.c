/* wait.c - `pf-broker wait`: wait until the broker answers. */
#include <stdlib.h>

#include "clock.h"
#include "ctl.h"
#include "kafka_answer.h"
#include "kafka_refused.h"
#include "kafka_topic_state.h"
#include "stop.h"

#define ASK_MS 2000  /* for one question; the deadline bounds all of them */
#define PAUSE_MS 100 /* until rights are asked for again */

static enum pf_rc wait_for_answer(const struct ctl *ctl, rd_kafka_t *rk,
                                  struct pf_error *err)
{
    const struct rd_kafka_metadata *answer;
    rd_kafka_resp_err_t failed = pf_kafka_answer(rk, false, ctl->deadline_ms,
                                                 &answer);

    if (failed)
        return pf_fail(err, PF_IO, "%s: the broker does not answer: %s",
                       ctl->brokers, rd_kafka_err2str(failed));
    rd_kafka_metadata_destroy(answer);
    return PF_OK;
}

/* The consumer's group, for ctl_open(), unless another one was given. */
static enum pf_rc take_group(struct ctl *ctl, struct pf_error *err)
{
    struct pf_settings settings = pf_settings_init();
    enum pf_rc rc = ctl_program_settings(ctl, ctl->program, &settings, err);
    const struct pf_setting *s = pf_settings_get(&settings, "group.id");

    if (!rc)
        rc = pf_settings_put(&ctl->given, "group.id",
                             s && *s->value ? s->value : "pricefeed", "",
                             PF_FROM_FILE, err);
    pf_settings_release(&settings);
    return rc;
}

/* A program of a secure cluster may come before its rights. */
static enum pf_rc wait_for_rights(const struct ctl *ctl, rd_kafka_t *rk,
                                  const char *topic, struct pf_error *err)
{
    rd_kafka_resp_err_t refused;

    while ((refused = pf_kafka_refused(rk, topic, !ctl_is_for_consumer(ctl),
                                       ASK_MS))) {
        if (!pf_left_ms(ctl->deadline_ms))
            return pf_fail(err, PF_IO, "topic '%s': %s", topic,
                           rd_kafka_err2str(refused));
        pf_wait(-1, 0, PAUSE_MS);
    }
    return PF_OK;
}

/* What one broker says of the topic, by its address. It may hear of it later
 * than others. */
static enum pf_rc ask_one(const struct ctl *ctl,
                          const struct rd_kafka_metadata_broker *broker,
                          const char *topic, enum pf_topic_state *ret,
                          struct pf_error *err)
{
    char address[300];
    rd_kafka_t *rk = NULL;
    enum pf_rc rc;

    pf_kafka_address(broker, address, sizeof address);
    rc = ctl_open_at(ctl, address, &rk, err);
    if (!rc)
        *ret = pf_topic_ask(rk, topic, ASK_MS, NULL);
    ctl_close(rk);
    return rc;
}

/* Do all brokers that answer know the topic? A single one has said so. */
static enum pf_rc ask_each(const struct ctl *ctl, rd_kafka_t *rk,
                           const char *topic, bool *ret, struct pf_error *err)
{
    const struct rd_kafka_metadata *answer;
    enum pf_rc rc = PF_OK;
    int n;

    *ret = !pf_kafka_answer(rk, false, pf_now_ms() + ASK_MS, &answer);
    if (!*ret)
        return PF_OK;
    n = answer->broker_cnt > 1 ? answer->broker_cnt : 0;
    for (int i = 0; !rc && *ret && i < n; i++) {
        enum pf_topic_state state;

        rc = ask_one(ctl, &answer->brokers[i], topic, &state, err);
        if (!rc)
            *ret = state == PF_TOPIC_READY || state == PF_TOPIC_NO_ANSWER;
    }
    rd_kafka_metadata_destroy(answer);
    return rc;
}

/* A member of a group that comes before its topic may be told of it later; and
 * if the broker that its leader asks does not know it, nobody reads it until
 * the group changes. */
static enum pf_rc wait_for_topic(const struct ctl *ctl, rd_kafka_t *rk,
                                 const char *topic, struct pf_error *err)
{
    for (;;) {
        bool is_ready = pf_topic_ask(rk, topic, ASK_MS, NULL) == PF_TOPIC_READY;
        enum pf_rc rc = is_ready ? ask_each(ctl, rk, topic, &is_ready, err)
                                 : PF_OK;

        if (rc || is_ready)
            return rc;
        if (!pf_left_ms(ctl->deadline_ms))
            return pf_fail(err, PF_IO, "topic '%s': it is not there", topic);
        pf_wait(-1, 0, PAUSE_MS);
    }
}

/* As a client of the brokers that were named: until it may do its work. */
static enum pf_rc wait_as_client(struct ctl *ctl, struct pf_error *err)
{
    rd_kafka_t *rk = NULL;
    char *topic = NULL;
    enum pf_rc rc = ctl_topic_name(ctl, &topic, err);

    if (!rc && ctl_is_for_consumer(ctl))
        rc = take_group(ctl, err);
    if (!rc)
        rc = ctl_open(ctl, RD_KAFKA_CONSUMER, &rk, err);
    if (!rc)
        rc = wait_for_answer(ctl, rk, err);
    if (!rc)
        rc = wait_for_rights(ctl, rk, topic, err);
    if (!rc)
        rc = wait_for_topic(ctl, rk, topic, err);
    free(topic);
    return rc;
}

enum pf_rc ctl_wait(struct ctl *ctl, struct pf_error *err)
{
    rd_kafka_t *rk = NULL;
    enum pf_rc rc;

    if (ctl->bootstrap)
        return wait_as_client(ctl, err);
    rc = ctl_wait_port(ctl, err);
    if (rc || ctl->port_only)
        return rc;
    rc = ctl_open(ctl, RD_KAFKA_CONSUMER, &rk, err);
    return rc ? rc : wait_for_answer(ctl, rk, err);
}
