/* What routes answer with. */
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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

struct pf_http_frame *pf_http_event(const char *name, struct json_object *json)
{
    struct pf_http_frame *frame = NULL;
    struct pf_buffer text = {0};

    if (json) {
        /* In JSON a line's end is \n, so this is one line. */
        pf_buffer_printf(&text, "event: %s\ndata: ", name);
        pf_buffer_text(&text, json_object_to_json_string_ext(json, PLAIN));
        pf_buffer_text(&text, "\n\n");
    }
    if (text.n && !text.failed)
        frame = pf_http_frame_new(text.at, text.n);
    pf_buffer_release(&text);
    json_object_put(json);
    return frame;
}
