#include "kafka_conf.h"

#include <stdbool.h>
#include <string.h>
#include <syslog.h>

#include "address.h"
#include "kafka_tls.h"
#include "log.h"
#include "text.h"

static const struct pf_kafka_default *
find_default(const struct pf_kafka_default *defaults, const char *name)
{
    for (; defaults->name; defaults++)
        if (!strcmp(defaults->name, name))
            return defaults;
    return NULL;
}

void pf_kafka_default_set(struct pf_kafka_default *defaults, const char *name,
                          const char *value)
{
    while (strcmp(defaults->name, name) != 0)
        defaults++;
    defaults->value = value;
}

/* One limit for all lines of librdkafka: an outage causes many. */
static struct pf_log_limit log_limit;

static void on_log(const rd_kafka_t *rk, int level, const char *facility,
                   const char *text)
{
    /* For librdkafka it is one lost connection among others. */
    bool asks_a_tls_port = strstr(text, "incorrect security.protocol");

    (void)rk;
    if (level >= LOG_INFO && !asks_a_tls_port)
        pf_log(PF_LOG_DEBUG, "librdkafka: %s: %s", facility, text);
    else
        pf_log_limited(&log_limit, PF_LOG_WARNING, "librdkafka: %s: %s",
                       facility, text);
}

static void on_shared_log(const rd_kafka_t *rk, int level, const char *facility,
                          const char *text)
{
    bool is_others = !strcmp(facility, "CONFWARN") &&
                     strstr(text, "will be ignored by this");

    on_log(rk, is_others ? LOG_DEBUG : level, facility, text);
}

static void on_error(rd_kafka_t *rk, int code, const char *reason, void *opaque)
{
    (void)rk;
    (void)opaque;
    pf_log_limited(&log_limit, PF_LOG_WARNING, "kafka: %s: %s",
                   rd_kafka_err2str(code), reason);
}

/* Are the len bytes at text a broker, such as "host:port", "[::1]:9092" or
 * "SSL://host"? The port, if any, must be 1 to 65535. */
static bool is_address(const char *address, size_t len)
{
    char text[300], host[PF_HOST_SIZE], *rest, *after;
    int port;

    if (len >= sizeof text - sizeof ":9092")
        return false;
    memcpy(text, address, len);
    text[len] = '\0';
    rest = strstr(text, "://");
    rest = rest ? rest + 3 : text;
    after = rest + strcspn(rest, *rest == '[' ? "]" : ":");
    if (*rest == '[' && *after != ']')
        return false;
    after += *after == ']';
    if (!*after)
        strcat(text, ":9092");
    else if (*after != ':')
        return false;
    return !pf_parse_address(rest, host, &port, NULL) && *host;
}

enum pf_rc pf_bootstrap_check(const char *list, struct pf_error *err)
{
    size_t found = 0;

    while (*list) {
        size_t len;

        list += strspn(list, ", ");
        len = strcspn(list, ",");
        if (len && !is_address(list, len))
            return pf_fail(
                err, PF_CONFIG,
                "'%.*s' is not host:port with a port of 1 to 65535%s",
                len > 100 ? 100 : (int)len, list, pf_quotes_hint(list));
        found += len > 0;
        list += len;
    }
    return found ? PF_OK
                 : pf_fail(err, PF_CONFIG,
                           "no broker; expected host:port,host:port,...");
}

static enum pf_rc refuse_unknown(const struct pf_kafka_default *defaults,
                                 const struct pf_setting *setting,
                                 struct pf_error *err)
{
    struct pf_nearest nearest = pf_nearest_init(setting->name);
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_topic_conf_t *topic_conf = rd_kafka_topic_conf_new();
    size_t n, topic_n;
    const char **names = rd_kafka_conf_dump(conf, &n);
    const char **topic_names = rd_kafka_topic_conf_dump(topic_conf, &topic_n);
    enum pf_rc rc = PF_OK;
    char hint[100];

    /* Some of our defaults are aliases of names in the dump, which is a list
     * of name, value, name, value, ... */
    for (; defaults->name; defaults++)
        pf_nearest_offer(&nearest, defaults->name);
    for (size_t i = 0; i < n; i += 2)
        pf_nearest_offer(&nearest, names[i]);
    for (size_t i = 0; i < topic_n; i += 2)
        pf_nearest_offer(&nearest, topic_names[i]);
    pf_nearest_hint(&nearest, hint, sizeof hint);
    if (setting->rank == PF_FROM_ENVIRONMENT)
        pf_log(PF_LOG_WARNING, "%s: unknown librdkafka setting '%s', ignored%s",
               setting->where, setting->name, hint);
    else
        rc = pf_fail(err, PF_CONFIG,
                     "%s: unknown setting '%.60s', neither ours nor "
                     "librdkafka's%s",
                     setting->where, setting->name, hint);
    rd_kafka_conf_dump_free(names, n);
    rd_kafka_conf_dump_free(topic_names, topic_n);
    rd_kafka_topic_conf_destroy(topic_conf);
    rd_kafka_conf_destroy(conf);
    return rc;
}

static enum pf_rc put_default(rd_kafka_conf_t *conf,
                              const struct pf_kafka_default *d,
                              struct pf_error *err)
{
    char why[256];
    rd_kafka_conf_res_t res = rd_kafka_conf_set(conf, d->name, d->value, why,
                                                sizeof why);

    if (res == RD_KAFKA_CONF_OK)
        return PF_OK;
    if (res == RD_KAFKA_CONF_UNKNOWN && d->kind == PF_KAFKA_TUNING) {
        pf_log(PF_LOG_DEBUG, "this librdkafka has no %s", d->name);
        return PF_OK;
    }
    return pf_fail(err, PF_CONFIG, "default: %s", why);
}

static enum pf_rc put_setting(rd_kafka_conf_t *conf,
                              const struct pf_kafka_default *defaults,
                              const struct pf_setting *setting,
                              struct pf_error *err)
{
    const struct pf_kafka_default *d = find_default(defaults, setting->name);
    enum pf_rc rc = PF_OK;
    char why[256];

    if (d && d->kind == PF_KAFKA_FIXED && strcmp(d->value, setting->value))
        return pf_fail(err, PF_CONFIG, "%s: %s is always %s here: %s",
                       setting->where, d->name, d->value, d->why);
    if (!strcmp(setting->name, "bootstrap.servers") ||
        !strcmp(setting->name, "metadata.broker.list"))
        rc = pf_bootstrap_check(setting->value, err);
    if (rc)
        return pf_fail_in(err, rc, "%s: %s: ", setting->where, setting->name);

    switch (rd_kafka_conf_set(conf, setting->name, setting->value, why,
                              sizeof why)) {
    case RD_KAFKA_CONF_OK:
        return PF_OK;
    case RD_KAFKA_CONF_UNKNOWN:
        return refuse_unknown(defaults, setting, err);
    default:
        return pf_fail(err, PF_CONFIG, "%s: %s: %s%s", setting->where,
                       setting->name, why, pf_quotes_hint(setting->value));
    }
}

enum pf_rc pf_kafka_conf_new(const struct pf_kafka_default *defaults,
                             const struct pf_settings *settings,
                             rd_kafka_conf_t **ret, struct pf_error *err)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    enum pf_rc rc = PF_OK;

    for (const struct pf_kafka_default *d = defaults; d->name && !rc; d++)
        rc = put_default(conf, d, err);
    for (size_t i = 0; i < settings->n && !rc; i++)
        if (!pf_setting_is_ours(settings->list[i].name))
            rc = put_setting(conf, defaults, &settings->list[i], err);
    if (rc) {
        rd_kafka_conf_destroy(conf);
        return rc;
    }
    rd_kafka_conf_set_log_cb(conf, on_log);
    rd_kafka_conf_set_error_cb(conf, on_error);
    pf_kafka_tls_explain(conf);
    *ret = conf;
    return PF_OK;
}

void pf_kafka_conf_share(rd_kafka_conf_t *conf)
{
    rd_kafka_conf_set_log_cb(conf, on_shared_log);
}

rd_kafka_conf_t *pf_kafka_conf_like(const rd_kafka_conf_t *like)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_dup(like);

    /* Errors only: it would warn of each setting of the other kind. */
    rd_kafka_conf_set(conf, "log_level", "3", NULL, 0);
    return conf;
}

rd_kafka_conf_t *pf_kafka_conf_forward(const rd_kafka_conf_t *like)
{
    static const char *const settings[][2] = {
        {"enable.idempotence", "true"},
        {"acks", "all"},
        {"message.timeout.ms", "0"},
        {"linger.ms", "5"},
        {"message.max.bytes", "1000000000"}, /* librdkafka's own limit */
        {"compression.codec", "gzip"},
        /* It bounds memory, if records are large. */
        {"queue.buffering.max.messages", "1000"},
    };
    rd_kafka_conf_t *conf = pf_kafka_conf_like(like);

    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        rd_kafka_conf_set(conf, settings[i][0], settings[i][1], NULL, 0);
    return conf;
}

enum pf_rc pf_kafka_new(rd_kafka_type_t type, rd_kafka_conf_t *conf,
                        rd_kafka_t **ret, struct pf_error *err)
{
    char why[512];

    *ret = rd_kafka_new(type, conf, why, sizeof why);
    if (*ret)
        return PF_OK;
    /* rd_kafka_new() takes ownership of conf only if it succeeds. */
    rd_kafka_conf_destroy(conf);
    return pf_fail(err, PF_CONFIG, "kafka: %s", why);
}

uint64_t pf_kafka_conf_uint(const rd_kafka_conf_t *conf, const char *name)
{
    char text[32] = "";
    size_t size = sizeof text;
    uint64_t n = 0;

    if (rd_kafka_conf_get(conf, name, text, &size) == RD_KAFKA_CONF_OK)
        pf_parse_uint(text, UINT64_MAX, &n, NULL);
    return n;
}

enum pf_rc pf_topic_check(const char *name, struct pf_error *err)
{
    size_t len = strlen(name);
    char text[60];

    if (!pf_name_ok(name, len, 249) || !strcmp(name, ".") ||
        !strcmp(name, ".."))
        return pf_fail(err, PF_CONFIG,
                       "'%s' is not a topic name: use 1 to 249 letters, "
                       "digits, '.', '_' and '-'%s",
                       pf_escape(text, sizeof text, name, len),
                       pf_quotes_hint(name));
    return PF_OK;
}
