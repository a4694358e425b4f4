/* Candles of a match, live: the last ones, and then each that comes. */
#include "candles.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "candle_reader.h"
#include "questions.h"
#include "records_query.h"
#include "text_json.h"
#include "ticks.h"
#include "web.h"

struct candles_stream {
    struct pf_http_stream base;
    struct web_candles *candles;
    size_t topic;
    int match;
    uint64_t number; /* of the last candle that was sent; 0: none */
};

void web_candles_answer(void *context, const struct pf_http_request *request,
                        struct pf_http_reply *reply)
{
    const struct web *web = context;
    struct json_object *json, *list;
    const rd_kafka_metadata_t *all;
    const char *topic;
    struct web_ask ask;

    if (!web_ask_begin(web->kafka, request, reply, &ask))
        return;
    all = web_kafka_topics(&ask);
    if (all) {
        json = json_object_new_object();
        list = json_object_new_array();
        for (size_t i = 0; (topic = web_candles_topic(web->candles, i)); i++)
            if (web_kafka_has(all, topic))
                json_object_array_add(list, web_name_json(topic));
        json_object_object_add(json, "topics", list);
        pf_http_json(reply, json);
        rd_kafka_metadata_destroy(all);
    }
    web_ask_end(&ask);
}

static void put_seconds(struct pf_buffer *out, int64_t ms)
{
    pf_buffer_printf(out, "%" PRId64 ".%03d", ms / 1000, (int)(ms % 1000));
}

static void put_candle(struct pf_buffer *out, const struct web_candle *candle)
{
    const int64_t ticks[] = {candle->open, candle->high, candle->low,
                             candle->close};

    pf_buffer_text(out, "[");
    put_seconds(out, candle->start_ms);
    for (size_t i = 0; i < sizeof ticks / sizeof *ticks; i++) {
        pf_buffer_text(out, ",");
        pf_ticks_put(out, ticks[i]);
    }
    if (candle->count < 0)
        pf_buffer_text(out, ",null]");
    else
        pf_buffer_printf(out, ",%" PRId64 "]", candle->count);
}

static struct pf_http_frame *make_frame(const struct web_candle *candles,
                                        size_t n)
{
    const struct web_candle *newest = &candles[n - 1];
    struct pf_http_frame *frame = NULL;
    struct pf_buffer out = {0};

    pf_buffer_text(&out, "event: candles\ndata: {\"seconds\":");
    put_seconds(&out, newest->end_ms - newest->start_ms);
    pf_buffer_text(&out, ",\"candles\":[");
    for (size_t i = 0; i < n; i++) {
        pf_buffer_put(&out, ",", i > 0);
        put_candle(&out, &candles[i]);
    }
    pf_buffer_text(&out, "]}\n\n");
    if (!out.failed)
        frame = pf_http_frame_new(out.at, out.n);
    pf_buffer_release(&out);
    return frame;
}

static struct pf_http_frame *next(struct pf_http_stream *base)
{
    struct candles_stream *s = (struct candles_stream *)base;
    struct web_candle candles[WEB_CANDLES_KEPT];
    struct pf_http_frame *frame;
    size_t n = web_candles_list(s->candles, s->topic, s->match, s->number,
                                candles);

    if (!n)
        return NULL;
    frame = make_frame(candles, n);
    if (frame)
        s->number = candles[n - 1].number;
    return frame;
}

static void close_stream(struct pf_http_stream *base)
{
    struct candles_stream *s = (struct candles_stream *)base;

    web_candles_leave(s->candles);
    free(s);
}

/* Which one of the topics that is. False: none. */
static bool find_topic(const struct web_candles *candles, const char *name,
                       size_t *ret)
{
    const char *topic;

    for (size_t i = 0; (topic = web_candles_topic(candles, i)); i++)
        if (!strcmp(topic, name)) {
            *ret = i;
            return true;
        }
    return false;
}

struct pf_http_stream *web_candles_stream(void *context,
                                          const struct pf_http_request *request,
                                          struct pf_http_reply *reply)
{
    static const struct pf_http_stream_ops ops = {next, close_stream};
    struct web *web = context;
    struct candles_stream *s;
    int64_t match;
    size_t topic;

    if (!web_path_number(request, 1, PF_MATCH_MAX, reply, &match))
        return NULL;
    if (!find_topic(web->candles, pf_http_part(request, 0), &topic)) {
        pf_http_refuse(reply, 404, "feed.web.candles has no topic %s",
                       pf_http_part(request, 0));
        return NULL;
    }
    s = calloc(1, sizeof *s);
    if (!s) {
        reply->body.failed = true;
        return NULL;
    }
    s->base.ops = &ops;
    s->candles = web->candles;
    s->topic = topic;
    s->match = (int)match;
    web_candles_look(web->candles);
    return &s->base;
}
