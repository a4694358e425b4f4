#include "range.h"

#include <inttypes.h>

#include "clock.h"
#include "kafka_header.h"

/* The longest wait before the server is asked whether it ends. */
#define STEP_MS 100

bool web_range_init(struct web_range *range, struct web_ask *ask,
                    const struct web_kafka_topic *topic)
{
    *range = (struct web_range){.ask = ask, .topic = topic, .partition = -1};
    range->queue = rd_kafka_queue_new(ask->rk);
    return range->queue || web_ask_nomem(ask);
}

static void forget_messages(struct web_range *range)
{
    for (; range->at < range->n; range->at++)
        rd_kafka_message_destroy(range->messages[range->at]);
    range->at = range->n = 0;
}

static void stop(struct web_range *range)
{
    forget_messages(range);
    if (range->partition >= 0)
        rd_kafka_consume_stop(range->topic->handle, range->partition);
    range->partition = -1;
}

void web_range_release(struct web_range *range)
{
    stop(range);
    if (range->queue)
        rd_kafka_queue_destroy(range->queue);
}

/* What Kafka says of the partition is the request's answer. */
static enum web_range_end refuse(struct web_range *range, int32_t partition,
                                 rd_kafka_resp_err_t why)
{
    char what[320];

    if (why == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
        why == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE) {
        pf_http_refuse(range->ask->reply, 503,
                       "topic %s: records were removed meanwhile; ask again",
                       range->topic->name);
        return WEB_RANGE_REFUSED;
    }
    snprintf(what, sizeof what, "partition %" PRId32 " of topic %s", partition,
             range->topic->name);
    web_ask_refuse(range->ask, why, what);
    return WEB_RANGE_REFUSED;
}

/* Fetch the partition from that offset on. Whatever of it still waits elsewhere
 * in librdkafka is outdated by that, and does not come. */
static bool begin(struct web_range *range, int32_t partition, int64_t from)
{
    rd_kafka_resp_err_t why = RD_KAFKA_RESP_ERR_NO_ERROR;

    if (range->partition == partition && range->next == from)
        return true;
    forget_messages(range);
    if (range->partition == partition) {
        why = rd_kafka_seek(range->topic->handle, partition, from, 0);
    } else {
        stop(range);
        if (rd_kafka_consume_start_queue(range->topic->handle, partition, from,
                                         range->queue))
            why = rd_kafka_last_error();
    }
    if (why) {
        refuse(range, partition, why);
        return false;
    }
    range->partition = partition;
    range->next = from;
    return true;
}

/* Get more messages, for STEP_MS at most. */
static void receive(struct web_range *range, int64_t deadline_ms)
{
    int left = pf_left_ms(deadline_ms);
    rd_kafka_message_t *first = rd_kafka_consume_queue(
        range->queue, left < STEP_MS ? left : STEP_MS);
    ssize_t more;

    range->at = range->n = 0;
    if (!first)
        return;
    range->messages[range->n++] = first;
    more = rd_kafka_consume_batch_queue(range->queue, 0, range->messages + 1,
                                        WEB_RANGE_BATCH - 1);
    if (more > 0)
        range->n += (size_t)more;
}

static struct pf_record record_of(const struct web_range *range,
                                  const rd_kafka_message_t *message)
{
    rd_kafka_timestamp_type_t type;
    int64_t time = rd_kafka_message_timestamp(message, &type);

    return (struct pf_record){
        .topic = range->topic->name,
        .partition = message->partition,
        .offset = message->offset,
        .timestamp = type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? -1 : time,
        .appended = type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME,
        .key = message->key,
        .key_len = message->key_len,
        .value = message->payload,
        .value_len = message->len,
        .headers = message,
        .header_at = pf_kafka_header_at,
    };
}

/* Look at the messages that are there. LATE: more are needed. */
static enum web_range_end look(struct web_range *range, int64_t to,
                               web_range_take *take, void *context)
{
    while (range->next < to && range->at < range->n) {
        rd_kafka_message_t *message = range->messages[range->at];
        rd_kafka_resp_err_t why = message->err;
        bool goes_on = true;

        if (!why && message->offset >= to) {
            range->next = to; /* that one is for the next range */
            break;
        }
        if (!why) {
            struct pf_record record = record_of(range, message);

            goes_on = take(context, &record);
            range->next = message->offset + 1;
        }
        rd_kafka_message_destroy(message);
        range->at++;
        if (why == RD_KAFKA_RESP_ERR__PARTITION_EOF)
            range->next = to; /* only markers of transactions were left */
        else if (why)
            return refuse(range, range->partition, why);
        if (!goes_on)
            return WEB_RANGE_STOPPED;
    }
    return range->next < to ? WEB_RANGE_LATE : WEB_RANGE_DONE;
}

enum web_range_end web_range_read(struct web_range *range, int32_t partition,
                                  int64_t from, int64_t to, int64_t deadline_ms,
                                  web_range_take *take, void *context)
{
    enum web_range_end end = from < to ? WEB_RANGE_LATE : WEB_RANGE_DONE;

    if (end == WEB_RANGE_LATE && !begin(range, partition, from))
        return WEB_RANGE_REFUSED;
    while (end == WEB_RANGE_LATE) {
        end = look(range, to, take, context);
        if (end != WEB_RANGE_LATE)
            break;
        if (!pf_left_ms(deadline_ms) || !web_ask_left_ms(range->ask))
            break;
        receive(range, deadline_ms);
    }
    return end;
}
