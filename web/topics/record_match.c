#include "record_match.h"

#include <string.h>

#include "text_json.h"

static bool has_bytes(const void *bytes, size_t n, const char *text, size_t len)
{
    return bytes && memmem(bytes, n, text, len);
}

static bool has_text(const struct web_match *match,
                     const struct pf_record *record)
{
    const char *text = match->text;
    size_t len = match->text_len;
    struct pf_header header;

    if (!text || has_bytes(record->value, record->value_len, text, len) ||
        has_bytes(record->key, record->key_len, text, len))
        return true;
    for (size_t i = 0; pf_record_header_at(record, i, &header); i++)
        if (has_bytes(header.name, strlen(header.name), text, len) ||
            has_bytes(header.value, header.len, text, len))
            return true;
    return false;
}

static bool is_true(struct web_match *match, const struct pf_record *record)
{
    bool is = false;
    struct pf_error why;
    enum pf_rc rc = web_where_is_true(match->where, record, &is, &why);

    if (rc && rc != PF_FORMAT) {
        match->failed = true;
        match->failure = why;
    } else if (rc && !match->n_unsaid++) {
        match->unsaid_partition = record->partition;
        match->unsaid_offset = record->offset;
        match->unsaid_why = why;
    }
    return !rc && is;
}

bool web_match(struct web_match *match, const struct pf_record *record)
{
    return has_text(match, record) && (!match->where || is_true(match, record));
}

struct json_object *web_match_json(const struct web_match *match)
{
    const char *why = match->unsaid_why.text;
    struct json_object *json;

    if (!match->n_unsaid)
        return NULL;
    json = json_object_new_object();
    json_object_object_add(json, "count",
                           json_object_new_int64(match->n_unsaid));
    json_object_object_add(json, "partition",
                           json_object_new_int(match->unsaid_partition));
    json_object_object_add(json, "offset",
                           json_object_new_int64(match->unsaid_offset));
    json_object_object_add(json, "why", web_text_json(why, strlen(why)));
    return json;
}
