/* kafka_conf.h - librdkafka's configuration, from our settings. */
#ifndef PF_KAFKA_CONF_H
#define PF_KAFKA_CONF_H

#include <librdkafka/rdkafka.h>
#include <stdint.h>

#include "error.h"
#include "settings.h"

/** A librdkafka property that a program sets before the user's settings. */
struct pf_kafka_default {
    const char *name; /* NULL ends a list */
    const char *value;
    enum {
        PF_KAFKA_TUNING,  /* skipped if this librdkafka does not have it */
        PF_KAFKA_DEFAULT, /* the user may set another value */
        PF_KAFKA_FIXED,   /* the program depends on it */
    } kind;
    const char *why; /* one line, for the manual */
};

/** Connection settings that all our programs share. */
#define PF_KAFKA_CONNECTION_ROWS                                            \
    {"socket.nagle.disable", "true", PF_KAFKA_DEFAULT,                      \
     "small requests are sent at once"},                                    \
        {"enable.metrics.push", "false", PF_KAFKA_TUNING,                   \
         "otherwise a program that ends waits up to a second for its last " \
         "push"},                                                           \
        {"socket.timeout.ms", "10000", PF_KAFKA_DEFAULT,                    \
         "a broker that hangs is detected after this time"},                \
        {"reconnect.backoff.ms", "50", PF_KAFKA_DEFAULT,                    \
         "first wait before reconnecting"},                                 \
    {                                                                       \
        "reconnect.backoff.max.ms", "1000", PF_KAFKA_DEFAULT,               \
            "longest wait: limits the recovery time after an outage"        \
    }

/** Change the value of the default of that name, which must exist. Both are
 * borrowed for the life of the process. */
void pf_kafka_default_set(struct pf_kafka_default *defaults, const char *name,
                          const char *value);

/**
 * Make a configuration from the defaults, then from each setting whose name
 * is not one of ours: these are librdkafka's and pass through unchanged. Log
 * lines and errors of librdkafka go to pf_log(). *ret is the caller's until
 * rd_kafka_new() takes it over.
 *
 * PF_CONFIG  a setting is unknown to librdkafka (*err has the nearest name; in
 *            the environment it is only a warning), librdkafka refuses it, it
 *            is PF_KAFKA_FIXED, or bootstrap.servers is malformed; *err begins
 *            with the source of the setting
 */
enum pf_rc pf_kafka_conf_new(const struct pf_kafka_default *defaults,
                             const struct pf_settings *settings,
                             rd_kafka_conf_t **ret, struct pf_error *err);

/** conf is for a consumer and a producer alike: neither client warns of what is
 * the other's. */
void pf_kafka_conf_share(rd_kafka_conf_t *conf);

/**
 * A configuration for another client of the same program, with all settings of
 * like, which stays the caller's: its connection settings count. What only the
 * other kind of client knows is ignored without a warning.
 */
rd_kafka_conf_t *pf_kafka_conf_like(const rd_kafka_conf_t *like);

/**
 * The same, for a producer that passes on what a consumer has read: idempotent,
 * acks=all, no timeout, and no limit for a record's size: the topic decides. A
 * topic's limit is for what is compressed, so this producer compresses.
 */
rd_kafka_conf_t *pf_kafka_conf_forward(const rd_kafka_conf_t *like);

/**
 * Open a client with conf, of which this call takes ownership, whatever the
 * outcome. PF_CONFIG: librdkafka refuses it, *err has its reason; *ret is
 * NULL.
 */
enum pf_rc pf_kafka_new(rd_kafka_type_t type, rd_kafka_conf_t *conf,
                        rd_kafka_t **ret, struct pf_error *err);

/** The value of a librdkafka property that is a whole number; 0 if there is no
 * property of that name. */
uint64_t pf_kafka_conf_uint(const rd_kafka_conf_t *conf, const char *name);

/**
 * Check that list is one of brokers, "host:port,host:port", for
 * bootstrap.servers; a port may be missing.
 *
 * PF_CONFIG  it is not
 */
enum pf_rc pf_bootstrap_check(const char *list, struct pf_error *err);

/**
 * Check that name is a legal name of a Kafka topic: 1 to 249 letters, digits,
 * '.', '_' and '-', but not "." or "..".
 *
 * PF_CONFIG  it is not a legal name
 */
enum pf_rc pf_topic_check(const char *name, struct pf_error *err);

#endif
