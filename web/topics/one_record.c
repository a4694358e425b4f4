#include "one_record.h"

#include <inttypes.h>

#include "range.h"
#include "record_json.h"
#include "records_query.h"
#include "web.h"

/* Bytes of its key and its value that are shown. */
#define SHOWN 1048576

/* The record that is asked for. */
struct one {
    struct web_ask ask;
    struct web_kafka_topic topic;
    int32_t partition;
    int64_t offset;
    web_range_take *take; /* makes the answer, with struct one as context */
    bool found;
};

static bool take_record(void *context, const struct pf_record *record)
{
    struct one *one = context;
    struct web_record kept = {0};

    one->found = true;
    web_record_keep(&kept, record, SHOWN);
    pf_http_json(one->ask.reply, web_record_json(&kept));
    web_record_release(&kept);
    return false;
}

static bool take_value(void *context, const struct pf_record *record)
{
    struct one *one = context;
    struct pf_http_reply *reply = one->ask.reply;

    one->found = true;
    if (!record->value) {
        pf_http_refuse(reply, 404,
                       "the record at offset %" PRId64
                       " has no value: it is a tombstone",
                       one->offset);
        return false;
    }
    reply->type = "application/octet-stream";
    reply->disposition = "attachment";
    pf_buffer_put(&reply->body, record->value, record->value_len);
    return false;
}

/* Does the topic have the partition, and that the offset? False: refused. */
static bool is_there(struct one *one)
{
    const rd_kafka_metadata_topic_t *said = one->topic.said;
    char what[320];
    int64_t low, high;
    rd_kafka_resp_err_t why;

    snprintf(what, sizeof what, "partition %" PRId32 " of topic %s",
             one->partition, one->topic.name);
    if (one->partition >= said->partition_cnt)
        return web_ask_refuse(&one->ask, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION,
                              what);
    why = rd_kafka_query_watermark_offsets(one->ask.rk, one->topic.name,
                                           one->partition, &low, &high,
                                           web_ask_left_ms(&one->ask));
    if (why)
        return web_ask_refuse(&one->ask, why, what);
    if (one->offset >= low && one->offset < high)
        return true;
    if (low == high)
        pf_http_refuse(one->ask.reply, 404, "%s is empty", what);
    else
        pf_http_refuse(one->ask.reply, 404,
                       "%s has the offsets %" PRId64 " to %" PRId64, what, low,
                       high - 1);
    return false;
}

static void find(struct one *one)
{
    struct web_range range;
    enum web_range_end end;

    if (!is_there(one) || !web_range_init(&range, &one->ask, &one->topic))
        return;
    end = web_range_read(&range, one->partition, one->offset, one->offset + 1,
                         one->ask.deadline_ms, one->take, one);
    web_range_release(&range);
    if (end == WEB_RANGE_LATE)
        web_ask_refuse(&one->ask, RD_KAFKA_RESP_ERR__TIMED_OUT,
                       one->topic.what);
    else if (end == WEB_RANGE_DONE && !one->found)
        pf_http_refuse(one->ask.reply, 404,
                       "there is no record at offset %" PRId64
                       ": it was compacted away, or belongs to a transaction "
                       "that was aborted, or is the marker of one",
                       one->offset);
}

static void answer(void *context, const struct pf_http_request *request,
                   struct pf_http_reply *reply, web_range_take *take)
{
    const struct web *web = context;
    struct one one = {.take = take};
    int64_t partition;

    if (!web_path_number(request, 1, INT32_MAX, reply, &partition) ||
        !web_path_number(request, 2, INT64_MAX - 1, reply, &one.offset) ||
        !web_ask_begin(web->kafka, request, reply, &one.ask))
        return;
    one.partition = (int32_t)partition;
    if (web_kafka_topic_find(&one.ask, pf_http_part(request, 0), &one.topic)) {
        find(&one);
        web_kafka_topic_release(&one.topic);
    }
    web_ask_end(&one.ask);
}

void web_one_record(void *web, const struct pf_http_request *request,
                    struct pf_http_reply *reply)
{
    answer(web, request, reply, take_record);
}

void web_one_value(void *web, const struct pf_http_request *request,
                   struct pf_http_reply *reply)
{
    answer(web, request, reply, take_value);
}
