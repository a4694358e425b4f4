/* renew.c - `pf-broker renew`: another certificate for the broker's clients,
 * while it runs. */
#include <inttypes.h>
#include <stdio.h>

#include "clock.h"
#include "ctl.h"
#include "volume.h"

#if RD_KAFKA_VERSION >= 0x020200ff

/* Kafka looks at its certificates' files again with each change of a broker's
 * settings. This one changes nothing, as the setting was never changed that
 * way; so nothing is kept that the next start would find. */
#define ANY_SETTING "ssl.keystore.location"

static enum pf_rc judge(rd_kafka_event_t *event, struct pf_error *err)
{
    const rd_kafka_ConfigResource_t **answers;
    rd_kafka_resp_err_t failed = rd_kafka_event_error(event);
    const char *why = rd_kafka_event_error_string(event);
    size_t n = 0;

    if (!failed) {
        answers = rd_kafka_IncrementalAlterConfigs_result_resources(
            rd_kafka_event_IncrementalAlterConfigs_result(event), &n);
        failed = n ? rd_kafka_ConfigResource_error(answers[0])
                   : RD_KAFKA_RESP_ERR__FAIL;
        why = n ? rd_kafka_ConfigResource_error_string(answers[0]) : NULL;
    }
    return failed ? pf_fail(err, PF_IO,
                            "the broker keeps its certificate until the feed "
                            "is restarted: %s",
                            why ? why : rd_kafka_err2str(failed))
                  : PF_OK;
}

static enum pf_rc reload(const struct ctl *ctl, rd_kafka_t *rk, int64_t id,
                         struct pf_error *err)
{
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    rd_kafka_ConfigResource_t *broker;
    rd_kafka_event_t *event;
    char name[24];
    enum pf_rc rc;

    snprintf(name, sizeof name, "%" PRId64, id);
    broker = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_BROKER, name);
    rd_kafka_error_destroy(rd_kafka_ConfigResource_add_incremental_config(
        broker, ANY_SETTING, RD_KAFKA_ALTER_CONFIG_OP_TYPE_DELETE, NULL));
    rd_kafka_IncrementalAlterConfigs(rk, &broker, 1, NULL, queue);
    event = rd_kafka_queue_poll(queue, pf_left_ms(ctl->deadline_ms));
    rc = event ? judge(event, err)
               : pf_fail(err, PF_IO, "the broker does not answer");
    if (event)
        rd_kafka_event_destroy(event);
    rd_kafka_ConfigResource_destroy(broker);
    rd_kafka_queue_destroy(queue);
    return rc;
}

#else

static enum pf_rc reload(const struct ctl *ctl, rd_kafka_t *rk, int64_t id,
                         struct pf_error *err)
{
    (void)ctl, (void)rk, (void)id;
    return pf_fail(
        err, PF_IO,
        "the broker keeps its certificate until the feed is restarted: to "
        "tell it needs librdkafka 2.2 or newer, and pf-broker was "
        "built with %d.%d",
        RD_KAFKA_VERSION >> 24, RD_KAFKA_VERSION >> 16 & 0xff);
}

#endif

enum pf_rc ctl_renew(struct ctl *ctl, struct pf_error *err)
{
    rd_kafka_t *rk = NULL;
    enum pf_rc rc = ctl_settle_certificates(ctl, true, err);

    if (!rc && ctl_is_authority(ctl))
        return PF_OK; /* each broker is told by a call of its own */
    if (!rc)
        rc = ctl_wait_port(ctl, err);
    if (!rc)
        rc = ctl_open(ctl, RD_KAFKA_CONSUMER, &rk, err);
    return rc ? rc : reload(ctl, rk, pf_volume_id(&ctl->conf), err);
}
