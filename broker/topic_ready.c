/* topic_ready.c - `pf-broker topic`: the topic is there, and has a leader. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "ctl.h"
#include "kafka_conf.h"
#include "stop.h"

#define PARTITIONS 1 /* one order of prices */
#define REPLICAS 1   /* there is one broker */
#define POSITIONS_MS 1000
#define ASK_MS 1000 /* for one question; the deadline bounds all of them */

/* A question takes a broker that has just started 2 ms of processor time, which
 * the topic's creation has to wait for: only one call asks every 10 ms, and
 * creates. Those that follow it do likewise when it has had its time. */
#define FOLLOW_MS 500
#define FOLLOW_PAUSE_MS 25

/* From the broker's first answer to a producer's number: 50 to 80 measured. */
#define NUMBER_MS 120

/* No other setting of the program is looked at here. */
static bool is_its_topic(const void *context, const char *name)
{
    (void)context;
    return !strcmp(name, "feed.topic");
}

/* What the program's own file, environment and defaults say. */
static enum pf_rc read_program_settings(const struct ctl *ctl,
                                        struct pf_settings *settings,
                                        struct pf_error *err)
{
    bool is_consumer = ctl_is_for_consumer(ctl);
    struct pf_path path = pf_path_in(ctl->places.config,
                                     is_consumer ? "consumer.properties"
                                                 : "producer.properties");
    enum pf_rc rc = pf_settings_read_file(settings, path.text, err);

    if (rc == PF_IO) /* no file: the defaults hold */
        rc = PF_OK;
    if (!rc)
        rc = pf_settings_read_environment(
            settings,
            &(struct pf_variables){.environment = environ,
                                   .prefix = is_consumer ? "CONSUMER_"
                                                         : "PRODUCER_",
                                   .knows = is_its_topic},
            err);
    return rc;
}

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
        rc = read_program_settings(ctl, &settings, err);
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

/* What became of the request to create one topic. */
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
    case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS: /* somebody was faster */
        return PF_OK;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
        return pf_fail(err, PF_IO, "%s", why ? why : rd_kafka_err2str(failed));
    default: /* no controller yet, a connection that was lost */
        return pf_fail(err, PF_AGAIN, "%s",
                       why ? why : rd_kafka_err2str(failed));
    }
}

/* Ask for the topic once. PF_AGAIN: it may work the next time. */
static enum pf_rc create(const struct ctl *ctl, rd_kafka_t *rk,
                         const char *name, struct pf_error *err)
{
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    rd_kafka_NewTopic_t *topic = rd_kafka_NewTopic_new(name, PARTITIONS,
                                                       REPLICAS, NULL, 0);
    rd_kafka_event_t *event;
    enum pf_rc rc;

    rd_kafka_CreateTopics(rk, &topic, 1, NULL, queue);
    event = rd_kafka_queue_poll(queue, ctl_left_ms(ctl));
    rc = event ? judge(event, err)
               : pf_fail(err, PF_AGAIN, "the broker does not answer");
    if (event)
        rd_kafka_event_destroy(event);
    rd_kafka_NewTopic_destroy(topic);
    rd_kafka_queue_destroy(queue);
    return rc;
}

/*
 * Have the broker prepare for what the programs will want of it, as soon as it
 * knows of itself. The consumer's own call looks for a coordinator too, for
 * when it is the only one.
 */
static enum pf_rc prepare(const struct ctl *ctl, rd_kafka_t *rk,
                          struct pf_error *err)
{
    if (ctl->warm_up || ctl_is_for_consumer(ctl))
        ctl_seek_coordinator(rk);
    return ctl->warm_up ? ctl_warm_up(ctl, err) : PF_OK;
}

/* *answered_ms becomes when the broker did for the first time; it is 0. */
static enum pf_rc make_ready(const struct ctl *ctl, rd_kafka_t *rk,
                             const char *name, int64_t *answered_ms,
                             struct pf_error *err)
{
    static const char *const states[] = {
        [CTL_NO_ANSWER] = "the broker does not answer",
        [CTL_NO_TOPIC] = "there is no such topic",
        [CTL_NO_LEADER] = "it has no leader",
    };
    struct pf_error why = {""};
    bool asked = false;

    for (;;) {
        int left = ctl_left_ms(ctl);
        enum ctl_topic_state state = ctl_ask_topic(
            rk, name, left < ASK_MS ? left : ASK_MS);
        bool follows;

        if (state != CTL_NO_ANSWER && !*answered_ms)
            *answered_ms = pf_now_ms();
        follows = ctl->follow &&
                  (!*answered_ms || pf_now_ms() - *answered_ms < FOLLOW_MS);
        if (state == CTL_READY || (state != CTL_NO_ANSWER && !follows)) {
            enum pf_rc rc = prepare(ctl, rk, err);

            if (rc)
                return rc;
        }
        if (state == CTL_READY)
            return PF_OK;
        if (!left)
            return pf_fail(err, PF_IO, "topic '%s': %s%s%s", name,
                           states[state], *why.text ? "; " : "", why.text);
        if (state == CTL_NO_TOPIC && !asked && !follows) {
            enum pf_rc rc = create(ctl, rk, name, &why);

            if (rc && rc != PF_AGAIN)
                return pf_fail(err, rc, "topic '%s': %s", name, why.text);
            asked = !rc;
        }
        pf_wait(-1, 0, follows ? FOLLOW_PAUSE_MS : CTL_PAUSE_MS);
    }
}

/*
 * On a broker's first start the topic for groups' positions is made when
 * somebody looks for a coordinator, as we do while the topic of prices is made.
 * A consumer that looks before it is there tries again half a second later. If
 * it does not come, that is the consumer's to tell.
 */
static void wait_for_positions(const struct ctl *ctl, rd_kafka_t *rk)
{
    int64_t deadline_ms = pf_now_ms() + POSITIONS_MS;

    while (ctl_ask_topic(rk, "__consumer_offsets", ASK_MS) != CTL_READY &&
           pf_now_ms() < deadline_ms && ctl_left_ms(ctl) && !pf_stop_asked())
        pf_wait(-1, 0, CTL_PAUSE_MS);
}

/*
 * Where the topic is there already, the producer would ask for its number
 * together with the handle that shall be refused in its stead. So that one is
 * given time, and the producer waits for as long; a new topic takes longer.
 */
static void wait_for_number(const struct ctl *ctl, int64_t answered_ms)
{
    int64_t rest = answered_ms + NUMBER_MS - pf_now_ms();
    int left = ctl_left_ms(ctl);

    if (rest > 0 &&
        (ctl->warm_up || (ctl->follow && !ctl_is_for_consumer(ctl))))
        pf_wait(-1, 0, rest < left ? (int)rest : left);
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
        rc = ctl_open(ctl, &rk, err);
    if (!rc)
        rc = make_ready(ctl, rk, name, &answered_ms, err);
    if (!rc)
        wait_for_number(ctl, answered_ms);
    if (!rc && ctl_is_for_consumer(ctl))
        wait_for_positions(ctl, rk);
    free(name);
    return rc;
}
