#include "start.h"

#include "clock.h"
#include "kafka_topic_state.h"
#include "stop.h"

/* How long a follower leaves the topic to others. */
#define FOLLOW_MS 500

/* From the broker's first answer until it can give out producer ids: 50 to 80
 * ms measured. */
#define NUMBER_MS 120

/* How long to wait for __consumer_offsets, and for the answer to one request.
 */
#define POSITIONS_MS 1000
#define ASK_MS 1000

bool start_follows(const struct ctl *ctl, int64_t answered_ms)
{
    return ctl->follow &&
           (!answered_ms || pf_now_ms() - answered_ms < FOLLOW_MS);
}

/*
 * Be the first idempotent producer. A handle that is opened before the broker
 * has answered a metadata request retries after 0.1 s, and the real producer
 * may then be first. It is never closed: the process ends soon.
 */
static enum pf_rc ask_for_number(const struct ctl *ctl, struct pf_error *err)
{
    static rd_kafka_t *first;

    return first ? PF_OK : ctl_open(ctl, RD_KAFKA_PRODUCER, &first, err);
}

/* Ask for a group: librdkafka then looks for the group's coordinator, and tries
 * no more than three times. */
static void seek_coordinator(rd_kafka_t *rk)
{
    static rd_kafka_queue_t *answers; /* never read */
    const char *group = "pf-broker";

    if (answers)
        return;
    /* Not with a request for the group's positions: if the coordinator has just
     * lost the group, librdkafka 2.8 looks into rk's own group, and rk has
     * none. */
    answers = rd_kafka_queue_new(rk);
    rd_kafka_DescribeConsumerGroups(rk, &group, 1, NULL, answers);
}

/* The consumer's own call also looks for a coordinator, in case it is the only
 * call. */
enum pf_rc start_prepare(const struct ctl *ctl, rd_kafka_t *rk,
                         struct pf_error *err)
{
    if (ctl->warm_up || ctl_is_for_consumer(ctl))
        seek_coordinator(rk);
    return ctl->warm_up ? ask_for_number(ctl, err) : PF_OK;
}

/* Wait until the broker can give out producer ids. If the topic exists already,
 * the producer would ask for one at the same time as the handle that is to be
 * refused instead of it. Creating a topic takes longer than that. */
static void wait_for_number(const struct ctl *ctl, int64_t answered_ms)
{
    int64_t rest = answered_ms + NUMBER_MS - pf_now_ms();
    int left = pf_left_ms(ctl->deadline_ms);

    if (rest > 0)
        pf_wait(-1, 0, rest < left ? (int)rest : left);
}

/* A consumer that looks for the topic too early tries again half a second
 * later. If the topic never comes, the consumer reports that. */
static void wait_for_positions(const struct ctl *ctl, rd_kafka_t *rk)
{
    int64_t deadline_ms = pf_now_ms() + POSITIONS_MS;

    while (pf_topic_ask(rk, "__consumer_offsets", ASK_MS, NULL) !=
               PF_TOPIC_READY &&
           pf_now_ms() < deadline_ms && pf_left_ms(ctl->deadline_ms))
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
