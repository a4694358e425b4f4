/* ask.c - connections and requests to the broker. */
#include "clock.h"
#include "ctl.h"
#include "dial.h"
#include "kafka_conf.h"
#include "stop.h"

enum pf_rc ctl_wait_port(struct ctl *ctl, struct pf_error *err)
{
    enum pf_rc rc;

    while ((rc = pf_knock(ctl->conf.local, CTL_KNOCK_MS, err)) == PF_AGAIN) {
        if (!pf_left_ms(ctl->deadline_ms))
            return pf_fail_in(err, PF_IO, "the broker did not come up: ");
        pf_wait(-1, 0, CTL_PAUSE_MS);
    }
    return rc;
}

/* Silent: librdkafka would log each attempt to connect. */
static void keep_quiet(const rd_kafka_t *rk, int level, const char *facility,
                       const char *text)
{
    (void)rk, (void)level, (void)facility, (void)text;
}

enum pf_rc ctl_open(const struct ctl *ctl, rd_kafka_type_t type,
                    rd_kafka_t **ret, struct pf_error *err)
{
    bool produces = type == RD_KAFKA_PRODUCER;
    const struct {
        const char *name, *value;
    } settings[] = {
        {"bootstrap.servers", ctl->conf.local},
        {"client.id", "pf-broker"},
        {"reconnect.backoff.ms", "10"},
        {"reconnect.backoff.max.ms", "100"},
        {"socket.nagle.disable", "true"},
        {produces ? "enable.idempotence" : "group.id", produces ? "true" : ""},
    };
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char why[200];

    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (rd_kafka_conf_set(conf, settings[i].name, settings[i].value, why,
                              sizeof why)) {
            rd_kafka_conf_destroy(conf);
            return pf_fail(err, PF_IO, "kafka: %s", why);
        }
    rd_kafka_conf_set_log_cb(conf, keep_quiet);
    return pf_kafka_new(type, conf, ret, err) ? PF_IO : PF_OK;
}
