/* start.h - how the start of a feed is arranged, so that no program waits.
 *
 * While a feed starts, three calls of `pf-broker topic` run at once, and each
 * does its part whatever becomes of the others:
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
 * topic's leader. pf-init takes the end of the first for the broker being
 * ready. A follower asks less often and creates nothing: each question takes a
 * broker that has just started 2 ms of processor time, which the topic's
 * creation has to wait for. Half a second after the broker's first answer a
 * follower does as the first one does, in case that one is not there.
 *
 * With that answer two preparations begin, which else the programs would wait
 * half a second for:
 *
 * - a number for the producer. The first idempotent producer after each start
 *   of a broker is told to come back. With --warm-up that first one is a handle
 *   of this call's own; the producer is held back until it has been refused.
 * - the topic of groups' positions, which a broker makes on its first start
 *   when somebody looks for a coordinator; the consumer is held back until it
 *   is there, or for a second.
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
 * Whether this call leaves making the topic to another one, as yet. The broker
 * first answered it at answered_ms, on the monotonic clock; 0: not yet.
 */
bool start_follows(const struct ctl *ctl, int64_t answered_ms);

/**
 * Begin this call's preparations, and wait for nothing; a second call does
 * nothing. Only to be called once the broker has told rk of itself: it refuses
 * before.
 *
 * PF_IO  librdkafka cannot make a handle
 */
enum pf_rc start_prepare(const struct ctl *ctl, rd_kafka_t *rk,
                         struct pf_error *err);

/**
 * The topic is ready: wait until what the program of this call will ask for has
 * been prepared, but not for long.
 */
void start_wait(const struct ctl *ctl, rd_kafka_t *rk, int64_t answered_ms);

#endif
