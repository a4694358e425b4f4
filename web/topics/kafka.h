/* kafka.h - clients of Kafka for what the page asks. They only look: they write
 * nothing, are in no group and commit nothing. */
#ifndef PF_WEB_KAFKA_H
#define PF_WEB_KAFKA_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "http.h"
#include "kafka_conf.h"
#include "kafka_topics.h"

/** How long a request may take in all: below PF_HTTP_SLOW_MS. */
#define WEB_KAFKA_MS 4000

/** What the clients need, for the program's table of defaults. */
#define WEB_KAFKA_ROWS                                                       \
    {"allow.auto.create.topics", "false", PF_KAFKA_FIXED,                    \
     "looking for a topic must not create it"},                              \
        {"enable.auto.commit", "false", PF_KAFKA_FIXED,                      \
         "it only looks, and writes nothing to Kafka"},                      \
        {"enable.auto.offset.store", "false", PF_KAFKA_FIXED, "the same"},   \
        {"enable.partition.eof", "true", PF_KAFKA_FIXED,                     \
         "detects the topic's end: the marker of a transaction's end takes " \
         "an offset"},                                                       \
        {"auto.offset.reset", "error", PF_KAFKA_FIXED,                       \
         "records that are gone are not replaced by others"},                \
        {"isolation.level", "read_committed", PF_KAFKA_DEFAULT,              \
         "no records of open or aborted transactions: they could not be "    \
         "told apart"},                                                      \
        {"check.crcs", "true", PF_KAFKA_DEFAULT,                             \
         "detects damage by disk or network"},                               \
        {"fetch.wait.max.ms", "2", PF_KAFKA_DEFAULT,                         \
         "how long a look at a topic's end waits for more"},                 \
        {"fetch.queue.backoff.ms", "1", PF_KAFKA_TUNING,                     \
         "resume fetching as soon as there is room"},                        \
        {"queued.min.messages", "9000", PF_KAFKA_DEFAULT,                    \
         "limits the memory of a search"},                                   \
        {"queued.max.messages.kbytes", "4096", PF_KAFKA_DEFAULT,             \
         "the same, for large records"},                                     \
    {                                                                        \
        "fetch.message.max.bytes", "196608", PF_KAFKA_DEFAULT,               \
            "what a search has fetched and does not look at is at most this" \
    }

/** The clients. */
struct web_kafka;

/**
 * Get ready to ask Kafka with conf, of which this call takes ownership,
 * whatever the outcome; it was made with WEB_KAFKA_ROWS. Nothing is connected
 * before the first request. PF_NOMEM: out of memory.
 */
enum pf_rc web_kafka_open(rd_kafka_conf_t *conf, struct web_kafka **ret,
                          struct pf_error *err);

/** Disconnect, once no request is left. NULL does nothing. */
void web_kafka_close(struct web_kafka *kafka);

/** A request that asks Kafka. Where a function that takes one returns false or
 * NULL, it has filled *reply with the reason, unless it says otherwise. */
struct web_ask {
    struct web_kafka *kafka;
    const struct pf_http_request *request;
    struct pf_http_reply *reply;
    size_t client;  /* which one it is */
    rd_kafka_t *rk; /* nobody else has it until the request ends */
    struct pf_kafka_topics *topics; /* handles of that client */
    int64_t deadline_ms;

    /* An answer is still to come that nobody waits for any more. librdkafka
     * (2.0 to 2.8) may end the process when one for a group comes that late,
     * see https://github.com/confluentinc/librdkafka/issues/4605: the client
     * is closed before. */
    bool is_stuck;
};

/** Begin: connect if that is yet to be done. *ask must be ended if true. */
bool web_ask_begin(struct web_kafka *kafka,
                   const struct pf_http_request *request,
                   struct pf_http_reply *reply, struct web_ask *ask);
void web_ask_end(struct web_ask *ask);

/** Milliseconds that it may still take; 0: it has to end. */
int web_ask_left_ms(const struct web_ask *ask);

/** Refuse, because Kafka has answered why about what, such as "topic x".
 * Returns false. */
bool web_ask_refuse(struct web_ask *ask, rd_kafka_resp_err_t why,
                    const char *what);

/** Refuse for want of memory. Returns false. */
bool web_ask_nomem(struct web_ask *ask);

#endif
