#include "logs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log_files.h"
#include "log_follow.h"
#include "log_tail.h"
#include "text.h"
#include "text_json.h"
#include "web.h"

/* Of one answer. */
#define LINES_MAX 1000
#define LINES_SIZE (512 * 1024)

/* Of one frame: what a slow client misses beyond that is only counted. */
#define FRAME_LINES 200
#define FRAME_SIZE (64 * 1024)

/* At once: each has an open file. */
#define STREAMS_MAX 100

static bool has_logs(const struct web *web, struct pf_http_reply *reply)
{
    if (*web->conf->run)
        return true;
    pf_http_refuse(reply, 404,
                   "there are no logs, because feed.run is not set");
    return false;
}

/* The path of the log that is asked for; false: it has been refused. */
static bool find_log(const struct web *web,
                     const struct pf_http_request *request,
                     struct pf_http_reply *reply, char ret[WEB_LOG_PATH])
{
    if (!has_logs(web, reply))
        return false;
    if (web_log_path(web->conf->run, pf_http_part(request, 0), ret))
        return true;
    pf_http_refuse(reply, 404, "there is no log of that name");
    return false;
}

void web_logs_answer(void *context, const struct pf_http_request *request,
                     struct pf_http_reply *reply)
{
    const struct web *web = context;
    struct json_object *json, *list;
    struct web_log_file files[WEB_LOGS];
    size_t n;

    (void)request;
    if (!has_logs(web, reply))
        return;
    n = web_logs_list(web->conf->run, files);
    json = json_object_new_object();
    list = json_object_new_array();
    json_object_object_add(json, "logs", list);
    for (size_t i = 0; i < n; i++) {
        struct json_object *one = json_object_new_object();

        json_object_object_add(one, "name",
                               json_object_new_string(files[i].name));
        json_object_object_add(one, "size_bytes",
                               json_object_new_uint64(files[i].size));
        json_object_object_add(one, "changed",
                               web_time_json(files[i].changed_ms));
        json_object_array_add(list, one);
    }
    pf_http_json(reply, json);
}

/* ?level=...; false: it has been refused. */
static bool read_level(const struct pf_http_request *request,
                       struct pf_http_reply *reply, enum pf_log_level *ret)
{
    const char *level = pf_http_query(request, "level");

    *ret = PF_LOG_DEBUG;
    if (!level)
        return true;
    for (int i = 0; i <= PF_LOG_DEBUG; i++) {
        if (!strcmp(level, pf_log_level_name((enum pf_log_level)i))) {
            *ret = (enum pf_log_level)i;
            return true;
        }
    }
    pf_http_refuse(reply, 400,
                   "level: '%.40s' is not debug, info, warning or error",
                   level);
    return false;
}

static struct json_object *tail_json(const struct web_log_lines *lines,
                                     int64_t next)
{
    struct json_object *json = json_object_new_object();
    struct json_object *list = json_object_new_array_ext((int)lines->n);

    json_object_object_add(json, "lines", list);
    for (size_t i = 0; i < lines->n; i++)
        json_object_array_add(list,
                              web_log_line_json(web_log_lines_at(lines, i)));
    json_object_object_add(json, "next", json_object_new_int64(next));
    return json;
}

void web_log_answer(void *context, const struct pf_http_request *request,
                    struct pf_http_reply *reply)
{
    const struct web *web = context;
    struct web_log_lines lines = {.size = LINES_SIZE};
    int64_t limit = 200, next = 0;
    char path[WEB_LOG_PATH];
    struct pf_error err;
    enum pf_rc rc;

    if (!find_log(web, request, reply, path) ||
        !read_level(request, reply, &lines.least) ||
        !pf_http_query_number(request, "lines", 1, LINES_MAX, reply, &limit))
        return;
    lines.limit = (size_t)limit;
    rc = web_log_tail(path, &lines, &next, &err);
    if (rc)
        pf_http_refuse(reply, rc == PF_NOMEM ? 503 : 404, "%s", err.text);
    else
        pf_http_json(reply, tail_json(&lines, next));
    web_log_lines_clear(&lines);
}

struct stream {
    struct pf_http_stream base;
    struct web *web;
    struct pf_log_follow *follow;
    enum pf_log_level least;
};

static void put_line(struct pf_buffer *events, const struct pf_log_line *line)
{
    pf_http_put_event(events, "line", web_log_line_json(line));
}

/* A line of our own tells of those that did not fit. */
static void put_left_out(struct pf_buffer *events, uint64_t left_out)
{
    struct pf_log_line line = {.time_ms = -1, .level = PF_LOG_WARNING};
    char text[80];

    line.n = (size_t)snprintf(text, sizeof text,
                              "(%llu lines are left out here)",
                              (unsigned long long)left_out);
    line.text = text;
    put_line(events, &line);
}

static struct pf_http_frame *next_lines(struct pf_http_stream *base)
{
    struct stream *stream = (struct stream *)base;
    struct web_log_lines lines = {
        .least = stream->least, .limit = FRAME_LINES, .size = FRAME_SIZE};
    struct pf_http_frame *frame = NULL;
    struct pf_buffer events = {0};

    pf_log_follow_read(stream->follow, web_log_lines_take, &lines);
    if (lines.left_out)
        put_left_out(&events, lines.left_out);
    for (size_t i = 0; i < lines.n; i++)
        put_line(&events, web_log_lines_at(&lines, i));
    if (events.n && !events.failed)
        frame = pf_http_frame_new(events.at, events.n);
    web_log_lines_clear(&lines);
    pf_buffer_release(&events);
    return frame;
}

static void close_stream(struct pf_http_stream *base)
{
    struct stream *stream = (struct stream *)base;

    pf_log_follow_close(stream->follow);
    stream->web->log_streams--;
    free(stream);
}

static const struct pf_http_stream_ops ops = {
    .next = next_lines,
    .close = close_stream,
};

struct pf_http_stream *web_log_stream(void *context,
                                      const struct pf_http_request *request,
                                      struct pf_http_reply *reply)
{
    struct web *web = context;
    struct stream *stream;
    enum pf_log_level least;
    char path[WEB_LOG_PATH];
    struct pf_error err;
    int64_t next = -1; /* from now on */
    enum pf_rc rc;

    if (!find_log(web, request, reply, path) ||
        !read_level(request, reply, &least) ||
        !pf_http_query_number(request, "next", 0, INT64_MAX, reply, &next))
        return NULL;
    if (web->log_streams == STREAMS_MAX) {
        pf_http_refuse(reply, 503, "%d logs are being followed already",
                       STREAMS_MAX);
        return NULL;
    }
    stream = calloc(1, sizeof *stream);
    rc = stream ? pf_log_follow_open(path, next, &stream->follow, &err)
                : pf_fail(&err, PF_NOMEM, "out of memory");
    if (rc) {
        pf_http_refuse(reply, rc == PF_NOMEM ? 503 : 404, "%s", err.text);
        free(stream);
        return NULL;
    }
    stream->base.ops = &ops;
    stream->web = web;
    stream->least = least;
    web->log_streams++;
    return &stream->base;
}
