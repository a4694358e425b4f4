/* health.c - `pf-broker health`: one sentence, and 0 only if prices flow. */
#include <stdlib.h>

#include "clock.h"
#include "ctl.h"
#include "dial.h"
#include "feed_health.h"
#include "health_role.h"
#include "kafka_topic_state.h"
#include "stop.h"

#define ASK_MS 2000 /* for the broker's answer */

static enum pf_rc check_broker(const struct ctl *ctl, struct pf_error *err)
{
    static const char *const states[] = {
        [PF_TOPIC_NO_ANSWER] = "broker: it does not answer at",
        [PF_TOPIC_UNKNOWN] = "broker: it does not know the topic",
        [PF_TOPIC_NO_LEADER] = "broker: it has no leader for the topic",
    };
    enum pf_topic_state state = PF_TOPIC_NO_ANSWER;
    char *topic = NULL;
    rd_kafka_t *rk = NULL;
    enum pf_rc rc = ctl_topic_name(ctl, &topic, err);

    if (!rc && !pf_knock(ctl->conf.local, CTL_KNOCK_MS, NULL)) {
        rc = ctl_open(ctl, RD_KAFKA_CONSUMER, &rk, err);
        if (!rc)
            state = pf_topic_ask(rk, topic, ASK_MS, NULL);
    }
    if (!rc && state != PF_TOPIC_READY)
        rc = pf_fail(err, PF_IO, "%s %s", states[state],
                     state == PF_TOPIC_NO_ANSWER ? ctl->conf.local : topic);
    free(topic);
    return rc;
}

/* Look for as long as a feed may stand still, but not longer than needed. */
static enum pf_rc check_programs(const struct ctl *ctl, uint64_t *printed,
                                 struct pf_error *err)
{
    int64_t deadline = pf_now_ms() + PF_HEALTH_WATCH_MS;
    struct pf_health_look first, now;
    enum pf_rc rc = pf_health_look(ctl->places.run, &first, err);

    now = first;
    if (!rc)
        rc = pf_health_judge(&first, &now, err);
    while (rc == PF_AGAIN && pf_now_ms() < deadline) {
        pf_wait(-1, 0, CTL_PAUSE_MS);
        rc = pf_health_look(ctl->places.run, &now, err);
        if (!rc)
            rc = pf_health_judge(&first, &now, err);
    }
    *printed = now.consumer.arrived;
    return rc;
}

enum pf_rc ctl_health(struct ctl *ctl, struct pf_error *err)
{
    struct pf_role_note note = pf_role_note_read(&ctl->places);
    uint64_t printed = 0;
    enum pf_rc rc;

    if (*note.role)
        return health_of_role(ctl, &note, err) ? PF_IO : PF_OK;
    rc = check_broker(ctl, err);
    if (!rc)
        rc = check_programs(ctl, &printed, err);
    if (!rc)
        printf("healthy: %llu prices printed since the consumer started\n",
               (unsigned long long)printed);
    return rc ? PF_IO : PF_OK; /* 1 is all that a HEALTHCHECK may say */
}
