#include "record_json.h"

#include <string.h>

#include "text.h"
#include "text_json.h"
#include "utf8.h"

/* How many of size bytes are shown, if at most most are: whole characters. */
static size_t cut(const char *bytes, size_t size, size_t most, bool is_text)
{
    if (size <= most)
        return size;
    while (is_text && most && ((unsigned char)bytes[most] & 0xc0) == 0x80)
        most--;
    return most;
}

/* Bytes NULL are none; an empty value may have any address. */
static struct web_bytes keep(struct pf_buffer *kept, const void *bytes,
                             size_t size, size_t most)
{
    struct web_bytes b = {.is_there = bytes != NULL};

    if (!bytes)
        return b;
    b.size = size;
    b.is_text = pf_utf8_is_text(bytes, size);
    b.n = cut(bytes, size, most, b.is_text);
    b.at = kept->n;
    pf_buffer_put(kept, bytes, b.n);
    return b;
}

static void keep_headers(struct web_record *ret, const struct pf_record *record,
                         size_t most)
{
    struct pf_header header;
    size_t i;

    for (i = 0; pf_record_header_at(record, i, &header); i++) {
        struct web_header h;

        if (i >= WEB_HEADERS || !most) {
            ret->headers_left++;
            continue;
        }
        h.name = keep(&ret->kept, header.name, strlen(header.name), most);
        most -= h.name.n;
        h.value = keep(&ret->kept, header.value, header.len, most);
        most -= h.value.n;
        if (!PF_VEC_PUSH(&ret->headers, h))
            ret->failed = true;
    }
}

void web_record_keep(struct web_record *ret, const struct pf_record *record,
                     size_t most)
{
    ret->kept.n = ret->headers.n = ret->headers_left = 0;
    ret->partition = record->partition;
    ret->offset = record->offset;
    ret->timestamp = record->timestamp;
    ret->appended = record->appended;
    ret->key = keep(&ret->kept, record->key, record->key_len, most);
    ret->value = keep(&ret->kept, record->value, record->value_len, most);
    keep_headers(ret, record, 2 * most);
    ret->failed |= ret->kept.failed;
}

void web_record_release(struct web_record *record)
{
    pf_buffer_release(&record->kept);
    free(record->headers.at);
    *record = (struct web_record){0};
}

static struct json_object *hex_json(const unsigned char *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    char *text = malloc(2 * n + 1);
    struct json_object *json;

    if (!text)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    json = json_object_new_string_len(text, (int)(2 * n));
    free(text);
    return json;
}

static struct json_object *bytes_json(const struct web_record *record,
                                      const struct web_bytes *bytes)
{
    const char *at = record->kept.at ? record->kept.at + bytes->at : "";
    struct json_object *json;

    if (!bytes->is_there)
        return NULL;
    json = json_object_new_object();
    if (bytes->is_text)
        json_object_object_add(json, "text",
                               json_object_new_string_len(at, (int)bytes->n));
    else
        json_object_object_add(json, "hex",
                               hex_json((const unsigned char *)at, bytes->n));
    json_object_object_add(json, "size",
                           json_object_new_int64((int64_t)bytes->size));
    if (bytes->n < bytes->size)
        json_object_object_add(json, "cut", json_object_new_boolean(true));
    return json;
}

static struct json_object *headers_json(const struct web_record *record)
{
    struct json_object *list = json_object_new_array();

    for (size_t i = 0; i < record->headers.n; i++) {
        const struct web_header *h = &record->headers.at[i];
        struct json_object *one = json_object_new_object();

        json_object_object_add(one, "name", bytes_json(record, &h->name));
        json_object_object_add(one, "value", bytes_json(record, &h->value));
        json_object_array_add(list, one);
    }
    return list;
}

struct json_object *web_record_json(const struct web_record *record)
{
    const char *type = record->timestamp < 0 ? "none"
                       : record->appended    ? "append"
                                             : "create";
    struct json_object *json;

    if (record->failed)
        return NULL;
    json = json_object_new_object();
    json_object_object_add(json, "partition",
                           json_object_new_int(record->partition));
    json_object_object_add(json, "offset",
                           json_object_new_int64(record->offset));
    json_object_object_add(json, "time", web_time_json(record->timestamp));
    json_object_object_add(json, "timestamp_type",
                           json_object_new_string(type));
    json_object_object_add(json, "key", bytes_json(record, &record->key));
    json_object_object_add(json, "value", bytes_json(record, &record->value));
    json_object_object_add(json, "headers", headers_json(record));
    if (record->headers_left)
        json_object_object_add(
            json, "headers_left",
            json_object_new_int64((int64_t)record->headers_left));
    return json;
}
