#include "candle_reader.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "kafka_conf.h"
#include "log.h"

/* How many of a topic's last records are read at first: all matches, with as
 * many as are kept of each. */
#define HISTORY ((PF_MATCH_MAX - PF_MATCH_MIN + 1) * WEB_CANDLES_KEPT)

/* How long it goes on when nobody looks any more. */
#define LINGER_MS 5000

/* How long a wait for records takes, and the answer of a broker; and how often
 * it is asked for a topic that is not there. pf-web is to end within a second.
 */
#define WAIT_MS 200
#define ASK_MS 400
#define AGAIN_MS 2000

#define BATCH 500

struct topic {
    const char *name; /* in struct web_candles' names */
    rd_kafka_topic_t *handle;
    int partitions; /* that are being read; 0: none yet */
    int64_t asked_ms;
    struct web_candle_table table;
};

struct web_candles {
    rd_kafka_conf_t *conf;
    char *names; /* with NULs in between */
    size_t n;
    pthread_t thread;
    bool has_thread;

    /* The thread's own. */
    rd_kafka_t *rk; /* NULL: not yet */
    rd_kafka_queue_t *queue;

    pthread_mutex_t lock; /* of what follows, and the tables */
    pthread_cond_t changed;
    bool is_ending;
    unsigned looking;
    int64_t left_ms; /* when the last one left */
    struct topic topics[WEB_CANDLE_TOPICS];
};

/* The next name of the list at *at, which ends in a NUL then; NULL: none. */
static char *next_name(char **at)
{
    char *name;

    while ((name = strsep(at, ",")))
        if (*(name += strspn(name, " "))) {
            name[strcspn(name, " ")] = '\0';
            return name;
        }
    return NULL;
}

enum pf_rc web_candles_check(const char *topics, struct pf_error *err)
{
    char *copy = strdup(topics), *at = copy, *name;
    enum pf_rc rc = copy ? PF_OK : pf_fail(err, PF_NOMEM, "out of memory");
    size_t n = 0;

    while (!rc && (name = next_name(&at)))
        rc = ++n > WEB_CANDLE_TOPICS
                 ? pf_fail(err, PF_CONFIG, "it has more than %d topics",
                           WEB_CANDLE_TOPICS)
                 : pf_topic_check(name, err);
    free(copy);
    return rc;
}

/* Wait until somebody looks. False: the end. */
static bool wait_for_one(struct web_candles *c)
{
    bool goes_on;

    pthread_mutex_lock(&c->lock);
    while (!c->is_ending && !c->looking)
        pthread_cond_wait(&c->changed, &c->lock);
    goes_on = !c->is_ending;
    pthread_mutex_unlock(&c->lock);
    return goes_on;
}

static bool is_wanted(struct web_candles *c)
{
    bool wanted;

    pthread_mutex_lock(&c->lock);
    wanted = !c->is_ending &&
             (c->looking || pf_now_ms() - c->left_ms < LINGER_MS);
    pthread_mutex_unlock(&c->lock);
    return wanted;
}

/* Read all partitions of a topic, if it is there. */
static void start(struct web_candles *c, struct topic *topic)
{
    const struct rd_kafka_metadata *said;
    int n = 0;

    topic->asked_ms = pf_now_ms();
    if (!topic->handle)
        topic->handle = rd_kafka_topic_new(c->rk, topic->name, NULL);
    if (!topic->handle ||
        rd_kafka_metadata(c->rk, 0, topic->handle, &said, ASK_MS))
        return;
    if (said->topic_cnt == 1 && !said->topics[0].err)
        n = said->topics[0].partition_cnt;
    rd_kafka_metadata_destroy(said);
    for (; topic->partitions < n; topic->partitions++)
        rd_kafka_consume_start_queue(topic->handle, topic->partitions,
                                     RD_KAFKA_OFFSET_TAIL(HISTORY / n + 1),
                                     c->queue);
}

static void start_all(struct web_candles *c)
{
    for (size_t i = 0; i < c->n && is_wanted(c); i++) {
        struct topic *topic = &c->topics[i];

        if (!topic->partitions && pf_now_ms() - topic->asked_ms >= AGAIN_MS)
            start(c, topic);
    }
}

static void take(struct web_candles *c, const rd_kafka_message_t *message)
{
    for (size_t i = 0; i < c->n && !message->err; i++)
        if (message->rkt == c->topics[i].handle)
            web_candle_take(&c->topics[i].table, message->payload,
                            message->len);
}

/* Take what has come, and wait for it. */
static void receive(struct web_candles *c)
{
    rd_kafka_message_t *messages[BATCH];
    ssize_t n = rd_kafka_consume_batch_queue(c->queue, WAIT_MS, messages,
                                             BATCH);

    pthread_mutex_lock(&c->lock);
    for (ssize_t i = 0; i < n; i++)
        take(c, messages[i]);
    pthread_mutex_unlock(&c->lock);
    for (ssize_t i = 0; i < n; i++)
        rd_kafka_message_destroy(messages[i]);
}

static void stop(struct web_candles *c)
{
    for (size_t i = 0; i < c->n; i++) {
        struct topic *topic = &c->topics[i];

        while (topic->partitions)
            rd_kafka_consume_stop(topic->handle, --topic->partitions);
        topic->asked_ms = 0;
        pthread_mutex_lock(&c->lock);
        web_candle_release(&topic->table);
        pthread_mutex_unlock(&c->lock);
    }
}

/* The client stays: closing one of librdkafka 2.0 whose broker has died may
 * never return. */
static bool connect_client(struct web_candles *c)
{
    struct pf_error err;

    if (c->rk)
        return true;
    if (pf_kafka_new(RD_KAFKA_CONSUMER, rd_kafka_conf_dup(c->conf), &c->rk,
                     &err)) {
        pf_log(PF_LOG_ERROR, "there will be no candles: %s", err.text);
        return false;
    }
    c->queue = rd_kafka_queue_new(c->rk);
    return true;
}

static void *read_topics(void *context)
{
    struct web_candles *c = context;

    while (wait_for_one(c)) {
        if (!connect_client(c))
            break;
        while (is_wanted(c)) {
            start_all(c);
            receive(c);
        }
        stop(c);
    }
    return NULL;
}

static enum pf_rc start_thread(struct web_candles *c, struct pf_error *err)
{
    c->has_thread = !pthread_create(&c->thread, NULL, read_topics, c);
    return c->has_thread ? PF_OK
                         : pf_fail(err, PF_IO, "no thread to read candles");
}

enum pf_rc web_candles_open(const rd_kafka_conf_t *conf, const char *topics,
                            struct web_candles **ret, struct pf_error *err)
{
    struct web_candles *c = calloc(1, sizeof *c);
    enum pf_rc rc = PF_OK;
    char *at, *name;

    if (!c || !(c->names = strdup(topics))) {
        free(c);
        return pf_fail(err, PF_NOMEM, "out of memory");
    }
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->changed, NULL);
    c->conf = rd_kafka_conf_dup(conf);
    rd_kafka_conf_set(c->conf, "auto.offset.reset", "earliest", NULL, 0);
    rd_kafka_conf_set_error_cb(c->conf, NULL); /* nobody would poll for it */
    at = c->names;
    while (c->n < WEB_CANDLE_TOPICS && (name = next_name(&at)))
        c->topics[c->n++].name = name;
    if (c->n)
        rc = start_thread(c, err);
    if (rc)
        web_candles_close(c);
    else
        *ret = c;
    return rc;
}

void web_candles_close(struct web_candles *candles)
{
    if (!candles)
        return;
    pthread_mutex_lock(&candles->lock);
    candles->is_ending = true;
    pthread_cond_signal(&candles->changed);
    pthread_mutex_unlock(&candles->lock);
    if (candles->has_thread)
        pthread_join(candles->thread, NULL);
    rd_kafka_conf_destroy(candles->conf);
    pthread_cond_destroy(&candles->changed);
    pthread_mutex_destroy(&candles->lock);
    free(candles->names);
    free(candles);
}

const char *web_candles_topic(const struct web_candles *candles, size_t i)
{
    return i < candles->n ? candles->topics[i].name : NULL;
}

void web_candles_look(struct web_candles *candles)
{
    pthread_mutex_lock(&candles->lock);
    candles->looking++;
    pthread_cond_signal(&candles->changed);
    pthread_mutex_unlock(&candles->lock);
}

void web_candles_leave(struct web_candles *candles)
{
    pthread_mutex_lock(&candles->lock);
    candles->looking--;
    candles->left_ms = pf_now_ms();
    pthread_mutex_unlock(&candles->lock);
}

size_t web_candles_list(struct web_candles *candles, size_t i, int match,
                        uint64_t since,
                        struct web_candle ret[static WEB_CANDLES_KEPT])
{
    size_t n;

    pthread_mutex_lock(&candles->lock);
    n = web_candle_list(&candles->topics[i].table, match, since, ret);
    pthread_mutex_unlock(&candles->lock);
    return n;
}
