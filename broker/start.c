#include "start.h"

#include "clock.h"
#include "stop.h"

/* How long a follower leaves the topic to others. */
#define FOLLOW_MS 500

/* From the broker's first answer to a producer's number: 50 to 80 measured. */
#define NUMBER_MS 120

/* Patience with the topic of groups' positions, and with one question. */
#define POSITIONS_MS 1000
#define ASK_MS 1000

bool start_follows(const struct ctl *ctl, int64_t answered_ms)
{
    return ctl->follow &&
           (!answered_ms || pf_now_ms() - answered_ms < FOLLOW_MS);
}

/*
 * Be the first idempotent producer. A handle that is opened before the broker
 * has told of itself asks again a tenth of a second later, when the producer
 * may be first. It is never closed: the process ends soon.
 */
static enum pf_rc ask_for_number(const struct ctl *ctl, struct pf_error *err)
{
    static rd_kafka_t *first;

    return first ? PF_OK : ctl_open_producer(ctl, &first, err);
}

/* By asking about a group: librdkafka looks for the group's coordinator first,
 * and tries that no more than three times. */
static void seek_coordinator(rd_kafka_t *rk)
{
    static rd_kafka_queue_t *answers; /* nobody reads them */
    const char *group = "pf-broker";

    if (answers)
        return;
    /* Not for the group's positions: a coordinator that has just lost the group
     * would have librdkafka 2.8 look into rk's own group, which it has not. */
    answers = rd_kafka_queue_new(rk);
    rd_kafka_DescribeConsumerGroups(rk, &group, 1, NULL, answers);
}

/* The consumer's own call looks for a coordinator, too, for when it is the only
 * one. */
enum pf_rc start_prepare(const struct ctl *ctl, rd_kafka_t *rk,
                         struct pf_error *err)
{
    if (ctl->warm_up || ctl_is_for_consumer(ctl))
        seek_coordinator(rk);
    return ctl->warm_up ? ask_for_number(ctl, err) : PF_OK;
}

/* Where the topic is there already, the producer would ask for its number
 * together with the handle that shall be refused in its stead. So that one is
 * given time, and the producer waits for as long; a new topic takes longer. */
static void wait_for_number(const struct ctl *ctl, int64_t answered_ms)
{
    int64_t rest = answered_ms + NUMBER_MS - pf_now_ms();
    int left = ctl_left_ms(ctl);

    if (rest > 0)
        pf_wait(-1, 0, rest < left ? (int)rest : left);
}

/* A consumer that looks before the topic is there tries again half a second
 * later. If it does not come, that is the consumer's to tell. */
static void wait_for_positions(const struct ctl *ctl, rd_kafka_t *rk)
{
    int64_t deadline_ms = pf_now_ms() + POSITIONS_MS;

    while (ctl_ask_topic(rk, "__consumer_offsets", ASK_MS) != CTL_READY &&
           pf_now_ms() < deadline_ms && ctl_left_ms(ctl) && !pf_stop_asked())
        pf_wait(-1, 0, CTL_PAUSE_MS);
}

void start_wait(const struct ctl *ctl, rd_kafka_t *rk, int64_t answered_ms)
{
    bool for_consumer = ctl_is_for_consumer(ctl);

    if (ctl->warm_up || (ctl->follow && !for_consumer))
        wait_for_number(ctl, answered_ms);
    if (for_consumer)
        wait_for_positions(ctl, rk);
}
