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

/** One call of pf-broker. */
struct ctl {
    struct pf_places places;
    struct pf_broker_conf conf;
    struct pf_settings given; /* -X name=value */
    const char *argument;     /* behind the options, or NULL */
    const char *program;      /* --of: "producer" or "consumer" */
    int yes;                  /* --yes: do not ask */
    int port_only;            /* --port: an open port suffices */
    int warm_up;              /* --warm-up: for the first producer, too */
    int follow;               /* --follow: another call makes the topic */
    int64_t deadline_ms;      /* on the monotonic clock, from --timeout */
};

/* The commands, a file for each. What they return becomes the exit code. */
enum pf_rc ctl_wait(struct ctl *ctl, struct pf_error *err);
enum pf_rc ctl_topic(struct ctl *ctl, struct pf_error *err);
enum pf_rc ctl_forget(struct ctl *ctl, struct pf_error *err);
enum pf_rc ctl_health(struct ctl *ctl, struct pf_error *err);
enum pf_rc ctl_reset(struct ctl *ctl, struct pf_error *err);
enum pf_rc ctl_config(struct ctl *ctl, struct pf_error *err);

/** How long a poll for something that comes by itself pauses, in ms. */
#define CTL_PAUSE_MS 10

/** Milliseconds that are left until the deadline; 0 when it is over. */
int ctl_left_ms(const struct ctl *ctl);

/**
 * Connect to address, "host:port" on this machine. The caller closes *ret.
 *
 * PF_AGAIN   nobody listens there
 * PF_CONFIG  there is no such address
 */
enum pf_rc ctl_connect(const char *address, int *ret, struct pf_error *err);

/** The same, and close again: somebody listens there. */
enum pf_rc ctl_knock(const char *address, struct pf_error *err);

/**
 * Wait until somebody listens at the broker's LOCAL address.
 *
 * PF_IO  nobody did before the deadline
 */
enum pf_rc ctl_wait_port(struct ctl *ctl, struct pf_error *err);

/** Is this call about what the consumer needs? */
static inline bool ctl_is_for_consumer(const struct ctl *ctl)
{
    return ctl->program && !strcmp(ctl->program, "consumer");
}

/**
 * A handle for asking the broker, which creates no topic by itself. It lives
 * until the process ends: to close it takes librdkafka a second now and then,
 * and the consumer waits for that.
 *
 * PF_IO  librdkafka cannot make one
 */
enum pf_rc ctl_open(const struct ctl *ctl, rd_kafka_t **ret,
                    struct pf_error *err);

/** The same, as an idempotent producer. */
enum pf_rc ctl_open_producer(const struct ctl *ctl, rd_kafka_t **ret,
                             struct pf_error *err);

/** What the broker knows of a topic. */
enum ctl_topic_state {
    CTL_NO_ANSWER, /* the broker is not there, or not ready */
    CTL_NO_TOPIC,  /* nobody has created it */
    CTL_NO_LEADER, /* a partition has nobody yet to write to */
    CTL_READY,     /* records can come and go */
};

/** Ask the broker, for timeout_ms at most. */
enum ctl_topic_state ctl_ask_topic(rd_kafka_t *rk, const char *topic,
                                   int timeout_ms);

/**
 * The topic that this call is about: its argument, -X feed.topic, or what the
 * program (--of) is set to, as that program finds it. The caller frees *ret.
 *
 * PF_CONFIG  the program's file is malformed, or the name is no topic's
 * PF_NOMEM   out of memory
 */
enum pf_rc ctl_topic_name(const struct ctl *ctl, char **ret,
                          struct pf_error *err);

#endif
