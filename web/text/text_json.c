#include "text_json.h"

#include <string.h>

#include "printable.h"
#include "text.h"
#include "utf8.h"

/* 9999-12-31T23:59:59.999Z */
#define LAST_TIME_MS INT64_C(253402300799999)

struct json_object *web_number_json(int64_t n)
{
    return n < 0 ? NULL : json_object_new_int64(n);
}

struct json_object *web_time_json(int64_t ms)
{
    char text[32];

    if (ms < 0 || ms > LAST_TIME_MS)
        return NULL;
    return json_object_new_string_len(text,
                                      (int)pf_put_time(text, sizeof text, ms));
}

struct json_object *web_name_json(const char *name)
{
    char printable[1000];

    if (name && !pf_utf8_is_text(name, strlen(name)))
        name = pf_escape(printable, sizeof printable, name, strlen(name));
    return name ? json_object_new_string(name) : NULL;
}

struct json_object *web_text_json(const char *bytes, size_t n)
{
    struct pf_buffer text = {0};
    struct json_object *json = NULL;

    web_printable(&text, bytes, n);
    if (!text.failed)
        json = json_object_new_string_len(text.at ? text.at : "", (int)text.n);
    pf_buffer_release(&text);
    return json;
}
