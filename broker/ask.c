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

/* What LOCAL asks for: nothing, or who this is. */
static enum pf_rc identify(const struct ctl *ctl, struct pf_settings *ret,
                           struct pf_error *err)
{
    enum pf_rc rc = PF_OK;

    if (ctl->conf.is_secure)
        rc = pf_security_put_client(ret, &ctl->places, NULL, err);
    if (!rc && ctl->conf.is_secure)
        rc = pf_security_put_client(ret, &ctl->places, "pf-broker", err);
    return rc;
}

static enum pf_rc set(rd_kafka_conf_t *conf, const char *name,
                      const char *value, struct pf_error *err)
{
    char why[200];

    return rd_kafka_conf_set(conf, name, value, why, sizeof why)
               ? pf_fail(err, PF_IO, "kafka: %s", why)
               : PF_OK;
}

enum pf_rc ctl_open(const struct ctl *ctl, rd_kafka_type_t type,
                    rd_kafka_t **ret, struct pf_error *err)
{
    bool produces = type == RD_KAFKA_PRODUCER;
    const struct {
        const char *name, *value;
    } settings[] = {
        {"bootstrap.servers", ctl->brokers},
        {"client.id", "pf-broker"},
        {"reconnect.backoff.ms", "10"},
        {"reconnect.backoff.max.ms", "100"},
        {"socket.nagle.disable", "true"},
        {produces ? "enable.idempotence" : "group.id", produces ? "true" : ""},
    };
    struct pf_settings identity = pf_settings_init();
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    enum pf_rc rc = identify(ctl, &identity, err);

    for (size_t i = 0; !rc && i < sizeof settings / sizeof *settings; i++)
        rc = set(conf, settings[i].name, settings[i].value, err);
    for (size_t i = 0; !rc && i < identity.n; i++)
        rc = set(conf, identity.list[i].name, identity.list[i].value, err);
    pf_settings_release(&identity);
    if (rc) {
        rd_kafka_conf_destroy(conf);
        return rc;
    }
    rd_kafka_conf_set_log_cb(conf, keep_quiet);
    return pf_kafka_new(type, conf, ret, err) ? PF_IO : PF_OK;
}
