#include "lags.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

#include "all_groups.h"
#include "clock.h"
#include "metrics_name.h"

/* A scrape gets what was asked for at the one before, or a little later. */
#define AGAIN_MS 2000

/* For Kafka's answers: pf-web is to end within a second. */
#define ASK_MS 500

/* Labels that come from Kafka: what is beyond that is left out. */
#define SERIES_MAX 1000

struct web_lags {
    struct web_kafka *kafka;
    pthread_t thread;
    bool has_thread;

    /* What both threads use, under the lock. */
    pthread_mutex_t lock;
    pthread_cond_t wanted;
    bool is_wanted, is_ending;
    struct pf_buffer text;
};

static void put_label(struct pf_buffer *to, const char *name, const char *value)
{
    pf_buffer_printf(to, "%s=\"", name);
    pf_metrics_put_text(to, value, "\\\"\n");
    pf_buffer_text(to, "\"");
}

/* The lag of one group in one partition; false: it is not known. */
static bool put_lag(struct pf_buffer *to, const char *group,
                    const rd_kafka_topic_partition_t *at, int64_t end)
{
    if (at->offset < 0 || end < 0)
        return false;
    pf_buffer_text(to, "pricefeed_group_lag_records{");
    put_label(to, "group", group);
    pf_buffer_printf(to, ",partition=\"%" PRId32 "\",", at->partition);
    put_label(to, "topic", at->topic);
    pf_buffer_printf(to, "} %" PRId64 "\n",
                     end > at->offset ? end - at->offset : 0);
    return true;
}

static void put_all(struct pf_buffer *to, const struct web_all_groups *groups)
{
    size_t n = 0;

    for (size_t i = 0; i < groups->names.n; i++) {
        const rd_kafka_topic_partition_list_t *list = groups->committed[i];

        for (int p = 0; list && p < list->cnt && n < SERIES_MAX; p++) {
            const rd_kafka_topic_partition_t *at = &list->elems[p];

            n += put_lag(
                to, groups->names.at[i], at,
                web_kafka_offset_in(groups->ends, at->topic, at->partition));
        }
    }
}

/* Ask Kafka. If it does not tell, nothing is known. */
static void ask_kafka(struct web_lags *lags)
{
    struct pf_http_reply reply = {0}; /* for a refusal, which nobody gets */
    struct web_all_groups groups = {0};
    struct pf_buffer text = {0};
    struct web_ask ask;

    if (!web_ask_begin(lags->kafka, NULL, &reply, &ask)) {
        pf_buffer_release(&reply.body);
        return;
    }
    ask.deadline_ms = pf_now_ms() + ASK_MS;
    if (web_all_groups_ask(&ask, &groups)) {
        pf_buffer_text(&text,
                       "# HELP pricefeed_group_lag_records Records after the "
                       "position that a group has committed, by partition.\n"
                       "# TYPE pricefeed_group_lag_records gauge\n");
        put_all(&text, &groups);
    }
    web_all_groups_release(&groups);
    web_ask_end(&ask);
    pf_buffer_release(&reply.body);
    pthread_mutex_lock(&lags->lock);
    pf_buffer_release(&lags->text);
    lags->text = text;
    pthread_mutex_unlock(&lags->lock);
}

/* Wait until somebody wants to know, and AGAIN_MS since the last time. False:
 * it ends. */
static bool wait_for_wish(struct web_lags *lags, int64_t asked_ms)
{
    const int64_t again_ms = asked_ms + AGAIN_MS + 1; /* not just before it */
    const struct timespec until = {.tv_sec = again_ms / 1000,
                                   .tv_nsec = again_ms % 1000 * 1000000};
    bool goes_on;

    pthread_mutex_lock(&lags->lock);
    for (;;) {
        if (lags->is_ending ||
            (lags->is_wanted && pf_now_ms() >= asked_ms + AGAIN_MS))
            break;
        if (!lags->is_wanted) {
            pthread_cond_wait(&lags->wanted, &lags->lock);
            continue;
        }
        pthread_cond_clockwait(&lags->wanted, &lags->lock, CLOCK_MONOTONIC,
                               &until);
    }
    goes_on = !lags->is_ending;
    lags->is_wanted = false;
    pthread_mutex_unlock(&lags->lock);
    return goes_on;
}

static void *run(void *context)
{
    struct web_lags *lags = context;
    int64_t asked_ms = pf_now_ms() - AGAIN_MS;

    while (wait_for_wish(lags, asked_ms)) {
        asked_ms = pf_now_ms();
        ask_kafka(lags);
    }
    return NULL;
}

enum pf_rc web_lags_open(struct web_kafka *kafka, struct web_lags **ret,
                         struct pf_error *err)
{
    struct web_lags *lags = calloc(1, sizeof *lags);

    if (!lags)
        return pf_fail(err, PF_NOMEM, "out of memory");
    lags->kafka = kafka;
    pthread_mutex_init(&lags->lock, NULL);
    pthread_cond_init(&lags->wanted, NULL);
    lags->has_thread = !pthread_create(&lags->thread, NULL, run, lags);
    if (!lags->has_thread) {
        web_lags_close(lags);
        return pf_fail(err, PF_IO, "no thread to ask for lags");
    }
    *ret = lags;
    return PF_OK;
}

void web_lags_close(struct web_lags *lags)
{
    if (!lags)
        return;
    pthread_mutex_lock(&lags->lock);
    lags->is_ending = true;
    pthread_cond_signal(&lags->wanted);
    pthread_mutex_unlock(&lags->lock);
    if (lags->has_thread)
        pthread_join(lags->thread, NULL);
    pthread_cond_destroy(&lags->wanted);
    pthread_mutex_destroy(&lags->lock);
    pf_buffer_release(&lags->text);
    free(lags);
}

void web_lags_put(struct web_lags *lags, struct pf_buffer *to)
{
    pthread_mutex_lock(&lags->lock);
    lags->is_wanted = true;
    pf_buffer_put(to, lags->text.at, lags->text.n);
    pthread_cond_signal(&lags->wanted);
    pthread_mutex_unlock(&lags->lock);
}
