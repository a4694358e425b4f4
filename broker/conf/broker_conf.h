/* broker_conf.h - what the broker and its ZooKeeper really run with.
 *
 * A person edits PF_CONFIG/{server,zookeeper}.properties, and the environment
 * goes before them. What comes of both, made fit for a feed, is written to
 * PF_RUN, where the two Java programs and our own tools read it.
 */
#ifndef PF_BROKER_CONF_H
#define PF_BROKER_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "places.h"
#include "settings.h"

/** Settings of both programs, and what our tools need of them. */
struct pf_broker_conf {
    struct pf_settings server;    /* of Kafka, each with its source */
    struct pf_settings zookeeper; /* of ZooKeeper, the same */

    int64_t broker_id;             /* -1: the broker chooses one itself */
    char local[280];               /* host:port of the LOCAL listener */
    const char *zookeeper_connect; /* hosts and path; borrowed from server */
    char zookeeper_address[280];   /* host:port of the first of its hosts */
    bool zookeeper_is_ours;        /* that is this machine: no other broker's */

    struct pf_path *log_dirs; /* Kafka's data, n_log_dirs absolute paths */
    size_t n_log_dirs;
    struct pf_path zookeeper_dir;     /* ZooKeeper's data */
    struct pf_path zookeeper_log_dir; /* its transactions; mostly the same */
};

/**
 * Work out what the feed in places would run with if it started now, into
 * *ret, which is empty:
 *
 * - each KAFKA_ variable of environment ("NAME=value" up to a NULL) becomes a
 *   setting as in Apache's image (pf_settings_read_environment()), but for
 *   those that Kafka's own scripts read (KAFKA_OPTS, KAFKA_HEAP_OPTS, ...);
 *   ZOOKEEPER_ variables alike. A name that nobody knows is logged and not
 *   passed on. In the files an unknown name is logged, and kept.
 * - the listener LOCAL, which our programs use, is there whatever was edited,
 *   and brokers talk to themselves through it.
 * - the variable PF_BIND takes the place of hosts that mean every address;
 *   FEED_PORT is the port that HOST is advertised with. With PF_BIND nobody
 *   maps ports, so it is then the one that HOST listens on, too.
 *
 * PF_CONFIG  a file is empty or unreadable, or a value cannot work; *err says
 *            in which line
 * PF_NOMEM   memory ran out
 *
 * Whatever the outcome, pf_broker_conf_release() it.
 */
enum pf_rc pf_broker_conf_read(const struct pf_places *places,
                               char *const *environment,
                               struct pf_broker_conf *ret,
                               struct pf_error *err);

/**
 * The same, but what the feed did start with: the files in PF_RUN.
 *
 * PF_IO      they are not there: no feed was started since PF_RUN was emptied
 * PF_CONFIG  somebody has changed them
 * PF_NOMEM   memory ran out
 */
enum pf_rc pf_broker_conf_read_effective(const struct pf_places *places,
                                         struct pf_broker_conf *ret,
                                         struct pf_error *err);

/**
 * Write PF_RUN/server.properties, PF_RUN/zookeeper.properties, and
 * PF_RUN/local.properties, by which our programs find the broker and make no
 * batch that it would refuse.
 *
 * PF_IO     one cannot be written
 * PF_NOMEM  memory ran out
 */
enum pf_rc pf_broker_conf_write(const struct pf_broker_conf *conf,
                                const struct pf_places *places,
                                struct pf_error *err);

/** Free what *conf owns and empty it. */
void pf_broker_conf_release(struct pf_broker_conf *conf);

#endif
