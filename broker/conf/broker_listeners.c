#include "broker_listeners.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "log.h"

#define LOCAL "LOCAL"
#define LOCAL_HOST "127.0.0.1"
#define LOCAL_PORT 19092

/* The feed's default listeners, and Kafka's own. */
#define OWN_LISTENERS \
    "LOCAL://127.0.0.1:19092,DOCKER://0.0.0.0:29092,HOST://0.0.0.0:9092"
#define KAFKAS_LISTENERS "PLAINTEXT://:9092"
#define DEFAULT_PROTOCOLS                                        \
    "PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT," \
    "SASL_SSL:SASL_SSL,LOCAL:PLAINTEXT,DOCKER:PLAINTEXT,HOST:PLAINTEXT"

static const char *value_of(const struct pf_settings *server, const char *name,
                            const char *initial)
{
    const struct pf_setting *s = pf_settings_get(server, name);

    return s ? s->value : initial;
}

/* The listeners if none are set: the feed's own, unless the protocols, the
 * advertised listeners or what brokers use among themselves only fit Kafka's
 * default. */
static const char *default_listeners(const struct pf_settings *server)
{
    const char *told = value_of(server, "advertised.listeners", "");
    const char *inner = value_of(server, "inter.broker.listener.name", "LOCAL");
    const char *map = value_of(server, "listener.security.protocol.map",
                               DEFAULT_PROTOCOLS);
    struct pf_listeners own, list = {.n = 0};
    size_t len;

    if (!pf_listeners_protocol(map, "DOCKER", &len) ||
        !pf_listeners_protocol(map, "HOST", &len) ||
        *value_of(server, "security.inter.broker.protocol", "") ||
        pf_listeners_parse(OWN_LISTENERS, &own, NULL) ||
        !pf_listeners_find(&own, inner))
        return KAFKAS_LISTENERS;
    if (*told)
        pf_listeners_parse(told, &list, NULL); /* errors are reported later */
    for (size_t i = 0; i < list.n; i++)
        if (!pf_listeners_find(&own, list.list[i].name))
            return KAFKAS_LISTENERS;
    return OWN_LISTENERS;
}

/* Set name to value unless it has that value already, and note the source. */
static enum pf_rc change(struct pf_settings *server, const char *name,
                         const char *value, struct pf_error *err)
{
    const struct pf_setting *old = pf_settings_get(server, name);
    char where[700];

    if (old && !strcmp(old->value, value))
        return PF_OK;
    snprintf(where, sizeof where, "%s%s", old ? old->where : "",
             old ? ", completed by pricefeed" : "pricefeed: the feed's own");
    return pf_settings_put(server, name, value, where, PF_FROM_COMMAND, err);
}

static enum pf_rc parse(const struct pf_settings *server, const char *name,
                        const char *initial, struct pf_listeners *ret,
                        struct pf_error *err)
{
    enum pf_rc rc = pf_listeners_parse(value_of(server, name, initial), ret,
                                       err);

    return rc ? pf_settings_fail(server, name, rc, err) : PF_OK;
}

static const struct pf_listener *find_port(const struct pf_listeners *l,
                                           int port, size_t below)
{
    for (size_t i = 0; i < below; i++)
        if (l->list[i].port == port)
            return &l->list[i];
    return NULL;
}

/* Kafka refuses the same port twice, even on different addresses. */
static enum pf_rc check_ports(const struct pf_settings *server,
                              const struct pf_listeners *l,
                              struct pf_error *err)
{
    for (size_t i = 0; i < l->n; i++) {
        const struct pf_listener *other = find_port(l, l->list[i].port, i);

        if (other)
            return pf_fail(err, PF_CONFIG,
                           "%s: listeners: %s and %s both have port %d",
                           pf_settings_where(server, "listeners"), other->name,
                           l->list[i].name, other->port);
    }
    return PF_OK;
}

/* Settle listeners: LOCAL is among them, and PF_BIND is applied. */
static enum pf_rc settle_bound(struct pf_settings *server,
                               const struct pf_listener_wishes *wishes,
                               struct pf_listeners *bound, struct pf_error *err)
{
    struct pf_listener *host;
    enum pf_rc rc = parse(server, "listeners", default_listeners(server), bound,
                          err);

    if (!rc && !pf_listeners_find(bound, LOCAL)) {
        int port = LOCAL_PORT;

        while (find_port(bound, port, bound->n))
            port++;
        pf_log(PF_LOG_WARNING,
               "%s: listeners: %s://%s:%d is missing and was added; the "
               "feed's own programs use it",
               pf_settings_where(server, "listeners"), LOCAL, LOCAL_HOST, port);
        rc = pf_listeners_add(bound, LOCAL, LOCAL_HOST, port, err);
    }
    if (rc)
        return rc;

    for (size_t i = 0; wishes->bind && i < bound->n; i++)
        if (pf_host_is_any(bound->list[i].host))
            snprintf(bound->list[i].host, sizeof bound->list[i].host, "%s",
                     wishes->bind);
    host = pf_listeners_find(bound, "HOST");
    if (host && wishes->bind && wishes->host_port)
        host->port = wishes->host_port;

    rc = change(server, "listeners", pf_listeners_format(bound).text, err);
    return rc ? rc : check_ports(server, bound, err);
}

/* Without advertised.listeners Kafka advertises the listeners as they are
 * bound, and fails if that is every address. */
static void advertise_bound(const struct pf_listeners *bound,
                            struct pf_listeners *ret)
{
    *ret = *bound;
    for (size_t i = 0; i < ret->n; i++)
        if (pf_host_is_any(ret->list[i].host))
            snprintf(ret->list[i].host, sizeof ret->list[i].host, "%s",
                     strcmp(ret->list[i].name, "DOCKER") ? "localhost"
                                                         : "feed");
}

/* Does LOCAL listen on every address? Others may then come by another name than
 * programs on this machine. */
static bool is_open(struct pf_listeners *bound)
{
    const struct pf_listener *local = pf_listeners_find(bound, LOCAL);

    return local && pf_host_is_any(local->host);
}

/* Settle advertised.listeners, the addresses that clients are told. */
static enum pf_rc settle_advertised(struct pf_settings *server,
                                    const struct pf_listener_wishes *wishes,
                                    struct pf_listeners *bound,
                                    const struct pf_listener *local,
                                    struct pf_error *err)
{
    const char *given = value_of(server, "advertised.listeners", "");
    struct pf_listeners told;
    struct pf_listener *l;
    enum pf_rc rc = PF_OK;

    if (*given)
        rc = parse(server, "advertised.listeners", "", &told, err);
    else
        advertise_bound(bound, &told);
    for (size_t i = 0; !rc && i < told.n; i++)
        if (!pf_listeners_find(bound, told.list[i].name))
            rc = pf_fail(err, PF_CONFIG,
                         "%s: advertised.listeners: there is no listener "
                         "%s; listeners has to name it, too",
                         pf_settings_where(server, "advertised.listeners"),
                         told.list[i].name);
    if (rc)
        return rc;

    l = pf_listeners_find(&told, LOCAL);
    if (l && *given && is_open(bound) && !pf_host_is_any(l->host))
        l->port = local->port;
    else if (l)
        *l = *local;
    else
        rc = pf_listeners_add(&told, LOCAL, local->host, local->port, err);
    l = pf_listeners_find(&told, "HOST");
    if (l && wishes->host_port)
        l->port = wishes->host_port;
    return rc ? rc
              : change(server, "advertised.listeners",
                       pf_listeners_format(&told).text, err);
}

static enum pf_rc settle_protocols(struct pf_settings *server,
                                   const struct pf_listeners *bound,
                                   struct pf_error *err)
{
    static const char name[] = "listener.security.protocol.map";
    const char *map = value_of(server, name, DEFAULT_PROTOCOLS);
    const char *found;
    char *text;
    size_t len;
    int size;
    enum pf_rc rc;

    for (size_t i = 0; i < bound->n; i++)
        if (strcmp(bound->list[i].name, LOCAL) &&
            !pf_listeners_protocol(map, bound->list[i].name, &len))
            return pf_fail(err, PF_CONFIG,
                           "%s: %s: no protocol for the listener %s; add "
                           "%s:PLAINTEXT",
                           pf_settings_where(server, name), name,
                           bound->list[i].name, bound->list[i].name);

    /* Our programs use LOCAL without keys or passwords, and it cannot be
     * reached from other machines. */
    found = pf_listeners_protocol(map, LOCAL, &len);
    if (found && len == 9 && !strncasecmp(found, "PLAINTEXT", len))
        return change(server, name, map, err);
    if (found)
        pf_log(PF_LOG_WARNING, "%s: %s: LOCAL stays PLAINTEXT",
               pf_settings_where(server, name), name);
    size = found ? asprintf(&text, "%.*sPLAINTEXT%s", (int)(found - map), map,
                            found + len)
                 : asprintf(&text, "%s%sLOCAL:PLAINTEXT", map, *map ? "," : "");
    if (size < 0)
        return pf_fail(err, PF_NOMEM, "%s: out of memory", name);
    rc = change(server, name, text, err);
    free(text);
    return rc;
}

/* Settle the inter-broker listener. */
static enum pf_rc settle_local(struct pf_settings *server,
                               struct pf_listeners *bound, struct pf_error *err)
{
    static const char name[] = "inter.broker.listener.name";
    const char *given = value_of(server, name, NULL);

    if (given && pf_listeners_find(bound, given))
        return PF_OK;
    if (given)
        pf_log(PF_LOG_WARNING, "%s: %s: there is no listener '%s', using LOCAL",
               pf_settings_where(server, name), name, given);
    else if (pf_settings_get(server, "security.inter.broker.protocol"))
        return PF_OK; /* Kafka accepts one of the two, not both */
    return change(server, name, LOCAL, err);
}

enum pf_rc pf_broker_listeners_local(const struct pf_settings *server,
                                     struct pf_listener *ret,
                                     struct pf_error *err)
{
    struct pf_listeners bound;
    const struct pf_listener *local;
    enum pf_rc rc = parse(server, "listeners", KAFKAS_LISTENERS, &bound, err);

    if (rc)
        return rc;
    local = pf_listeners_find(&bound, LOCAL);
    if (!local)
        return pf_fail(err, PF_CONFIG, "%s: listeners: LOCAL is missing",
                       pf_settings_where(server, "listeners"));
    *ret = *local;
    if (pf_host_is_any(ret->host))
        snprintf(ret->host, sizeof ret->host, "%s", LOCAL_HOST);
    return PF_OK;
}

enum pf_rc pf_broker_listeners_settle(struct pf_settings *server,
                                      const struct pf_listener_wishes *wishes,
                                      struct pf_listener *ret_local,
                                      struct pf_error *err)
{
    struct pf_listeners bound;
    enum pf_rc rc = settle_bound(server, wishes, &bound, err);

    if (!rc)
        rc = pf_broker_listeners_local(server, ret_local, err);
    if (!rc)
        rc = settle_advertised(server, wishes, &bound, ret_local, err);
    if (!rc && !wishes->is_secure)
        rc = settle_protocols(server, &bound, err);
    if (!rc && !wishes->is_secure)
        rc = settle_local(server, &bound, err);
    return rc;
}
