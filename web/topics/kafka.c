#include "kafka.h"

#include <pthread.h>
#include <stdlib.h>

#include "clock.h"
#include "web.h"

/* One for each request that may be at work at a time, see http.h. The second is
 * not opened before it is needed. */
#define CLIENTS 2

/* How long a broker may take to say that it is there: a client that is
 * connected has its answer within a few ms. */
#define METADATA_MS 2500

struct web_kafka {
    rd_kafka_conf_t *conf;
    pthread_mutex_t lock;
    pthread_cond_t given_back;
    struct {
        rd_kafka_t *rk; /* NULL: not opened yet */
        struct pf_kafka_topics topics;
        bool is_taken;
    } clients[CLIENTS];
};

enum pf_rc web_kafka_open(rd_kafka_conf_t *conf, struct web_kafka **ret,
                          struct pf_error *err)
{
    struct web_kafka *kafka = calloc(1, sizeof *kafka);

    if (!kafka) {
        rd_kafka_conf_destroy(conf);
        return pf_fail(err, PF_NOMEM, "kafka: out of memory");
    }
    /* Errors come to the log as they are. With a callback they would wait in
     * a queue that nobody reads while nobody asks. */
    rd_kafka_conf_set_error_cb(conf, NULL);
    /* Before 2.2, librdkafka has no fetch.queue.backoff.ms, and stops fetching
     * for a second whenever this many records wait: make that rare. */
    if (rd_kafka_version() < 0x02020000 &&
        pf_kafka_conf_uint(conf, "queued.min.messages") < 100000)
        rd_kafka_conf_set(conf, "queued.min.messages", "100000", NULL, 0);
    kafka->conf = conf;
    pthread_mutex_init(&kafka->lock, NULL);
    pthread_cond_init(&kafka->given_back, NULL);
    *ret = kafka;
    return PF_OK;
}

static void close_client(struct web_kafka *kafka, size_t i)
{
    if (!kafka->clients[i].rk)
        return;
    pf_kafka_topics_release(&kafka->clients[i].topics);
    rd_kafka_destroy(kafka->clients[i].rk);
    kafka->clients[i].rk = NULL;
}

void web_kafka_close(struct web_kafka *kafka)
{
    if (!kafka)
        return;
    for (size_t i = 0; i < CLIENTS; i++)
        close_client(kafka, i);
    rd_kafka_conf_destroy(kafka->conf);
    pthread_cond_destroy(&kafka->given_back);
    pthread_mutex_destroy(&kafka->lock);
    free(kafka);
}

static void *destroy(void *rk)
{
    rd_kafka_destroy(rk);
    return NULL;
}

/* Close it in a thread of its own: with librdkafka 2.0 that may never return if
 * its broker has died, and nobody waits for it. */
static void drop_client(struct web_kafka *kafka, size_t i)
{
    pthread_t thread;

    pf_kafka_topics_release(&kafka->clients[i].topics);
    if (!pthread_create(&thread, NULL, destroy, kafka->clients[i].rk))
        pthread_detach(thread);
    kafka->clients[i].rk = NULL;
}

/* The first client that is free, now taken: its number. */
static size_t take(struct web_kafka *kafka)
{
    size_t i = 0;

    pthread_mutex_lock(&kafka->lock);
    while (kafka->clients[i].is_taken)
        if (++i == CLIENTS) {
            pthread_cond_wait(&kafka->given_back, &kafka->lock);
            i = 0;
        }
    kafka->clients[i].is_taken = true;
    pthread_mutex_unlock(&kafka->lock);
    return i;
}

static void give_back(struct web_kafka *kafka, size_t i)
{
    pthread_mutex_lock(&kafka->lock);
    kafka->clients[i].is_taken = false;
    pthread_cond_signal(&kafka->given_back);
    pthread_mutex_unlock(&kafka->lock);
}

bool web_ask_begin(struct web_kafka *kafka,
                   const struct pf_http_request *request,
                   struct pf_http_reply *reply, struct web_ask *ask)
{
    size_t i = take(kafka);
    struct pf_error err;

    if (!kafka->clients[i].rk &&
        pf_kafka_new(RD_KAFKA_CONSUMER, rd_kafka_conf_dup(kafka->conf),
                     &kafka->clients[i].rk, &err)) {
        give_back(kafka, i);
        pf_http_refuse(reply, 503, "%s", err.text);
        return false;
    }
    *ask = (struct web_ask){
        .kafka = kafka,
        .client = i,
        .request = request,
        .reply = reply,
        .rk = kafka->clients[i].rk,
        .topics = &kafka->clients[i].topics,
        .deadline_ms = pf_now_ms() + WEB_KAFKA_MS,
    };
    return true;
}

void web_ask_end(struct web_ask *ask)
{
    if (ask->is_stuck)
        drop_client(ask->kafka, ask->client);
    give_back(ask->kafka, ask->client);
}

int web_ask_left_ms(const struct web_ask *ask)
{
    return ask->request && pf_http_is_ending(ask->request)
               ? 0
               : pf_left_ms(ask->deadline_ms);
}

bool web_ask_refuse(struct web_ask *ask, rd_kafka_resp_err_t why,
                    const char *what)
{
    switch (why) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND:
        pf_http_refuse(ask->reply, 404, "there is no %s", what);
        break;
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
        pf_http_refuse(ask->reply, 503, "Kafka does not answer (%s)", what);
        break;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
        pf_http_refuse(ask->reply, 403, "Kafka does not allow it: %s: %s", what,
                       rd_kafka_err2str(why));
        break;
    default:
        pf_http_refuse(ask->reply, 503, "%s: %s", what, rd_kafka_err2str(why));
    }
    return false;
}

bool web_ask_nomem(struct web_ask *ask)
{
    pf_http_refuse(ask->reply, 503, "out of memory");
    return false;
}
