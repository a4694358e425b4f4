/* What routes answer with. */
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "fnv.h"
#include "http.h"
#include "text.h"

#define PLAIN (JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)

void pf_http_json(struct pf_http_reply *reply, struct json_object *json)
{
    size_t n = 0;
    const char *text = json ? json_object_to_json_string_length(json, PLAIN, &n)
                            : NULL;

    pf_buffer_release(&reply->body);
    reply->type = "application/json";
    pf_buffer_put(&reply->body, text, text ? n : 0);
    pf_buffer_text(&reply->body, "\n");
    if (!text)
        reply->body.failed = true;
    json_object_put(json);
}

void pf_http_refuse(struct pf_http_reply *reply, unsigned status,
                    const char *fmt, ...)
{
    struct json_object *json = json_object_new_object();
    char sentence[1000], printable[1000];
    va_list list;

    va_start(list, fmt);
    vsnprintf(sentence, sizeof sentence, fmt, list);
    va_end(list);
    pf_escape(printable, sizeof printable, sentence, strlen(sentence));
    if (json)
        json_object_object_add(json, "error",
                               json_object_new_string(printable));
    reply->status = status;
    pf_http_json(reply, json);
}

/* Is the tag, or any, in the list of an If-None-Match? */
static bool is_had(const char *list, const char *tag)
{
    char quoted[sizeof((struct pf_http_reply *)NULL)->tag + 2];

    if (!list)
        return false;
    snprintf(quoted, sizeof quoted, "\"%s\"", tag);
    return !strcmp(list, "*") || strstr(list, quoted);
}

void pf_http_tag(const struct pf_http_request *request,
                 struct pf_http_reply *reply)
{
    uint64_t hash = pf_fnv_bytes(PF_FNV_BEGIN, reply->body.at, reply->body.n);

    if (reply->body.failed)
        return;
    snprintf(reply->tag, sizeof reply->tag, "%016" PRIx64, hash);
    if (!is_had(pf_http_header(request, "If-None-Match"), reply->tag))
        return;
    reply->status = 304;
    reply->type = NULL;
    pf_buffer_release(&reply->body);
}

void pf_http_put_event(struct pf_buffer *events, const char *name,
                       struct json_object *json)
{
    const char *text = json ? json_object_to_json_string_ext(json, PLAIN)
                            : NULL;

    if (text) {
        /* In JSON a line's end is \n, so this is one line. */
        pf_buffer_printf(events, "event: %s\ndata: ", name);
        pf_buffer_text(events, text);
        pf_buffer_text(events, "\n\n");
    } else {
        pf_buffer_release(events);
        events->failed = true;
    }
    json_object_put(json);
}

struct pf_http_frame *pf_http_event(const char *name, struct json_object *json)
{
    struct pf_http_frame *frame = NULL;
    struct pf_buffer text = {0};

    pf_http_put_event(&text, name, json);
    if (!text.failed)
        frame = pf_http_frame_new(text.at, text.n);
    pf_buffer_release(&text);
    return frame;
}
