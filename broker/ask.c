/* ask.c - connections and requests to the broker. */
#include <stdio.h>

#include "clock.h"
#include "cluster_ask.h"
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

/* What a broker, or the way to it, said last. */
static struct {
    char text[400];
    bool is_refusal;
} trouble;

static void note_trouble(rd_kafka_t *rk, int code, const char *why,
                         void *opaque)
{
    bool is_refusal = code == RD_KAFKA_RESP_ERR__AUTHENTICATION ||
                      code == RD_KAFKA_RESP_ERR__SSL;

    (void)rk, (void)opaque;
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN ||
        (trouble.is_refusal && !is_refusal))
        return;
    snprintf(trouble.text, sizeof trouble.text, "%s", why);
    trouble.is_refusal = is_refusal;
}

const char *ctl_trouble(rd_kafka_t *rk)
{
    rd_kafka_poll(rk, 0);
    return trouble.text;
}

/* What the brokers ask for: nothing, or who this is; and what was given. */
static enum pf_rc identify(const struct ctl *ctl, struct pf_settings *ret,
                           struct pf_error *err)
{
    enum pf_rc rc = PF_OK;

    if (ctl->conf.is_secure)
        rc = pf_security_put_client(ret, &ctl->places, NULL, err);
    if (!rc && ctl->conf.is_secure)
        rc = pf_security_put_client(ret, &ctl->places, "pf-broker", err);
    for (size_t i = 0; !rc && i < ctl->given.n; i++) {
        const struct pf_setting *s = &ctl->given.list[i];

        rc = pf_settings_put(ret, s->name, s->value, s->where, PF_FROM_COMMAND,
                             err);
    }
    return rc;
}

enum pf_rc ctl_open(const struct ctl *ctl, rd_kafka_type_t type,
                    rd_kafka_t **ret, struct pf_error *err)
{
    bool produces = type == RD_KAFKA_PRODUCER;
    const struct pf_kafka_default settings[] = {
        {"bootstrap.servers", ctl->brokers, PF_KAFKA_FIXED,
         "--bootstrap names others"},
        {"client.id", "pf-broker", PF_KAFKA_DEFAULT, ""},
        {"reconnect.backoff.ms", "10", PF_KAFKA_DEFAULT, ""},
        {"reconnect.backoff.max.ms", "100", PF_KAFKA_DEFAULT, ""},
        {"socket.nagle.disable", "true", PF_KAFKA_DEFAULT, ""},
        {produces ? "enable.idempotence" : "group.id", produces ? "true" : "",
         PF_KAFKA_DEFAULT, ""},
        {0},
    };
    struct pf_settings identity = pf_settings_init();
    rd_kafka_conf_t *conf = NULL;
    enum pf_rc rc = identify(ctl, &identity, err);

    if (!rc)
        rc = pf_kafka_conf_new(settings, &identity, &conf, err);
    pf_settings_release(&identity);
    if (rc)
        return rc;
    rd_kafka_conf_set_log_cb(conf, keep_quiet);
    rd_kafka_conf_set_error_cb(conf, note_trouble);
    return pf_kafka_new(type, conf, ret, err);
}

enum pf_rc ctl_open_at(const struct ctl *ctl, const char *address,
                       rd_kafka_t **ret, struct pf_error *err)
{
    struct ctl alone = *ctl;

    alone.brokers = address;
    return ctl_open(&alone, RD_KAFKA_CONSUMER, ret, err);
}

void ctl_close(rd_kafka_t *rk)
{
    if (rk)
        rd_kafka_destroy_flags(rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

enum pf_rc ctl_ask_at(const struct ctl *ctl, const char *address, int ask_ms,
                      struct pf_cluster *ret, struct pf_error *err)
{
    rd_kafka_t *rk = NULL;
    enum pf_rc rc = ctl_open_at(ctl, address, &rk, err);

    if (!rc)
        rc = pf_cluster_ask(rk, ask_ms, ret, err);
    ctl_close(rk);
    return rc;
}
