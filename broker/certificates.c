/* certificates.c - `pf-broker certificates`: those that a secure feed needs. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cluster_certs.h"
#include "ctl.h"
#include "listeners.h"
#include "log.h"
#include "own_certs.h"
#include "text.h"

#define HOSTS_MAX 64

/* The names by which clients may reach the broker, each once. */
struct hosts {
    const char *list[HOSTS_MAX];
    size_t n;
};

static enum pf_rc add_host(struct hosts *hosts, const char *host,
                           struct pf_error *err)
{
    for (size_t i = 0; i < hosts->n; i++)
        if (!strcasecmp(hosts->list[i], host))
            return PF_OK;
    if (hosts->n == HOSTS_MAX)
        return pf_fail(
            err, PF_CONFIG,
            "a certificate has at most %d names here; FEED_TLS_NAMES "
            "and advertised.listeners have more",
            HOSTS_MAX);
    hosts->list[hosts->n++] = host;
    return PF_OK;
}

/* The next of the comma-separated names in *text, which this changes; NULL:
 * there is none. */
static const char *next_name(char **text)
{
    char *name;

    while ((name = strsep(text, ","))) {
        name = pf_trim(name);
        if (*name)
            return name;
    }
    return NULL;
}

/* What a certificate has to name. What it borrows outlives the call. */
struct names {
    struct hosts hosts;
    size_t n_told; /* the first of them, by which clients do reach it */
    struct pf_listeners told; /* advertised.listeners */
    char own[256];            /* this machine */
    char *given;              /* FEED_TLS_NAMES */
};

static enum pf_rc gather(const struct pf_broker_conf *conf, struct names *names,
                         struct pf_error *err)
{
    static const char *const always[] = {"localhost", "feed", "127.0.0.1",
                                         "::1"};
    const struct pf_setting *told = pf_settings_get(&conf->server,
                                                    "advertised.listeners");
    enum pf_rc rc = PF_OK;
    const char *name;
    char *rest;

    rest = names->given = strdup(conf->security.names ? conf->security.names
                                                      : "");
    if (!names->given)
        return pf_fail(err, PF_NOMEM, "FEED_TLS_NAMES: out of memory");
    if (gethostname(names->own, sizeof names->own - 1))
        return pf_fail(err, PF_IO, "gethostname: %s", strerror(errno));
    if (told)
        rc = pf_listeners_parse(told->value, &names->told, err);
    for (size_t i = 0; !rc && i < names->told.n; i++)
        if (strcmp(names->told.list[i].name, "LOCAL") != 0)
            rc = add_host(&names->hosts, names->told.list[i].host, err);
    while (!rc && (name = next_name(&rest)))
        rc = add_host(&names->hosts, name, err);
    names->n_told = names->hosts.n;
    for (size_t i = 0; !rc && i < sizeof always / sizeof *always; i++)
        rc = add_host(&names->hosts, always[i], err);
    return rc ? rc : add_host(&names->hosts, names->own, err);
}

/* The user's own certificate, in the form that Kafka reads. It is not for
 * others than those who are told an address, or come by a name that was given.
 */
static enum pf_rc take_given(const struct ctl *ctl, struct pf_own_certs wanted,
                             size_t n_told, struct pf_error *err)
{
    const struct pf_security *security = &ctl->conf.security;
    const char *without = NULL;
    enum pf_rc rc = PF_OK;

    if (!*security->certificate.text)
        return PF_OK;
    wanted.n = n_told;
    rc = pf_certs_take(security->certificate.text, security->key.text, &wanted,
                       pf_path_in(ctl->places.run, PF_SECURITY_GIVEN).text,
                       &without, err);
    if (!rc && without)
        pf_log(PF_LOG_WARNING,
               "%s: the certificate is not for %s; a client that is told that "
               "name refuses the broker",
               security->certificate.text, without);
    return rc;
}

/* The names that are in text, with commas, and some of them perhaps several
 * times. *copy, which the caller frees, has them. */
static enum pf_rc split(const char *variable, const char *text, char **copy,
                        struct hosts *ret, struct pf_error *err)
{
    char *rest = *copy = strdup(text ? text : "");
    const char *name;

    if (!rest)
        return pf_fail(err, PF_NOMEM, "%s: out of memory", variable);
    while ((name = next_name(&rest))) {
        if (ret->n == HOSTS_MAX)
            return pf_fail(err, PF_CONFIG,
                           "environment %s: there are more than %d names",
                           variable, HOSTS_MAX);
        ret->list[ret->n++] = name;
    }
    return PF_OK;
}

/* Those of all nodes of a cluster, of which this is the authority. */
static enum pf_rc settle_cluster(const struct ctl *ctl, bool renew,
                                 struct pf_made *made, struct pf_error *err)
{
    const struct pf_security *security = &ctl->conf.security;
    struct hosts brokers = {.n = 0}, zookeepers = {.n = 0}, more = {.n = 0};
    char *copies[3] = {NULL, NULL, NULL};
    struct pf_cluster_certs wanted = {
        .dir = ctl->places.tls, .renew = renew, .now = time(NULL)};
    enum pf_rc rc = split("FEED_TLS_BROKERS", security->brokers, &copies[0],
                          &brokers, err);

    if (!rc)
        rc = split("FEED_TLS_ZOOKEEPERS", security->zookeepers, &copies[1],
                   &zookeepers, err);
    if (!rc)
        rc = split("FEED_TLS_NAMES", security->names, &copies[2], &more, err);
    wanted.brokers = (struct pf_cert_hosts){brokers.list, brokers.n};
    wanted.zookeepers = (struct pf_cert_hosts){zookeepers.list, zookeepers.n};
    wanted.more = (struct pf_cert_hosts){more.list, more.n};
    if (!rc)
        rc = pf_cluster_certs_settle(&wanted, made, err);
    for (size_t i = 0; i < 3; i++)
        free(copies[i]);
    return rc;
}

/* Those of a feed by itself. */
static enum pf_rc settle_own(const struct pf_own_certs *wanted,
                             struct pf_made *made, struct pf_error *err)
{
    if (mkdir(wanted->dir, 0700) && errno != EEXIST)
        return pf_fail(err, PF_CONFIG, "%s: %s", wanted->dir, strerror(errno));
    return pf_own_certs_settle(wanted, made, err);
}

enum pf_rc ctl_settle_certificates(const struct ctl *ctl, bool renew,
                                   struct pf_error *err)
{
    struct pf_path dir = pf_security_dir(&ctl->places);
    struct names names = {0};
    struct pf_own_certs wanted = {
        .dir = dir.text, .renew = renew, .now = time(NULL)};
    struct pf_made made = {""};
    enum pf_rc rc;

    if (!ctl->conf.security.is_on)
        return pf_fail(err, PF_CONFIG,
                       "this feed is not secured; start it with "
                       "FEED_SECURITY=tls");
    if (ctl_is_authority(ctl)) {
        rc = settle_cluster(ctl, renew, &made, err);
    } else {
        rc = gather(&ctl->conf, &names, err);
        wanted.hosts = names.hosts.list;
        wanted.n = names.hosts.n;
        if (!rc && !ctl->places.tls) /* else somebody else makes them */
            rc = settle_own(&wanted, &made, err);
        if (!rc)
            rc = take_given(ctl, wanted, names.n_told, err);
        free(names.given);
    }
    if (*made.text)
        pf_log(PF_LOG_INFO, "made in %s: %s", dir.text, made.text);
    return rc;
}

enum pf_rc ctl_certificates(struct ctl *ctl, struct pf_error *err)
{
    return ctl_settle_certificates(ctl, false, err);
}
