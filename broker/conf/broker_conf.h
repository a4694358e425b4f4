/* broker_conf.h - the effective settings of the broker and its ZooKeeper.
 *
 * A person edits PF_CONFIG/{server,zookeeper}.properties; environment
 * variables override these files. The result is completed for a feed and
 * written to PF_RUN, where the two Java programs and our own tools read it.
 */
#ifndef PF_BROKER_CONF_H
#define PF_BROKER_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker_security.h"
#include "error.h"
#include "places.h"
#include "settings.h"

/** Programs that are clients of the broker, each with a name of its own. */
#define PF_IDENTITIES                 \
    {                                 \
        "producer", "consumer", "web" \
    }

/** Settings of both programs, and what our tools derive from them. */
struct pf_broker_conf {
    struct pf_settings server;    /* of Kafka, each with its source */
    struct pf_settings zookeeper; /* of ZooKeeper, the same */
    struct pf_settings machine;  /* wishes of this machine: FEED_..., PF_BIND */
    struct pf_security security; /* those for its security; borrowed from it */

    int64_t broker_id;             /* -1: the broker chooses one itself */
    char local[280];               /* host:port of the LOCAL listener */
    const char *zookeeper_connect; /* hosts and path; borrowed from server */
    char zookeeper_address[280];   /* host:port of the first of its hosts */
    bool zookeeper_is_ours;        /* on this machine, for this broker only */
    bool is_secure; /* LOCAL speaks TLS, to known programs only */

    struct pf_path *log_dirs; /* Kafka's data, n_log_dirs absolute paths */
    size_t n_log_dirs;
    struct pf_path zookeeper_dir;     /* ZooKeeper's data */
    struct pf_path zookeeper_log_dir; /* its transactions; often the same */
};

/**
 * Derive the settings that the feed in places would run with if it started
 * now. *ret must be empty.
 *
 * - Each KAFKA_ variable of environment ("NAME=value" strings up to a NULL)
 *   becomes a setting, as in Apache's image (pf_settings_read_environment()).
 *   Variables that Kafka's own scripts read (KAFKA_OPTS, KAFKA_HEAP_OPTS, ...)
 *   do not. ZOOKEEPER_ variables work the same way. An unknown name in the
 *   environment is logged and not passed on; in a file it is logged and kept.
 * - ZOOKEEPER_CONNECT, where the broker finds ZooKeeper, is zookeeper.connect;
 *   KAFKA_ZOOKEEPER_CONNECT wins.
 * - The listener LOCAL, which our programs use, always exists, whatever was
 *   edited. It is also the inter-broker listener.
 * - PF_BIND replaces hosts that mean every address. FEED_PORT is the port that
 *   HOST is advertised with. With PF_BIND no ports are mapped, so HOST then
 *   listens on FEED_PORT, too.
 * - With FEED_SECURITY=tls every listener is secure, see broker_security.h.
 *
 * PF_CONFIG  a file is empty or unreadable, or a value cannot work; *err names
 *            the line
 * PF_NOMEM   out of memory
 *
 * Whatever the outcome, release *ret with pf_broker_conf_release().
 */
enum pf_rc pf_broker_conf_read(const struct pf_places *places,
                               char *const *environment,
                               struct pf_broker_conf *ret,
                               struct pf_error *err);

/**
 * The same for the settings that the feed was started with: the files in
 * PF_RUN. What the machine wished is not in them.
 *
 * PF_IO      there are none: no feed was started since PF_RUN was emptied
 * PF_CONFIG  somebody has changed them
 * PF_NOMEM   out of memory
 */
enum pf_rc pf_broker_conf_read_effective(const struct pf_places *places,
                                         struct pf_broker_conf *ret,
                                         struct pf_error *err);

/**
 * Write PF_RUN/server.properties, PF_RUN/zookeeper.properties and
 * PF_RUN/local.properties. The last one is for our own programs: the broker's
 * address, a limit so that they make no batch that it would refuse, and whom
 * to trust. Who they are is in PF_RUN/identity-producer.properties and so on,
 * one for each of PF_IDENTITIES; without security there is nothing in it.
 *
 * PF_IO     one of them cannot be written
 * PF_NOMEM  out of memory
 */
enum pf_rc pf_broker_conf_write(const struct pf_broker_conf *conf,
                                const struct pf_places *places,
                                struct pf_error *err);

/** Free what *conf owns and empty it. */
void pf_broker_conf_release(struct pf_broker_conf *conf);

#endif
