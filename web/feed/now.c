#include "now.h"

#include <stdlib.h>

#include "broker_watch.h"
#include "feed_json.h"
#include "web.h"

void web_now_answer(void *context, const struct pf_http_request *request,
                    struct pf_http_reply *reply)
{
    const struct web *web = context;
    struct web_feed_now now;

    (void)request;
    web_feed_now(web->feed, &now);
    pf_http_json(reply, web_now_json(&now));
}

void web_history_answer(void *context, const struct pf_http_request *request,
                        struct pf_http_reply *reply)
{
    const struct web *web = context;
    struct web_history history;

    (void)request;
    if (!*web->conf->run) {
        pf_http_refuse(reply, 404,
                       "nothing is known of the feed's programs, because "
                       "feed.run is not set");
        return;
    }
    web_feed_history(web->feed, &history);
    pf_http_json(reply, web_history_json(&history));
}

void web_health_answer(void *context, const struct pf_http_request *request,
                       struct pf_http_reply *reply)
{
    const struct web *web = context;
    struct web_feed_now now;

    (void)request;
    web_feed_now(web->feed, &now);
    if (!web_health_is_good(now.health))
        reply->status = 503;
    pf_http_json(reply, web_health_json(&now));
}

void web_ready_answer(void *context, const struct pf_http_request *request,
                      struct pf_http_reply *reply)
{
    const struct web *web = context;
    bool answers = web_broker_answers(web->broker);
    struct json_object *json = json_object_new_object();

    (void)request;
    if (!answers)
        reply->status = 503;
    json_object_object_add(
        json, "state", json_object_new_string(answers ? "ready" : "waiting"));
    json_object_object_add(
        json, "why",
        json_object_new_string(answers ? "the broker answers"
                                       : "the broker does not answer"));
    pf_http_json(reply, json);
}

struct web_now {
    struct web_feed *feed;
    struct pf_http_frame *frame; /* of that look; NULL: none yet */
    uint64_t look;
};

enum pf_rc web_now_new(struct web_feed *feed, struct web_now **ret,
                       struct pf_error *err)
{
    struct web_now *now = calloc(1, sizeof *now);

    if (!now)
        return pf_fail(err, PF_NOMEM, "out of memory");
    now->feed = feed;
    *ret = now;
    return PF_OK;
}

void web_now_free(struct web_now *now)
{
    if (!now)
        return;
    pf_http_frame_drop(now->frame);
    free(now);
}

static void renew(struct web_now *shared)
{
    struct web_feed_now now;

    web_feed_now(shared->feed, &now);
    pf_http_frame_drop(shared->frame);
    shared->frame = pf_http_event("now", web_now_json(&now));
    shared->look = now.look;
}

struct stream {
    struct pf_http_stream base;
    struct web_now *shared;
    uint64_t look; /* the last one that was sent */
};

static struct pf_http_frame *next(struct pf_http_stream *base)
{
    struct stream *stream = (struct stream *)base;
    uint64_t look = web_feed_last(stream->shared->feed);

    if (look == stream->look)
        return NULL;
    if (look != stream->shared->look)
        renew(stream->shared);
    stream->look = look;
    return pf_http_frame_hold(stream->shared->frame);
}

static void close_stream(struct pf_http_stream *base)
{
    free(base);
}

static const struct pf_http_stream_ops ops = {
    .next = next,
    .close = close_stream,
};

struct pf_http_stream *web_now_stream(void *context,
                                      const struct pf_http_request *request,
                                      struct pf_http_reply *reply)
{
    const struct web *web = context;
    struct stream *stream = calloc(1, sizeof *stream);

    (void)request;
    if (!stream) {
        pf_http_refuse(reply, 503, "out of memory");
        return NULL;
    }
    stream->base.ops = &ops;
    stream->shared = web->now;
    return &stream->base;
}
