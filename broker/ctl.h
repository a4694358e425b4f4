/* ctl.h - what the commands of pf-broker share. */
#ifndef PF_BROKER_CTL_H
#define PF_BROKER_CTL_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "broker_conf.h"
#include "error.h"
#include "places.h"
#include "settings.h"
#include "zookeeper_security.h"

/** Topics of --read or --write. */
struct ctl_topics {
    const char *list[16];
    size_t n;
};

/** One call of pf-broker. */
struct ctl {
    struct pf_places places;
    struct pf_broker_conf conf;
    struct pf_settings given;  /* -F file, -X name=value */
    const char *argument;      /* after the options, or NULL */
    const char *program;       /* --of: "producer" or "consumer" */
    const char *bootstrap;     /* --bootstrap or BOOTSTRAP_SERVERS, or NULL */
    const char *brokers;       /* host:port,...: those that are asked */
    int wait;                  /* --wait: until all is well */
    int all;                   /* --all: of the whole cluster */
    int yes;                   /* --yes: do not ask */
    int port_only;             /* --port: an open port suffices */
    int warm_up;               /* --warm-up: for the first producer, too */
    int follow;                /* --follow: another call makes the topic */
    int64_t partitions;        /* --partitions; 0: not given */
    struct pf_settings topic;  /* --set: of a topic that is created */
    struct ctl_topics read;    /* --read: a user may read these */
    struct ctl_topics write;   /* --write: the same */
    const char *password_file; /* --password-file, or NULL */
    int64_t deadline_ms;       /* on the monotonic clock, from --timeout */
};

/* The commands, one per file. Their result becomes the exit code. */
enum pf_rc ctl_wait(struct ctl *ctl, struct pf_error *err);
enum pf_rc ctl_topic(struct ctl *ctl, struct pf_error *err);
enum pf_rc ctl_forget(struct ctl *ctl, struct pf_error *err);
enum pf_rc ctl_health(struct ctl *ctl, struct pf_error *err);
enum pf_rc ctl_reset(struct ctl *ctl, struct pf_error *err);
enum pf_rc ctl_reset_all(struct ctl *ctl, struct pf_error *err);
enum pf_rc ctl_status(struct ctl *ctl, struct pf_error *err);
enum pf_rc ctl_config(struct ctl *ctl, struct pf_error *err);
enum pf_rc ctl_certificates(struct ctl *ctl, struct pf_error *err);
enum pf_rc ctl_renew(struct ctl *ctl, struct pf_error *err);
enum pf_rc ctl_add_user(struct ctl *ctl, struct pf_error *err);
enum pf_rc ctl_remove_user(struct ctl *ctl, struct pf_error *err);
enum pf_rc ctl_users(struct ctl *ctl, struct pf_error *err);

/** The pause between two polls, in ms. */
#define CTL_PAUSE_MS 10

/** How long a connection to a broker may take, in ms. */
#define CTL_KNOCK_MS 1000

/**
 * Wait until a process listens at the broker's LOCAL address.
 *
 * PF_IO  none did before the deadline
 */
enum pf_rc ctl_wait_port(struct ctl *ctl, struct pf_error *err);

/** Does ZooKeeper at address, "host:port", serve? Asks for a moment only. */
bool ctl_zookeeper_serves(const char *address,
                          const struct pf_zookeeper_tls *tls);

/**
 * Ask on the terminal whether to go on with what was printed; with --yes, do
 * not.
 *
 * PF_CONFIG  there is no terminal
 * PF_IO      the answer is no
 */
enum pf_rc ctl_confirm(const struct ctl *ctl, struct pf_error *err);

/** True if this call prepares for the consumer. */
static inline bool ctl_is_for_consumer(const struct ctl *ctl)
{
    return ctl->program && !strcmp(ctl->program, "consumer");
}

/** True if this call is of a cluster's authority, which makes the certificates
 * of all nodes and has no broker. */
static inline bool ctl_is_authority(const struct ctl *ctl)
{
    return ctl->conf.security.brokers || ctl->conf.security.zookeepers;
}

/**
 * Open a handle for requests to ctl->brokers: a consumer, because a producer's
 * metadata requests create topics; or an idempotent producer. It lives until
 * the process ends: closing it can take librdkafka a second, for which the
 * consumer would have to wait.
 *
 * It proves who it is to a secure feed of this machine, and has the settings of
 * librdkafka that were given (-F, -X).
 *
 * PF_CONFIG  one of them is unknown, or librdkafka refuses it
 * PF_IO      librdkafka cannot create one
 */
enum pf_rc ctl_open(const struct ctl *ctl, rd_kafka_type_t type,
                    rd_kafka_t **ret, struct pf_error *err);

/**
 * The same for a consumer whose first request goes to the broker at that
 * address, and to no other. Close it with ctl_close().
 */
enum pf_rc ctl_open_at(const struct ctl *ctl, const char *address,
                       rd_kafka_t **ret, struct pf_error *err);

/** Close it. NULL: there is none. */
void ctl_close(rd_kafka_t *rk);

struct pf_cluster;

/**
 * Ask the broker at that address, and no other, what it knows of the cluster:
 * as pf_cluster_ask(), for ask_ms milliseconds at most. Errors as of both.
 */
enum pf_rc ctl_ask_at(const struct ctl *ctl, const char *address, int ask_ms,
                      struct pf_cluster *ret, struct pf_error *err);

/**
 * Why brokers did not answer rk, in librdkafka's words: a refusal, such as that
 * of a password, rather than a lost connection. "" if it has not said. Valid
 * until the next call.
 */
const char *ctl_trouble(rd_kafka_t *rk);

/**
 * Make the certificates that are missing; with renew, the one for the broker's
 * clients in any case. The authority of a cluster does that for all nodes; who
 * has certificates from it makes none. Check the user's own, and write it for
 * Kafka.
 *
 * PF_CONFIG  the feed is not secured, or a file is not what it should be
 * PF_IO      a file cannot be written
 */
enum pf_rc ctl_settle_certificates(const struct ctl *ctl, bool renew,
                                   struct pf_error *err);

/**
 * The settings of program, "producer" or "consumer", from where it reads them:
 * its file and its environment. They are added to settings.
 *
 * PF_CONFIG  the file is malformed
 * PF_NOMEM   out of memory
 */
enum pf_rc ctl_program_settings(const struct ctl *ctl, const char *program,
                                struct pf_settings *settings,
                                struct pf_error *err);

/**
 * The topic of this call: its argument, -X feed.topic, or the feed.topic of the
 * program (--of), read from where that program reads it. The caller frees *ret.
 *
 * PF_CONFIG  the program's file is malformed, or the topic's name is not legal
 * PF_NOMEM   out of memory
 */
enum pf_rc ctl_topic_name(const struct ctl *ctl, char **ret,
                          struct pf_error *err);

#endif
