#include "tail.h"

#include <inttypes.h>
#include <poll.h>

#include "clock.h"
#include "kafka_conf.h"
#include "kafka_header.h"
#include "kafka_topics.h"
#include "kafka_wake.h"
#include "stop.h"

/* Timeout of one request. */
#define ASK_MS 500

/* Pause between two requests. */
#define RETRY_MS 50

#define BATCH 1000

/* Reading that takes longer is logged: there is much to read, or no broker
 * gives it. */
#define LONG_MS 2000

enum pf_rc pf_tail_open(struct pf_tail *t, const rd_kafka_conf_t *like,
                        const char *topic, struct pf_error *err)
{
    static const char *const settings[][2] = {
        {"enable.auto.commit", "false"},
        {"enable.auto.offset.store", "false"},
        {"enable.partition.eof", "true"},
        /* What is read from may be deleted before it is. */
        {"auto.offset.reset", "earliest"},
        /* The run's records may come after somebody's open transaction. */
        {"isolation.level", "read_uncommitted"},
        /* As a producer does when the topic does not exist. */
        {"allow.auto.create.topics", "true"},
        /* The next request has to wait for a fetch that waits for records. */
        {"fetch.wait.max.ms", "10"},
    };
    rd_kafka_conf_t *conf = pf_kafka_conf_like(like);
    enum pf_rc rc;

    *t = (struct pf_tail){.wake = -1};
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        rd_kafka_conf_set(conf, settings[i][0], settings[i][1], NULL, 0);
    rc = pf_kafka_new(RD_KAFKA_CONSUMER, conf, &t->rk, err);
    if (rc)
        return rc;
    t->topic = rd_kafka_topic_new(t->rk, topic, NULL);
    if (!t->topic)
        return pf_fail(err, PF_CONFIG, "kafka: topic %s: %s", topic,
                       rd_kafka_err2str(rd_kafka_last_error()));
    t->queue = rd_kafka_queue_new(t->rk);
    return pf_kafka_wake_open(t->queue, &t->wake, err);
}

void pf_tail_close(struct pf_tail *t)
{
    pf_kafka_wake_close(t->queue, t->wake);
    if (t->topic)
        rd_kafka_topic_destroy(t->topic);
    if (t->rk)
        rd_kafka_destroy(t->rk);
}

/* A request has failed: PF_OK if it can be made again, which this waits for. */
static enum pf_rc retry(struct pf_tail *t, const char *what,
                        rd_kafka_resp_err_t why, struct pf_error *err)
{
    if (why == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ||
        why == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED)
        return pf_fail(err, PF_IO, "kafka: %s: %s", what,
                       rd_kafka_err2str(why));
    pf_log_limited(&t->log_limit, PF_LOG_INFO, "waiting for %s: %s", what,
                   rd_kafka_err2str(why));
    pf_wait(-1, 0, RETRY_MS);
    return PF_OK;
}

enum pf_rc pf_tail_partitions(struct pf_tail *t, size_t *ret,
                              struct pf_error *err)
{
    enum pf_rc rc = PF_OK;

    while (!rc && !pf_stop_asked()) {
        const char *topic = rd_kafka_topic_name(t->topic);
        rd_kafka_resp_err_t why;
        int n = pf_kafka_count_partitions(t->rk, topic, ASK_MS, &why);

        if (n > 0) {
            *ret = (size_t)n;
            return PF_OK;
        }
        rc = retry(t, topic, why, err);
    }
    return rc ? rc : PF_END;
}

enum pf_rc pf_tail_ends(struct pf_tail *t, int32_t partition, int64_t *ret_low,
                        int64_t *ret_high, struct pf_error *err)
{
    const char *topic = rd_kafka_topic_name(t->topic);
    char what[300];
    enum pf_rc rc = PF_OK;

    snprintf(what, sizeof what, "%s [%" PRId32 "]", topic, partition);
    while (!rc && !pf_stop_asked()) {
        rd_kafka_resp_err_t why = rd_kafka_query_watermark_offsets(
            t->rk, topic, partition, ret_low, ret_high, ASK_MS);

        if (!why)
            return PF_OK;
        rc = retry(t, what, why, err);
    }
    return rc ? rc : PF_END;
}

/* What a reading has come to. */
struct reading {
    enum pf_rc (*look_at)(void *context, const struct pf_record *record,
                          struct pf_error *err);
    void *context;
    int32_t partition;
    int64_t at, high; /* offset of the last record seen; the end */
};

/* An error has come instead of a record. PF_OK: librdkafka tries again. It does
 * so without the right to read, too, for ever and without another word. */
static enum pf_rc on_error(struct pf_tail *t, const rd_kafka_message_t *m,
                           struct pf_error *err)
{
    if (m->err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
        return pf_fail(err, PF_IO,
                       "kafka: %s [%" PRId32 "]: %s; the producer reads its "
                       "topic to see where the run stopped: its user needs the "
                       "right to READ it, too (pf-broker add-user NAME --read "
                       "TOPIC)",
                       rd_kafka_topic_name(t->topic), m->partition,
                       rd_kafka_err2str(m->err));
    pf_log_limited(&t->log_limit, PF_LOG_WARNING, "kafka: %s: %s",
                   rd_kafka_err2str(m->err), rd_kafka_message_errstr(m));
    return PF_OK;
}

/* Look at the records that have come. PF_END: that was the last one. */
static enum pf_rc take(struct pf_tail *t, struct reading *r,
                       struct pf_error *err)
{
    rd_kafka_message_t *messages[BATCH];
    enum pf_rc rc = PF_OK;
    ssize_t n;

    pf_kafka_wake_clear(t->wake);
    n = rd_kafka_consume_batch_queue(t->queue, 0, messages, BATCH);
    for (ssize_t i = 0; i < n; i++) {
        const rd_kafka_message_t *m = messages[i];

        if (m->partition != r->partition) {
            /* left from another reading */
        } else if (!rc && m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            rc = PF_END;
        } else if (!rc && m->err) {
            rc = on_error(t, m, err);
        } else if (!rc) {
            r->at = m->offset;
            rc = r->look_at(
                r->context,
                &(struct pf_record){.partition = m->partition,
                                    .offset = m->offset,
                                    .key = m->key,
                                    .key_len = m->key_len,
                                    .value = m->payload,
                                    .value_len = m->len,
                                    .headers = m,
                                    .header_at = pf_kafka_header_at},
                err);
        }
        if (!rc && r->at + 1 >= r->high)
            rc = PF_END;
        rd_kafka_message_destroy(messages[i]);
    }
    return rc;
}

enum pf_rc pf_tail_read(struct pf_tail *t, int32_t partition, int64_t from,
                        int64_t high,
                        enum pf_rc (*look_at)(void *context,
                                              const struct pf_record *record,
                                              struct pf_error *err),
                        void *context, struct pf_error *err)
{
    const char *topic = rd_kafka_topic_name(t->topic);
    struct reading reading = {.look_at = look_at,
                              .context = context,
                              .partition = partition,
                              .at = from - 1,
                              .high = high};
    int64_t long_ms = pf_now_ms() + LONG_MS;
    enum pf_rc rc = PF_OK;

    if (from >= high)
        return PF_OK;
    if (rd_kafka_consume_start_queue(t->topic, partition, from, t->queue))
        return pf_fail(err, PF_IO, "kafka: %s [%" PRId32 "]: %s", topic,
                       partition, rd_kafka_err2str(rd_kafka_last_error()));
    while (!rc) {
        rc = take(t, &reading, err);
        if (!rc && pf_wait(t->wake, POLLIN, RETRY_MS) == PF_END)
            rc = PF_AGAIN; /* a stop was asked for */
        if (!rc && pf_now_ms() >= long_ms)
            pf_log_limited(&t->log_limit, PF_LOG_INFO,
                           "looking for the run in %s [%" PRId32
                           "]: at offset %" PRId64 " of %" PRId64,
                           topic, partition, reading.at, high);
    }
    rd_kafka_consume_stop(t->topic, partition);
    return rc == PF_END ? PF_OK : rc == PF_AGAIN ? PF_END : rc;
}
