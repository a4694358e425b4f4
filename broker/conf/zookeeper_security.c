#include "zookeeper_security.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "broker_security.h"
#include "java_settings.h"

#define WHERE "pricefeed: FEED_SECURITY=tls"
#define COMMANDS "4lw.commands.whitelist"
#define KEYS PF_ZOOKEEPER_CERTIFICATE
#define TRUST PF_ZOOKEEPER_AUTHORITY

/* A setting, unless the user has set it. */
struct row {
    const char *name;
    const char *value;
    bool is_file; /* value is one in the directory of certificates */
};

/*
 * ZooKeeper looks up no name for the address of who connects, and certificates
 * name hosts: the ensemble is known by who has signed. Files that are replaced
 * are read again.
 */
static const struct row zookeeper_rows[] = {
    {"serverCnxnFactory", "org.apache.zookeeper.server.NettyServerCnxnFactory",
     false},
    {"ssl.keyStore.location", KEYS, true},
    {"ssl.keyStore.type", "PEM", false},
    {"ssl.trustStore.location", TRUST, true},
    {"ssl.trustStore.type", "PEM", false},
    {"ssl.clientAuth", "need", false},
    {"client.certReload", "true", false},
    {"sslQuorum", "true", false},
    {"ssl.quorum.keyStore.location", KEYS, true},
    {"ssl.quorum.keyStore.type", "PEM", false},
    {"ssl.quorum.trustStore.location", TRUST, true},
    {"ssl.quorum.trustStore.type", "PEM", false},
    {"ssl.quorum.clientAuth", "need", false},
    {"ssl.quorum.hostnameVerification", "false", false},
    {"sslQuorumReloadCertFiles", "true", false},
};

static const struct row server_rows[] = {
    {"zookeeper.ssl.client.enable", "true", false},
    {"zookeeper.clientCnxnSocket", "org.apache.zookeeper.ClientCnxnSocketNetty",
     false},
    {"zookeeper.ssl.keystore.location", KEYS, true},
    {"zookeeper.ssl.keystore.type", "PEM", false},
    {"zookeeper.ssl.truststore.location", TRUST, true},
    {"zookeeper.ssl.truststore.type", "PEM", false},
};

static enum pf_rc put(struct pf_settings *settings, const char *name,
                      const char *value, struct pf_error *err)
{
    return pf_settings_put(settings, name, value, WHERE, PF_FROM_COMMAND, err);
}

static enum pf_rc put_rows(struct pf_settings *settings, const struct row *rows,
                           size_t n, const struct pf_places *places,
                           struct pf_error *err)
{
    enum pf_rc rc = PF_OK;

    for (size_t i = 0; !rc && i < n; i++) {
        struct pf_path path = pf_security_path(places, rows[i].value);

        if (!pf_java_value(settings, rows[i].name))
            rc = put(settings, rows[i].name,
                     rows[i].is_file ? path.text : rows[i].value, err);
    }
    return rc;
}

/* What would be a port in plain text speaks TLS instead. */
static enum pf_rc move(struct pf_settings *zookeeper, const char *from,
                       const char *to, struct pf_error *err)
{
    const char *value = pf_java_value(zookeeper, from);
    enum pf_rc rc = PF_OK;

    if (value && !pf_java_value(zookeeper, to))
        rc = put(zookeeper, to, value, err);
    if (!rc)
        pf_settings_remove(zookeeper, from);
    return rc;
}

/* `dump` says which brokers are registered, for pf-broker forget. */
static enum pf_rc allow_dump(struct pf_settings *zookeeper,
                             struct pf_error *err)
{
    const char *given = pf_java_value(zookeeper, COMMANDS);
    char commands[1024];

    if (given && (strstr(given, "dump") || strchr(given, '*')))
        return PF_OK;
    snprintf(commands, sizeof commands, "%s,dump", given ? given : "srvr");
    return put(zookeeper, COMMANDS, commands, err);
}

enum pf_rc pf_zookeeper_security_put(struct pf_settings *zookeeper,
                                     struct pf_settings *server,
                                     const struct pf_places *places,
                                     struct pf_error *err)
{
#define COUNT(table) (sizeof(table) / sizeof *(table))
    enum pf_rc rc = put_rows(zookeeper, zookeeper_rows, COUNT(zookeeper_rows),
                             places, err);

    if (!rc)
        rc = put_rows(server, server_rows, COUNT(server_rows), places, err);
    if (!rc)
        rc = move(zookeeper, "clientPort", "secureClientPort", err);
    if (!rc)
        rc = move(zookeeper, "clientPortAddress", "secureClientPortAddress",
                  err);
    return rc ? rc : allow_dump(zookeeper, err);
}

struct pf_zookeeper_tls
pf_zookeeper_tls_of_broker(const struct pf_settings *server)
{
    const char *on = pf_java_value(server, "zookeeper.ssl.client.enable");
    const char *type = pf_java_value(server, "zookeeper.ssl.keystore.type");

    if (!on || strcasecmp(on, "true") != 0 || !type ||
        strcasecmp(type, "PEM") != 0)
        return (struct pf_zookeeper_tls){NULL, NULL};
    return (struct pf_zookeeper_tls){
        pf_java_value(server, "zookeeper.ssl.keystore.location"),
        pf_java_value(server, "zookeeper.ssl.truststore.location")};
}

struct pf_zookeeper_tls
pf_zookeeper_tls_of_itself(const struct pf_settings *zookeeper)
{
    const char *type = pf_java_value(zookeeper, "ssl.keyStore.type");

    if (!pf_java_value(zookeeper, "secureClientPort") || !type ||
        strcasecmp(type, "PEM") != 0)
        return (struct pf_zookeeper_tls){NULL, NULL};
    return (struct pf_zookeeper_tls){
        pf_java_value(zookeeper, "ssl.keyStore.location"),
        pf_java_value(zookeeper, "ssl.trustStore.location")};
}
