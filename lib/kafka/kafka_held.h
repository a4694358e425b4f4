/* kafka_held.h - records that failed as their topic was not known for a moment:
 * they are kept, to be sent again in their order.
 *
 * A broker that has just begun may say that a topic does not exist which does,
 * or that it has fewer partitions. librdkafka believes it, and all that waits
 * for the topic fails; what was sent before does not.
 */
#ifndef PF_KAFKA_HELD_H
#define PF_KAFKA_HELD_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "vec.h"

/** The pause before they are sent again, in milliseconds. */
#define PF_KAFKA_HELD_MS 50

/** One of them: its bytes are a copy. */
struct pf_kafka_held_record {
    rd_kafka_topic_t *topic; /* the producer's */
    int32_t partition;
    uint64_t number; /* how many were taken before it */
    int64_t timestamp;
    rd_kafka_headers_t *headers; /* owned; NULL: none */
    char *bytes;                 /* owned: the key, then the value */
    size_t key_len, value_len;
    bool has_key, has_value;
    rd_kafka_resp_err_t why; /* it failed */
};

/** All of them; all zero: none. Members are for reading. */
struct pf_kafka_held {
    PF_VEC(struct pf_kafka_held_record) list;
    int64_t since_ms;    /* when the first one failed since one has arrived; 0:
                          * none has */
    int64_t tried_ms;    /* when they were sent again last */
    bool overtaken;      /* a later record of a partition has arrived */
    struct pf_error why; /* the first one failed, in a sentence */
};

/** Is there hope that the topic is known soon? Not after ten seconds, nor once
 * one was overtaken. The time begins with the first call. */
bool pf_kafka_held_hopes(struct pf_kafka_held *held);

/** Keep the record that this delivery report is of, if it certainly is not in
 * its topic, and there is hope. False: it has failed for good. */
bool pf_kafka_held_keep(struct pf_kafka_held *held,
                        const rd_kafka_message_t *report);

/** A record has arrived, of which this is the delivery report. Nothing to do as
 * long as since_ms is 0. */
void pf_kafka_held_arrived(struct pf_kafka_held *held,
                           const rd_kafka_message_t *report);

/** No other record is under way: send them again, if the pause is over. Those
 * that the client takes are no longer held. */
void pf_kafka_held_send(struct pf_kafka_held *held, rd_kafka_t *rk);

/** Forget them. */
void pf_kafka_held_clear(struct pf_kafka_held *held);

void pf_kafka_held_release(struct pf_kafka_held *held);

#endif
