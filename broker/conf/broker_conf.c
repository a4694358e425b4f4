#include "broker_conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker_defaults.h"
#include "broker_listeners.h"
#include "java_settings.h"
#include "text.h"
#include "zookeeper_security.h"

#define ZOOKEEPER_PORT "2181"

static enum pf_rc derive_log_dirs(struct pf_broker_conf *conf,
                                  const struct pf_places *places,
                                  struct pf_error *err)
{
    const char *name = pf_java_value(&conf->server, "log.dirs") ? "log.dirs"
                                                                : "log.dir";
    const char *text = pf_java_value(&conf->server, name);
    char *copy = strdup(text ? text : ""), *rest = copy, *dir;
    size_t most = 1;

    for (const char *c = copy; c && *c; c++)
        most += *c == ',';
    conf->log_dirs = calloc(most, sizeof *conf->log_dirs);
    if (!copy || !conf->log_dirs) {
        free(copy);
        return pf_fail(err, PF_NOMEM, "%s: out of memory", name);
    }
    while ((dir = strsep(&rest, ","))) {
        dir = pf_trim(dir);
        if (*dir)
            conf->log_dirs[conf->n_log_dirs++] = pf_path_in(places->data, dir);
    }
    free(copy);
    if (!conf->n_log_dirs)
        return pf_fail(err, PF_CONFIG, "%s: %s: no directory is named",
                       pf_settings_where(&conf->server, name), name);
    return PF_OK;
}

static enum pf_rc derive_broker_id(struct pf_broker_conf *conf,
                                   struct pf_error *err)
{
    const char *name = pf_java_value(&conf->server, "broker.id") ? "broker.id"
                                                                 : "node.id";
    const char *text = pf_java_value(&conf->server, name);

    conf->broker_id = -1;
    if (!text)
        return PF_OK;
    text += *text == '+'; /* Java accepts that, too */
    if (pf_parse_int(text, -1, INT32_MAX, &conf->broker_id, err))
        return pf_settings_fail(&conf->server, name, PF_CONFIG, err);
    return PF_OK;
}

/* Split zookeeper.connect, "host:port,host:port/path": the first address, and
 * whether that ZooKeeper is ours. */
static enum pf_rc derive_zookeeper(struct pf_broker_conf *conf,
                                   const struct pf_places *places,
                                   struct pf_error *err)
{
    const char *dir = pf_java_value(&conf->zookeeper, "dataDir");
    const char *logs = pf_java_value(&conf->zookeeper, "dataLogDir");
    const char *connect = pf_java_value(&conf->server, "zookeeper.connect");
    char *first = conf->zookeeper_address, host[PF_HOST_SIZE];
    size_t len;
    int port;
    enum pf_rc rc;

    if (!connect || !dir)
        return pf_fail(err, PF_CONFIG, "%s is missing",
                       connect ? "dataDir" : "zookeeper.connect");
    conf->zookeeper_dir = pf_path_in(places->data, dir);
    conf->zookeeper_log_dir = pf_path_in(places->data, logs ? logs : dir);
    conf->zookeeper_connect = connect;
    len = strcspn(connect, " \t,/");
    snprintf(first, sizeof conf->zookeeper_address, "%.*s%s", (int)len, connect,
             memchr(connect, ':', len) ? "" : ":" ZOOKEEPER_PORT);
    rc = pf_parse_address(first, host, &port, err);
    if (rc)
        return pf_settings_fail(&conf->server, "zookeeper.connect", rc, err);
    conf->zookeeper_is_ours = pf_host_is_loopback(host) &&
                              !strchr(connect, ',');
    return PF_OK;
}

static enum pf_rc derive(struct pf_broker_conf *conf,
                         const struct pf_places *places,
                         const struct pf_listener *local, struct pf_error *err)
{
    enum pf_rc rc;

    snprintf(conf->local, sizeof conf->local,
             strchr(local->host, ':') ? "[%s]:%d" : "%s:%d", local->host,
             local->port);
    conf->is_secure = pf_security_is_on(&conf->server);
    rc = derive_broker_id(conf, err);
    if (!rc)
        rc = derive_log_dirs(conf, places, err);
    if (!rc)
        rc = derive_zookeeper(conf, places, err);
    return rc;
}

static enum pf_rc check_zookeeper_port(const struct pf_broker_conf *conf,
                                       const struct pf_listeners *bound,
                                       struct pf_error *err)
{
    const char *text = pf_java_value(&conf->zookeeper, "clientPort");
    const char *where = pf_settings_where(&conf->zookeeper, "clientPort");
    const char *asked = strrchr(conf->zookeeper_address, ':') + 1;
    int64_t port;

    if (!text)
        return PF_OK; /* TLS only: set deliberately, so not checked */
    if (pf_parse_int(text, 1, 65535, &port, err))
        return pf_fail_in(err, PF_CONFIG, "%s: clientPort: ", where);
    if (conf->zookeeper_is_ours && atoi(asked) != port)
        return pf_fail(err, PF_CONFIG,
                       "%s: zookeeper.connect: ZooKeeper does not listen on "
                       "port %s but on %s (clientPort in %s)",
                       pf_settings_where(&conf->server, "zookeeper.connect"),
                       asked, text, where);
    for (size_t i = 0; i < bound->n; i++)
        if (bound->list[i].port == port)
            return pf_fail(err, PF_CONFIG,
                           "%s: listeners: %s has port %s, which is "
                           "ZooKeeper's (clientPort in %s)",
                           pf_settings_where(&conf->server, "listeners"),
                           bound->list[i].name, text, where);
    return PF_OK;
}

/* True if no other broker can reach this ZooKeeper. */
static bool is_the_only_broker(const struct pf_broker_conf *conf)
{
    const char *host = pf_java_value(&conf->zookeeper, "clientPortAddress");

    return conf->zookeeper_is_ours && host && pf_host_is_loopback(host) &&
           !pf_java_value(&conf->zookeeper, "secureClientPort");
}

static enum pf_rc check(const struct pf_broker_conf *conf, struct pf_error *err)
{
    const struct pf_settings *server = &conf->server;
    struct pf_listeners bound;
    enum pf_rc rc;

    if (pf_java_value(server, "process.roles"))
        return pf_fail(err, PF_CONFIG,
                       "%s: process.roles: this broker works with ZooKeeper; "
                       "leave it out",
                       pf_settings_where(server, "process.roles"));
    rc = pf_listeners_parse(pf_java_value(server, "listeners"), &bound, err);
    if (!rc)
        rc = check_zookeeper_port(conf, &bound, err);
    if (!rc && is_the_only_broker(conf))
        rc = pf_broker_defaults_check_replicas(server, err);
    return rc;
}

/* Read the wishes of this machine: FEED_PORT, PF_BIND and those for its
 * security. *ret borrows from settings, where they are kept as "port" and
 * "bind". */
static enum pf_rc
read_wishes(char *const *environment, const struct pf_places *places,
            struct pf_settings *settings, struct pf_listener_wishes *ret,
            struct pf_security *ret_security, struct pf_error *err)
{
    enum pf_rc rc = pf_java_variable_read(environment, "FEED_PORT", "FEED_",
                                          settings, err);
    const char *port;
    int64_t number = 0;

    if (!rc)
        rc = pf_java_variable_read(environment, "PF_BIND", "PF_", settings,
                                   err);
    if (!rc)
        rc = pf_security_read(environment, places, settings, ret_security, err);
    if (rc)
        return rc;
    port = pf_java_value(settings, "port");
    if (port && pf_parse_int(port, 1, 65535, &number, err))
        return pf_fail_in(err, PF_CONFIG, "environment FEED_PORT: ");
    ret->bind = pf_java_value(settings, "bind");
    ret->host_port = (int)number;
    ret->is_secure = ret_security->is_on;
    return PF_OK;
}

/* ZOOKEEPER_CONNECT is zookeeper.connect, unless KAFKA_ZOOKEEPER_CONNECT is
 * set. */
static enum pf_rc take_connect(char *const *environment,
                               struct pf_settings *server, struct pf_error *err)
{
    static const char name[] = "zookeeper.connect";
    const struct pf_setting *now = pf_settings_get(server, name), *given;
    struct pf_settings found = pf_settings_init();
    enum pf_rc rc = PF_OK;

    if (!now || now->rank < PF_FROM_ENVIRONMENT)
        rc = pf_java_variable_read(environment, "ZOOKEEPER_CONNECT",
                                   "ZOOKEEPER_", &found, err);
    given = pf_settings_get(&found, "connect");
    if (!rc && given)
        rc = pf_settings_put(server, name, given->value, given->where,
                             given->rank, err);
    pf_settings_release(&found);
    return rc;
}

enum pf_rc pf_broker_conf_read(const struct pf_places *places,
                               char *const *environment,
                               struct pf_broker_conf *ret, struct pf_error *err)
{
    static const struct pf_java_source kafka = {
        .program = "Kafka",
        .file = "server.properties",
        .names = "broker/server-names.txt",
        .prefix = "KAFKA_",
        .dynamic = "listener.name. rsm.config. rlmm.config.",
        .ours = "",
    };
    static const struct pf_java_source zookeeper = {
        .program = "ZooKeeper",
        .file = "zookeeper.properties",
        .names = "broker/zookeeper-names.txt",
        .prefix = "ZOOKEEPER_",
        .dynamic = "",
        .has_capitals = true,
        .ours = "CONNECT= ID=",
    };
    struct pf_listener_wishes wishes;
    struct pf_listener local;
    enum pf_rc rc = pf_java_settings_read(&kafka, places, environment,
                                          &ret->server, err);

    if (!rc)
        rc = take_connect(environment, &ret->server, err);
    if (!rc)
        rc = pf_java_settings_read(&zookeeper, places, environment,
                                   &ret->zookeeper, err);
    if (!rc)
        rc = read_wishes(environment, places, &ret->machine, &wishes,
                         &ret->security, err);
    if (!rc)
        rc = pf_broker_defaults_put(&ret->server, &ret->zookeeper, err);
    if (!rc)
        rc = pf_broker_listeners_settle(&ret->server, &wishes, &local, err);
    if (!rc && ret->security.is_on)
        rc = pf_security_put(&ret->server, places, &ret->security, err);
    if (!rc && ret->security.is_on && places->tls)
        rc = pf_zookeeper_security_put(&ret->zookeeper, &ret->server, places,
                                       err);
    if (!rc)
        rc = derive(ret, places, &local, err);
    return rc ? rc : check(ret, err);
}

enum pf_rc pf_broker_conf_read_effective(const struct pf_places *places,
                                         struct pf_broker_conf *ret,
                                         struct pf_error *err)
{
    struct pf_path server = pf_path_in(places->run, "server.properties");
    struct pf_path zookeeper = pf_path_in(places->run, "zookeeper.properties");
    struct pf_listener local;
    enum pf_rc rc = pf_settings_read_file(&ret->server, server.text, err);

    if (!rc)
        rc = pf_settings_read_file(&ret->zookeeper, zookeeper.text, err);
    if (!rc)
        rc = pf_broker_listeners_local(&ret->server, &local, err);
    return rc ? rc : derive(ret, places, &local, err);
}

void pf_broker_conf_release(struct pf_broker_conf *conf)
{
    pf_settings_release(&conf->server);
    pf_settings_release(&conf->zookeeper);
    pf_settings_release(&conf->machine);
    free(conf->log_dirs);
    *conf = (struct pf_broker_conf){0};
}
