#include "place.h"

#include <inttypes.h>
#include <poll.h>
#include <string.h>

#include "headers.h"
#include "kafka_source.h"
#include "kafka_wake.h"
#include "log.h"
#include "random.h"
#include "stop.h"
#include "text.h"

/* Timeout of one request for the topic's end. */
#define ASK_MS 500

/* Pause between two requests. */
#define RETRY_MS 50

/* How long the end of the topic has to stay the same. */
#define SETTLE_MS 100

/* Records looked at first: each batch that was produced begins with headers. */
#define WINDOW 2000
_Static_assert(WINDOW >= PF_RUN_SINK_BATCH, "a window has headers");

#define BATCH 1000

/* A search: its consumer, and what it has seen in the current window. */
struct search {
    const struct pf_run_target *of;
    const uint64_t *seed;
    rd_kafka_t *rk;
    rd_kafka_topic_t *topic;
    rd_kafka_queue_t *queue; /* receives the records */
    int wake;                /* readable when records have come */
    struct pf_log_limit log_limit;

    bool found;      /* records of the run have been seen */
    bool inside;     /* the last record seen is one of them */
    uint64_t number; /* of the last of them */
    int64_t at;      /* offset of the last record seen */
};

static enum pf_rc open_consumer(struct search *s, const rd_kafka_conf_t *like,
                                struct pf_error *err)
{
    static const char *const settings[][2] = {
        {"enable.auto.commit", "false"},
        {"enable.auto.offset.store", "false"},
        {"enable.partition.eof", "true"},
        /* The run's records may come after somebody's open transaction. */
        {"isolation.level", "read_uncommitted"},
        /* As a producer does when the topic does not exist. */
        {"allow.auto.create.topics", "true"},
        /* The next request has to wait for a fetch that waits for records. */
        {"fetch.wait.max.ms", "10"},
        /* Errors only: it would warn of each producer setting. */
        {"log_level", "3"},
    };
    rd_kafka_conf_t *conf = rd_kafka_conf_dup(like);
    char why[512];

    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        rd_kafka_conf_set(conf, settings[i][0], settings[i][1], NULL, 0);
    s->rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
    if (!s->rk) {
        rd_kafka_conf_destroy(conf);
        return pf_fail(err, PF_CONFIG, "kafka: %s", why);
    }
    s->topic = rd_kafka_topic_new(s->rk, s->of->topic, NULL);
    if (!s->topic)
        return pf_fail(err, PF_CONFIG, "kafka: topic %s: %s", s->of->topic,
                       rd_kafka_err2str(rd_kafka_last_error()));
    s->queue = rd_kafka_queue_new(s->rk);
    return pf_kafka_wake_open(s->queue, &s->wake, err);
}

static void close_consumer(struct search *s)
{
    pf_kafka_wake_close(s->queue, s->wake);
    if (s->topic)
        rd_kafka_topic_destroy(s->topic);
    if (s->rk)
        rd_kafka_destroy(s->rk);
}

/* Ask where the partition begins and ends, until there is an answer. */
static enum pf_rc ask_ends(struct search *s, int64_t *low, int64_t *high,
                           struct pf_error *err)
{
    while (!pf_stop_asked()) {
        rd_kafka_resp_err_t why = rd_kafka_query_watermark_offsets(
            s->rk, s->of->topic, s->of->partition, low, high, ASK_MS);

        if (!why)
            return PF_OK;
        if (why == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ||
            why == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED)
            return pf_fail(err, PF_IO, "kafka: %s [%" PRId32 "]: %s",
                           s->of->topic, s->of->partition,
                           rd_kafka_err2str(why));
        pf_log_limited(&s->log_limit, PF_LOG_INFO,
                       "waiting for %s [%" PRId32 "]: %s", s->of->topic,
                       s->of->partition, rd_kafka_err2str(why));
        pf_wait(-1, 0, RETRY_MS);
    }
    return PF_END;
}

/* Copy a header's text to buf; false: there is none, or it is too long. */
static bool get_header(const struct pf_record *record, const char *name,
                       char *buf, size_t size)
{
    struct pf_header header;

    if (!pf_record_header(record, name, &header) || !header.value ||
        header.len >= size || memchr(header.value, '\0', header.len))
        return false;
    memcpy(buf, header.value, header.len);
    buf[header.len] = '\0';
    return true;
}

static enum pf_rc damaged(const struct search *s, int64_t offset,
                          uint64_t number, struct pf_error *err)
{
    return pf_fail(err, PF_FATAL,
                   "run %s in %s [%" PRId32 "]: the record at offset %" PRId64
                   " should be number %" PRIu64
                   " and is not: somebody else has written to this topic, or "
                   "an old producer of this run wrote after a new one had "
                   "started; feed.run = NAME begins another run",
                   s->of->run, s->of->topic, s->of->partition, offset, number);
}

/* Is the record the price with that number of this seed? */
static bool is_price(uint64_t seed, uint64_t number,
                     const struct pf_record *record)
{
    struct pf_price price = pf_random_price(seed, number);
    char text[PF_PRICE_JSON_SIZE];
    size_t len = pf_price_encode(&price, text);

    return record->value && record->value_len == len &&
           !memcmp(record->value, text, len);
}

/* Learn from one record where the run is. */
static enum pf_rc look_at(struct search *s, const struct pf_record *record,
                          struct pf_error *err)
{
    char run[PF_RUN_SIZE], text[24];
    uint64_t number = s->number + 1;

    s->at = record->offset;
    if (get_header(record, PF_HEADER_RUN, run, sizeof run)) {
        s->inside = !strcmp(run, s->of->run);
        if (s->inside &&
            (!get_header(record, PF_HEADER_NUMBER, text, sizeof text) ||
             pf_parse_uint(text, INT64_MAX, &number, NULL) ||
             (s->found && number != s->number + 1)))
            return damaged(s, record->offset, s->number + 1, err);
    }
    if (!s->inside)
        return PF_OK;
    if (s->seed && !is_price(*s->seed, number, record))
        return damaged(s, record->offset, number, err);
    s->found = true;
    s->number = number;
    return PF_OK;
}

/* Look at the records that have come. PF_END: that was the last one. */
static enum pf_rc take(struct search *s, int64_t high, struct pf_error *err)
{
    rd_kafka_message_t *messages[BATCH];
    enum pf_rc rc = PF_OK;
    ssize_t n;

    pf_kafka_wake_clear(s->wake);
    n = rd_kafka_consume_batch_queue(s->queue, 0, messages, BATCH);
    for (ssize_t i = 0; i < n; i++) {
        const rd_kafka_message_t *m = messages[i];

        if (!rc && m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
            rc = PF_END;
        else if (!rc && m->err)
            pf_log_limited(&s->log_limit, PF_LOG_WARNING, "kafka: %s: %s",
                           rd_kafka_err2str(m->err),
                           rd_kafka_message_errstr(m));
        else if (!rc)
            rc = look_at(s,
                         &(struct pf_record){.offset = m->offset,
                                             .value = m->payload,
                                             .value_len = m->len,
                                             .headers = m,
                                             .header_at = pf_kafka_header_at},
                         err);
        if (!rc && s->at + 1 >= high)
            rc = PF_END;
        rd_kafka_message_destroy(messages[i]);
    }
    return rc;
}

/* Read from offset from up to high, the end. */
static enum pf_rc read_window(struct search *s, int64_t from, int64_t high,
                              struct pf_error *err)
{
    enum pf_rc rc = PF_OK;

    s->found = s->inside = false;
    s->at = from - 1;
    if (from >= high)
        return PF_OK;
    if (rd_kafka_consume_start_queue(s->topic, s->of->partition, from,
                                     s->queue))
        return pf_fail(err, PF_IO, "kafka: %s: %s", s->of->topic,
                       rd_kafka_err2str(rd_kafka_last_error()));
    while (!rc) {
        rc = take(s, high, err);
        if (!rc && pf_wait(s->wake, POLLIN, RETRY_MS) == PF_END)
            rc = PF_AGAIN; /* a stop was asked for */
        if (s->at - from >= 1000000)
            pf_log_limited(&s->log_limit, PF_LOG_INFO,
                           "looking for run %s: at offset %" PRId64
                           " of %" PRId64,
                           s->of->run, s->at, high);
    }
    rd_kafka_consume_stop(s->topic, s->of->partition);
    return rc == PF_END ? PF_OK : rc == PF_AGAIN ? PF_END : rc;
}

/* Find the place in the topic as it is now. */
static enum pf_rc find(struct search *s, struct pf_place *ret,
                       struct pf_error *err)
{
    int64_t low = 0, high = 0, size = WINDOW;
    enum pf_rc rc = ask_ends(s, &low, &high, err);

    while (!rc) {
        int64_t from = high - low > size ? high - size : low;

        rc = read_window(s, from, high, err);
        if (s->found || from == low)
            break;
        size *= 8;
    }
    if (!rc)
        *ret = (struct pf_place){.number = s->found ? s->number + 1 : 0,
                                 .offset = high};
    return rc;
}

enum pf_rc pf_place_find(const rd_kafka_conf_t *conf,
                         const struct pf_run_target *of, uint64_t count,
                         const uint64_t *seed, struct pf_place *ret,
                         struct pf_error *err)
{
    struct search search = {.of = of, .seed = seed, .wake = -1};
    struct pf_place first, second;
    enum pf_rc rc = open_consumer(&search, conf, err);

    if (!rc)
        rc = find(&search, &first, err);
    while (!rc && first.number) {
        if (pf_wait(-1, 0, SETTLE_MS) == PF_END)
            rc = PF_END;
        else
            rc = find(&search, &second, err);
        if (!rc && second.offset == first.offset)
            break;
        first = second;
    }
    close_consumer(&search);
    if (rc == PF_END)
        return pf_fail(err, rc, "asked to stop before %s was found", of->topic);
    if (rc)
        return rc;
    if (first.number)
        pf_log(PF_LOG_INFO,
               "run %s is in %s up to number %" PRIu64
               ": %s (feed.run = NAME begins another)",
               of->run, of->topic, first.number - 1,
               count && first.number >= count ? "it is complete"
                                              : "continuing after it");
    *ret = first;
    return PF_OK;
}
