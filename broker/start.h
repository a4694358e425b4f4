/* start.h - how the start of a feed is arranged, so that no program waits.
 *
 * While a feed starts, three calls of `pf-broker topic` run at the same time.
 * Each does its part, whatever happens to the others:
 *
 *   called by               with                    asks every  and then
 *   programs/topic.conf     --warm-up               10 ms       creates the
 *                                                               topic
 *   start-producer          --follow                25 ms       becomes the
 *                                                               producer
 *   start-consumer          --follow --of consumer  25 ms       becomes the
 *                                                               consumer
 *
 * All wait for the port, then for the broker's first answer, then for the
 * topic's leader. When the first one ends, pf-init takes the broker for ready.
 * A follower asks less often and creates nothing: a request costs a broker that
 * has just started 2 ms of processor time, which delays the creation of the
 * topic. Half a second after the broker's first answer a follower does what the
 * first one does, in case that one is missing.
 *
 * With that answer two preparations begin. Without them the programs would wait
 * for half a second:
 *
 * - A producer id. After each start of a broker the first idempotent producer
 * is told to retry. With --warm-up a handle of this call is that first one, and
 *   the producer has to wait until it has been refused.
 * - The topic __consumer_offsets. A broker creates it at its first start when a
 *   client looks for a coordinator. The consumer has to wait until it exists,
 *   for at most a second.
 */
#ifndef PF_BROKER_START_H
#define PF_BROKER_START_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

#include "ctl.h"

/** How long a call that follows pauses between two questions, in ms. */
#define START_FOLLOW_PAUSE_MS 25

/**
 * True while this call leaves the creation of the topic to another one.
 * answered_ms is when the broker first answered, on the monotonic clock; 0: not
 * yet.
 */
bool start_follows(const struct ctl *ctl, int64_t answered_ms);

/**
 * Begin the preparations of this call. Does not wait; a second call does
 * nothing. Call it only after the broker has answered a metadata request of rk:
 * it refuses before.
 *
 * PF_IO  librdkafka cannot create a handle
 */
enum pf_rc start_prepare(const struct ctl *ctl, rd_kafka_t *rk,
                         struct pf_error *err);

/**
 * The topic is ready: wait until the broker has prepared what the program of
 * this call will ask for, for a second at most.
 */
void start_wait(const struct ctl *ctl, rd_kafka_t *rk, int64_t answered_ms);

#endif
