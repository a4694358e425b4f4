#include "dead_line.h"

#include <json-c/json.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dead_letters.h"
#include "utf8.h"

#define STYLE (JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)

/* The len bytes in base64 (RFC 4648), as text. NULL: memory ran out. */
static char *to_base64(const unsigned char *bytes, size_t len)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *text = malloc((len + 2) / 3 * 4 + 1), *at = text;

    for (size_t i = 0; text && i < len; i += 3) {
        unsigned group = (unsigned)bytes[i] << 16;

        if (i + 1 < len)
            group |= (unsigned)bytes[i + 1] << 8;
        if (i + 2 < len)
            group |= bytes[i + 2];
        *at++ = digits[group >> 18];
        *at++ = digits[group >> 12 & 63];
        *at++ = i + 1 < len ? digits[group >> 6 & 63] : '=';
        *at++ = i + 2 < len ? digits[group & 63] : '=';
    }
    if (text)
        *at = '\0';
    return text;
}

/* Add a member with this value, which may be NULL: memory ran out. */
static bool add(struct json_object *to, const char *name,
                struct json_object *value)
{
    if (value && !json_object_object_add(to, name, value))
        return true;
    json_object_put(value);
    return false;
}

static bool is_ascii(const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)bytes[i] > 0x7f)
            return false;
    return true;
}

/* Add bytes as a member of that name, or of that name with _base64. */
static bool add_bytes_as(struct json_object *to, const char *name,
                         const void *bytes, size_t len, bool ascii)
{
    char other[40], *text;
    bool added;

    if (!bytes)
        return !json_object_object_add(to, name, NULL);
    if (len <= INT_MAX && pf_utf8_is_text(bytes, len) &&
        (!ascii || is_ascii(bytes, len)))
        return add(to, name, json_object_new_string_len(bytes, (int)len));
    snprintf(other, sizeof other, "%s_base64", name);
    text = to_base64(bytes, len);
    added = text && add(to, other, json_object_new_string(text));
    free(text);
    return added;
}

static bool add_bytes(struct json_object *to, const char *name,
                      const void *bytes, size_t len)
{
    return add_bytes_as(to, name, bytes, len, false);
}

static bool add_header(struct json_object *list, const struct pf_header *header,
                       bool ascii)
{
    struct json_object *object = json_object_new_object();

    if (object &&
        add_bytes_as(object, "name", header->name, strlen(header->name),
                     ascii) &&
        add_bytes_as(object, "value", header->value, header->len, ascii) &&
        !json_object_array_add(list, object))
        return true;
    json_object_put(object);
    return false;
}

/* A list of the record's first n headers. NULL: memory ran out. */
static struct json_object *list_headers(const struct pf_record *record,
                                        size_t n, bool ascii)
{
    struct json_object *list = json_object_new_array();
    struct pf_header header;

    for (size_t i = 0; list && i < n && pf_record_header_at(record, i, &header);
         i++)
        if (!add_header(list, &header, ascii)) {
            json_object_put(list);
            return NULL;
        }
    return list;
}

static bool add_time(struct json_object *to, int64_t ms)
{
    return ms < 0 ? !json_object_object_add(to, "timestamp", NULL)
                  : add(to, "timestamp", json_object_new_int64(ms));
}

static bool fill(struct json_object *to, const struct pf_record *letter,
                 const struct pf_dead_letter_parts *parts)
{
    return add_bytes(to, "kind", parts->kind.value, parts->kind.len) &&
           add_bytes(to, "reason", parts->reason.value, parts->reason.len) &&
           add_bytes(to, "topic", parts->topic.value, parts->topic.len) &&
           add(to, "partition", json_object_new_int(parts->partition)) &&
           add(to, "offset", json_object_new_int64(parts->offset)) &&
           add_time(to, parts->timestamp) &&
           add_bytes(to, "key", letter->key, letter->key_len) &&
           add_bytes(to, "value", letter->value, letter->value_len) &&
           add(to, "headers", list_headers(letter, parts->n_own, false));
}

enum pf_rc pf_dead_line_make(const struct pf_record *letter, char **ret,
                             size_t *ret_len, struct pf_error *err)
{
    struct pf_dead_letter_parts parts;
    struct json_object *object;
    enum pf_rc rc = pf_dead_letter_read(letter, &parts, err);
    const char *text = NULL;
    char *line = NULL;
    size_t len = 0;

    if (rc)
        return rc;
    object = json_object_new_object();
    if (object && fill(object, letter, &parts))
        text = json_object_to_json_string_length(object, STYLE, &len);
    if (text)
        line = malloc(len + 1);
    if (line)
        memcpy(line, text, len + 1);
    json_object_put(object);
    if (!line)
        return pf_fail(err, PF_NOMEM, "a dead letter: out of memory");
    *ret = line;
    *ret_len = len;
    return PF_OK;
}

char *pf_dead_line_headers(const struct pf_record *record, bool ascii)
{
    struct json_object *list = list_headers(record, SIZE_MAX, ascii);
    const char *text = list ? json_object_to_json_string_ext(list, STYLE)
                            : NULL;
    char *copy = text ? strdup(text) : NULL;

    json_object_put(list);
    return copy;
}
