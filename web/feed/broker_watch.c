#include "broker_watch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "clock.h"
#include "kafka_conf.h"
#include "kafka_topic_state.h"

/* For one answer, and between two questions: pf-web is to end within a
 * second. */
#define ASK_MS 400
#define PAUSE_MS 600

/* A broker that has not answered for that long does not answer. */
#define SILENT_MS 2000

struct web_broker {
    rd_kafka_t *rk;
    const char *topic;
    _Atomic(enum pf_topic_state) state;
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t lock;
    pthread_cond_t ends;
    bool is_ending;
};

/* Wait before the next question; false: there is none. */
static bool pause_asking(struct web_broker *broker)
{
    struct timespec until;
    bool goes_on;
    int rc = 0;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += PAUSE_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&broker->lock);
    while (!broker->is_ending && !rc)
        rc = pthread_cond_clockwait(&broker->ends, &broker->lock,
                                    CLOCK_MONOTONIC, &until);
    goes_on = !broker->is_ending;
    pthread_mutex_unlock(&broker->lock);
    return goes_on;
}

static void *ask(void *context)
{
    struct web_broker *broker = context;
    int64_t answered_ms = pf_now_ms();

    do {
        enum pf_topic_state state = pf_topic_ask(broker->rk, broker->topic,
                                                 ASK_MS, NULL);

        if (state != PF_TOPIC_NO_ANSWER)
            answered_ms = pf_now_ms();
        else if (pf_now_ms() - answered_ms < SILENT_MS)
            continue;
        atomic_store(&broker->state, state);
    } while (pause_asking(broker));
    return NULL;
}

enum pf_rc web_broker_open(const rd_kafka_conf_t *conf, const char *topic,
                           struct web_broker **ret, struct pf_error *err)
{
    struct web_broker *broker = calloc(1, sizeof *broker);
    enum pf_rc rc;

    if (!broker)
        return pf_fail(err, PF_NOMEM, "out of memory");
    pthread_mutex_init(&broker->lock, NULL);
    pthread_cond_init(&broker->ends, NULL);
    atomic_init(&broker->state, PF_TOPIC_NO_ANSWER);
    broker->topic = topic;
    rc = pf_kafka_new(RD_KAFKA_CONSUMER, rd_kafka_conf_dup(conf), &broker->rk,
                      err);
    if (!rc) {
        broker->has_thread = !pthread_create(&broker->thread, NULL, ask,
                                             broker);
        if (!broker->has_thread)
            rc = pf_fail(err, PF_IO, "no thread to ask the broker");
    }
    if (rc) {
        web_broker_close(broker);
        return rc;
    }
    *ret = broker;
    return PF_OK;
}

void web_broker_close(struct web_broker *broker)
{
    if (!broker)
        return;
    pthread_mutex_lock(&broker->lock);
    broker->is_ending = true;
    pthread_cond_signal(&broker->ends);
    pthread_mutex_unlock(&broker->lock);
    if (broker->has_thread)
        pthread_join(broker->thread, NULL);
    /* Its client lives until the process ends: closing one of librdkafka 2.0
     * whose broker has died may never return. */
    pthread_cond_destroy(&broker->ends);
    pthread_mutex_destroy(&broker->lock);
    free(broker);
}

bool web_broker_answers(const struct web_broker *broker)
{
    return atomic_load(&broker->state) != PF_TOPIC_NO_ANSWER;
}

const char *web_broker_trouble(const struct web_broker *broker)
{
    static const char *const troubles[] = {
        [PF_TOPIC_NO_ANSWER] = "broker: it does not answer",
        [PF_TOPIC_UNKNOWN] = "broker: it does not know the topic",
        [PF_TOPIC_NO_LEADER] = "broker: it has no leader for the topic",
        [PF_TOPIC_READY] = NULL,
    };

    return troubles[atomic_load(&broker->state)];
}
