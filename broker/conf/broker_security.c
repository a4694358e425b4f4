#include "broker_security.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "java_settings.h"
#include "listeners.h"
#include "text.h"

#define LOCAL "LOCAL"
#define WHERE "pricefeed: FEED_SECURITY=tls"
#define MAP "listener.security.protocol.map"
#define SUPER "User:CN=broker;User:CN=pf-broker"

struct pf_path pf_security_dir(const struct pf_places *places)
{
    return places->tls ? pf_path_in("/", places->tls)
                       : pf_path_in(places->data, PF_SECURITY_DIR);
}

struct pf_path pf_security_path(const struct pf_places *places,
                                const char *file)
{
    return pf_path_in(pf_security_dir(places).text, file);
}

/* Is it a host name or an IP address? It becomes a part of a certificate. One
 * with a port, say, would be in there and never be asked for. */
static bool is_host(const char *name)
{
    struct in6_addr address;

    return name[strspn(name, "abcdefghijklmnopqrstuvwxyz"
                             "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_")] ==
               '\0' ||
           inet_pton(AF_INET6, name, &address) == 1;
}

static enum pf_rc check_names(const char *variable, const char *names,
                              struct pf_error *err)
{
    char *copy = strdup(names ? names : ""), *rest = copy, *name;
    enum pf_rc rc = copy
                        ? PF_OK
                        : pf_fail(err, PF_NOMEM, "%s: out of memory", variable);

    while (!rc && (name = strsep(&rest, ","))) {
        name = pf_trim(name);
        if (!is_host(name))
            rc = pf_fail(err, PF_CONFIG,
                         "environment %s: '%.60s' is not a host name or an IP "
                         "address; it takes several with commas in between",
                         variable, name);
    }
    free(copy);
    return rc;
}

/* The authority of a cluster, which makes certificates for all nodes. */
static enum pf_rc check_authority(const struct pf_security *security,
                                  const struct pf_places *places,
                                  struct pf_error *err)
{
    enum pf_rc rc;

    if (!security->brokers && !security->zookeepers)
        return PF_OK;
    if (!places->tls)
        return pf_fail(err, PF_CONFIG,
                       "environment FEED_TLS_%s: FEED_TLS_DIR is not set: the "
                       "directory for the certificates of all nodes",
                       security->brokers ? "BROKERS" : "ZOOKEEPERS");
    rc = check_names("FEED_TLS_BROKERS", security->brokers, err);
    return rc ? rc
              : check_names("FEED_TLS_ZOOKEEPERS", security->zookeepers, err);
}

static enum pf_rc check(const struct pf_security *security,
                        const struct pf_places *places, struct pf_error *err)
{
    bool certificate = *security->certificate.text;
    enum pf_rc rc;

    if (certificate != !!*security->key.text)
        return pf_fail(err, PF_CONFIG,
                       "environment FEED_TLS_%s is set and FEED_TLS_%s is not: "
                       "a certificate of your own needs its key, too",
                       certificate ? "CERTIFICATE" : "KEY",
                       certificate ? "KEY" : "CERTIFICATE");
    if (!security->is_on && (certificate || security->names))
        return pf_fail(err, PF_CONFIG,
                       "environment FEED_TLS_%s: without FEED_SECURITY=tls "
                       "nothing is encrypted",
                       certificate ? "CERTIFICATE" : "NAMES");
    rc = check_names("FEED_TLS_NAMES", security->names, err);
    return rc ? rc : check_authority(security, places, err);
}

enum pf_rc pf_security_read(char *const *environment,
                            const struct pf_places *places,
                            struct pf_settings *machine,
                            struct pf_security *ret, struct pf_error *err)
{
    static const char *const variables[] = {
        "FEED_SECURITY", "FEED_TLS_NAMES",   "FEED_TLS_CERTIFICATE",
        "FEED_TLS_KEY",  "FEED_TLS_BROKERS", "FEED_TLS_ZOOKEEPERS"};
    const char *mode, *certificate, *key;
    enum pf_rc rc = PF_OK;

    for (size_t i = 0; !rc && i < sizeof variables / sizeof *variables; i++)
        rc = pf_java_variable_read(environment, variables[i], "FEED_", machine,
                                   err);
    if (rc)
        return rc;
    mode = pf_java_value(machine, "security");
    certificate = pf_java_value(machine, "tls.certificate");
    key = pf_java_value(machine, "tls.key");
    *ret = (struct pf_security){
        .names = pf_java_value(machine, "tls.names"),
        .brokers = pf_java_value(machine, "tls.brokers"),
        .zookeepers = pf_java_value(machine, "tls.zookeepers")};
    if (certificate)
        ret->certificate = pf_path_in(places->config, certificate);
    if (key)
        ret->key = pf_path_in(places->config, key);
    ret->is_on = mode && !strcmp(mode, "tls");
    if (mode && !ret->is_on && strcmp(mode, "none") != 0)
        return pf_fail(err, PF_CONFIG,
                       "environment FEED_SECURITY: '%.40s' is neither none nor "
                       "tls",
                       mode);
    return check(ret, places, err);
}

static enum pf_rc put(struct pf_settings *server, const char *name,
                      const char *value, struct pf_error *err)
{
    return pf_settings_put(server, name, value, WHERE, PF_FROM_COMMAND, err);
}

static enum pf_rc put_unless_set(struct pf_settings *server, const char *name,
                                 const char *value, struct pf_error *err)
{
    return pf_java_value(server, name) ? PF_OK : put(server, name, value, err);
}

/* No listener stays open: LOCAL asks for certificates, and one without
 * encryption or passwords gets both. One of the user's that is only encrypted
 * stays: who comes by it is nobody, and has no rights. */
static enum pf_rc put_protocols(struct pf_settings *server,
                                const struct pf_listeners *bound,
                                struct pf_error *err)
{
    const char *given = pf_java_value(server, MAP);
    char map[PF_LISTENERS_MAX * 80];
    size_t used = 0, len;

    for (size_t i = 0; i < bound->n; i++) {
        const char *name = bound->list[i].name;
        const char *own = given ? pf_listeners_protocol(given, name, &len)
                                : NULL;
        bool is_local = !strcmp(name, LOCAL);
        bool is_tls = own && len == 3 && !strncasecmp(own, "SSL", len);

        used += (size_t)snprintf(map + used, sizeof map - used, "%s%s:%s",
                                 i ? "," : "", name,
                                 is_local || is_tls ? "SSL" : "SASL_SSL");
    }
    return put(server, MAP, map, err);
}

/* Other brokers have certificates and not passwords, because Kafka keeps
 * passwords where a broker first has to be reached for them. */
static enum pf_rc put_inner(struct pf_settings *server, struct pf_error *err)
{
    static const char name[] = "inter.broker.listener.name";
    static const char protocol[] = "security.inter.broker.protocol";
    const char *given = pf_java_value(server, name);

    if (pf_java_value(server, protocol) ||
        (given && strcasecmp(given, LOCAL) != 0))
        return pf_fail(err, PF_CONFIG,
                       "%s: %s: with FEED_SECURITY brokers talk over LOCAL; "
                       "leave it out",
                       pf_settings_where(server, given ? name : protocol),
                       given ? name : protocol);
    return put_unless_set(server, name, LOCAL, err);
}

/* What a listener for users needs: without it Kafka does not start. */
static enum pf_rc put_passwords(struct pf_settings *server,
                                const struct pf_listeners *bound,
                                struct pf_error *err)
{
    char name[128];
    enum pf_rc rc = PF_OK;

    for (size_t i = 0; !rc && i < bound->n; i++) {
        int n = snprintf(name, sizeof name, "listener.name.%s.",
                         bound->list[i].name);

        for (char *c = name; *c; c++)
            *c = (char)tolower((unsigned char)*c);
        snprintf(name + n, sizeof name - (size_t)n,
                 "scram-sha-512.sasl.jaas.config");
        if (strcmp(bound->list[i].name, LOCAL) != 0)
            rc = put_unless_set(server, name,
                                "org.apache.kafka.common.security.scram."
                                "ScramLoginModule required;",
                                err);
    }
    return rc;
}

/* The broker itself, and pf-broker, which makes topics and users. */
static enum pf_rc put_super_users(struct pf_settings *server,
                                  struct pf_error *err)
{
    static const char name[] = "super.users";
    const char *given = pf_java_value(server, name);
    char *all;
    enum pf_rc rc;

    if (!given)
        return put(server, name, SUPER, err);
    if (asprintf(&all, SUPER ";%s", given) < 0)
        return pf_fail(err, PF_NOMEM, "%s: out of memory", name);
    rc = put(server, name, all, err);
    free(all);
    return rc;
}

/* Certificates: of LOCAL and of the others, and whom LOCAL trusts. */
static enum pf_rc put_certificates(struct pf_settings *server,
                                   const struct pf_places *places,
                                   const struct pf_security *security,
                                   struct pf_error *err)
{
    static const char location[] = "ssl.keystore.location";
    struct pf_path path = *security->certificate.text
                              ? pf_path_in(places->run, PF_SECURITY_GIVEN)
                              : pf_security_path(places, "server.pem");
    enum pf_rc rc = put_unless_set(server, location, path.text, err);

    path = pf_security_path(places, "ca.pem");
    if (!rc)
        rc = put(server, "listener.name.local.ssl.truststore.location",
                 path.text, err);
    path = pf_security_path(places, "broker.pem");
    return rc ? rc
              : put(server, "listener.name.local.ssl.keystore.location",
                    path.text, err);
}

enum pf_rc pf_security_put(struct pf_settings *server,
                           const struct pf_places *places,
                           const struct pf_security *security,
                           struct pf_error *err)
{
    static const struct {
        const char *name, *value;
        bool always; /* whatever the user has set */
    } rows[] = {
        {"ssl.keystore.type", "PEM", false},
        {"listener.name.local.ssl.keystore.type", "PEM", true},
        {"listener.name.local.ssl.truststore.type", "PEM", true},
        {"listener.name.local.ssl.client.auth", "required", true},
        {"sasl.enabled.mechanisms", "SCRAM-SHA-512", false},
        {"authorizer.class.name", "kafka.security.authorizer.AclAuthorizer",
         false},
        {"allow.everyone.if.no.acl.found", "false", true},
        {"zookeeper.set.acl", "false", false},
    };
    struct pf_listeners bound;
    enum pf_rc rc = pf_listeners_parse(pf_java_value(server, "listeners"),
                                       &bound, err);

    if (!rc)
        rc = put_protocols(server, &bound, err);
    if (!rc)
        rc = put_inner(server, err);
    for (size_t i = 0; !rc && i < sizeof rows / sizeof *rows; i++)
        rc = rows[i].always
                 ? put(server, rows[i].name, rows[i].value, err)
                 : put_unless_set(server, rows[i].name, rows[i].value, err);
    if (!rc)
        rc = put_certificates(server, places, security, err);
    if (!rc)
        rc = put_passwords(server, &bound, err);
    return rc ? rc : put_super_users(server, err);
}

bool pf_security_is_on(const struct pf_settings *server)
{
    const char *map = pf_java_value(server, MAP);
    size_t len = 0;
    const char *protocol = map ? pf_listeners_protocol(map, LOCAL, &len) : NULL;

    return protocol && len == 3 && !strncasecmp(protocol, "SSL", len);
}

enum pf_rc pf_security_put_client(struct pf_settings *client,
                                  const struct pf_places *places,
                                  const char *program, struct pf_error *err)
{
    struct pf_path authority = pf_security_path(places, "ca.pem");
    struct pf_path own;
    char file[64];
    enum pf_rc rc;

    if (!program) {
        rc = put(client, "security.protocol", "ssl", err);
        return rc ? rc : put(client, "ssl.ca.location", authority.text, err);
    }
    snprintf(file, sizeof file, "%s.pem", program);
    own = pf_security_path(places, file);
    rc = put(client, "ssl.certificate.location", own.text, err);
    return rc ? rc : put(client, "ssl.key.location", own.text, err);
}
