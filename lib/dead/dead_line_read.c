#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dead_letters.h"
#include "dead_line.h"
#include "headers.h"

static int digit(char c)
{
    return c >= 'A' && c <= 'Z'   ? c - 'A'
           : c >= 'a' && c <= 'z' ? c - 'a' + 26
           : c >= '0' && c <= '9' ? c - '0' + 52
           : c == '+'             ? 62
           : c == '/'             ? 63
                                  : -1;
}

/* A string with the bytes of this base64 (RFC 4648). NULL: it is not that, or
 * memory ran out. */
static struct json_object *from_base64(const char *text, size_t len)
{
    struct json_object *string = NULL;
    char *bytes = malloc(len / 4 * 3 + 1);
    size_t n = 0, padding = 0;
    bool good = bytes && len % 4 == 0;

    if (len && text[len - 1] == '=')
        padding = len > 1 && text[len - 2] == '=' ? 2 : 1;
    for (size_t i = 0; good && i < len; i += 4) {
        unsigned group = 0;

        for (size_t k = i; k < i + 4; k++) {
            int value = k < len - padding ? digit(text[k]) : 0;

            good &= value >= 0;
            group = group << 6 | (unsigned)value;
        }
        bytes[n++] = (char)(group >> 16);
        bytes[n++] = (char)(group >> 8);
        bytes[n++] = (char)group;
    }
    if (good)
        string = json_object_new_string_len(bytes, (int)(n - padding));
    free(bytes);
    return string;
}

/* The bytes of a member, which may be text or base64, or NULL. False: there is
 * no such member. */
static bool read_bytes(struct json_object *from, const char *name,
                       const void **ret, size_t *ret_len)
{
    struct json_object *member, *string;
    char other[40];

    *ret = NULL;
    *ret_len = 0;
    if (!json_object_object_get_ex(from, name, &member)) {
        snprintf(other, sizeof other, "%s_base64", name);
        if (!json_object_object_get_ex(from, other, &member) ||
            !json_object_is_type(member, json_type_string))
            return false;
        string = from_base64(json_object_get_string(member),
                             (size_t)json_object_get_string_len(member));
        if (!string || json_object_object_add(from, name, string))
            return false;
        member = string;
    }
    if (!member) /* null */
        return true;
    if (!json_object_is_type(member, json_type_string))
        return false;
    *ret = json_object_get_string(member);
    *ret_len = (size_t)json_object_get_string_len(member);
    return true;
}

/* A header of ours, of a member that is text or a whole number. */
static bool read_ours(struct json_object *from, const char *name,
                      const char *member, struct pf_header *ret)
{
    struct json_object *value;

    *ret = (struct pf_header){.name = name};
    if (json_object_object_get_ex(from, member, &value) &&
        json_object_is_type(value, json_type_int)) {
        ret->value = json_object_get_string(value);
        ret->len = strlen(ret->value);
        return true;
    }
    return read_bytes(from, member, &ret->value, &ret->len);
}

/* A header that the record had. */
static bool read_own(struct json_object *from, struct pf_header *ret)
{
    const void *name;
    size_t len;

    if (!json_object_is_type(from, json_type_object) ||
        !read_bytes(from, "name", &name, &len) || !name || strlen(name) != len)
        return false;
    ret->name = name;
    return read_bytes(from, "value", &ret->value, &ret->len);
}

static bool read_headers(struct json_object *from, struct pf_dead_line *ret)
{
    static const char *const ours[][2] = {
        {PF_HEADER_DEAD_KIND, "kind"},
        {PF_HEADER_DEAD_REASON, "reason"},
        {PF_HEADER_DEAD_TOPIC, "topic"},
        {PF_HEADER_DEAD_PARTITION, "partition"},
        {PF_HEADER_DEAD_OFFSET, "offset"},
        {PF_HEADER_DEAD_TIMESTAMP, "timestamp"},
    };
    struct json_object *list;
    struct pf_header *at;
    size_t n;

    if (!json_object_object_get_ex(from, "headers", &list) ||
        !json_object_is_type(list, json_type_array))
        return false;
    n = json_object_array_length(list);
    ret->at = at = calloc(n + PF_DEAD_HEADERS, sizeof *at);
    if (!at)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!read_own(json_object_array_get_idx(list, i), at++))
            return false;
    for (size_t i = 0; i < PF_DEAD_HEADERS; i++)
        if (!read_ours(from, ours[i][0], ours[i][1], at++))
            return false;
    if (!at[-1].value) /* no time */
        at[-1] = (struct pf_header){PF_HEADER_DEAD_TIMESTAMP, "-1", 2};
    ret->headers = (struct pf_headers){.at = ret->at, .n = n + PF_DEAD_HEADERS};
    return true;
}

enum pf_rc pf_dead_line_read(const char *line, size_t len,
                             struct pf_dead_line *ret, struct pf_error *err)
{
    struct pf_dead_line read = {0};
    struct pf_record *record = &read.record;
    struct json_tokener *tokener = json_tokener_new();

    if (!tokener)
        return pf_fail(err, PF_NOMEM, "a dead letter: out of memory");
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
    if (len < INT_MAX)
        read.object = json_tokener_parse_ex(tokener, line, (int)len);
    json_tokener_free(tokener);
    if (!json_object_is_type(read.object, json_type_object) ||
        !read_headers(read.object, &read) ||
        !read_bytes(read.object, "key", &record->key, &record->key_len) ||
        !read_bytes(read.object, "value", &record->value, &record->value_len)) {
        pf_dead_line_release(&read);
        return pf_fail(err, PF_FORMAT,
                       "it is not a dead letter: see docs/dead-letters.md");
    }
    record->offset = record->timestamp = -1;
    *ret = read;
    ret->record.headers = &ret->headers;
    ret->record.header_at = pf_headers_at;
    return PF_OK;
}

void pf_dead_line_release(struct pf_dead_line *line)
{
    free(line->at);
    json_object_put(line->object);
    *line = (struct pf_dead_line){0};
}
