#include "log_object.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "log_line.h"
#include "text.h"
#include "utf8.h"

#define PROGRAM_MAX 60 /* bytes of a program's name */
#define END_SIZE 60    /* for "... (N bytes more)", and the object's end */

/* The object so far. */
struct object {
    char *buf;
    size_t n;
};

static void put(struct object *object, const char *text)
{
    size_t len = strlen(text);

    memcpy(object->buf + object->n, text, len);
    object->n += len;
}

/* One character as it is written within quotes; returns its length. */
static size_t quote(char to[24], int32_t code, const char *bytes, size_t size)
{
    size_t n = 0;

    if (code == '"' || code == '\\')
        return (size_t)sprintf(to, "\\%c", (char)code);
    if (code == '\n' || code == '\t')
        return (size_t)sprintf(to, "\\%c", code == '\n' ? 'n' : 't');
    if (pf_utf8_is_shown(code)) {
        memcpy(to, bytes, size);
        return size;
    }
    for (size_t i = 0; i < size; i++)
        n += (size_t)sprintf(to + n, "\\\\x%02x", (unsigned char)bytes[i]);
    return n;
}

/* Returns how many of the n bytes there was room for, below limit. */
static size_t put_quoted(struct object *object, const char *bytes, size_t n,
                         size_t limit)
{
    size_t at = 0, size;

    for (; at < n; at += size) {
        char quoted[24];
        int32_t code = pf_utf8_decode(bytes + at, n - at, &size);
        size_t len = quote(quoted, code, bytes + at, size);

        if (object->n + len > limit)
            break;
        memcpy(object->buf + object->n, quoted, len);
        object->n += len;
    }
    return at;
}

size_t log_object_write(char buf[static LOG_OBJECT_SIZE],
                        const struct log_record *record)
{
    struct object object = {.buf = buf};
    size_t program_n = record->program_n;
    uint64_t cut;

    if (program_n > PROGRAM_MAX)
        program_n = PROGRAM_MAX;
    put(&object, "{\"time\":\"");
    object.n += pf_put_time(buf + object.n, 32, record->time_ms);
    put(&object, "\",\"level\":\"");
    put(&object, pf_log_level_name(record->level));
    put(&object, "\",\"program\":\"");
    put_quoted(&object, record->program, program_n, LOG_OBJECT_SIZE / 2);
    put(&object, "\",\"message\":\"");
    cut = record->n -
          put_quoted(&object, record->text, record->n,
                     LOG_OBJECT_SIZE - END_SIZE) +
          record->cut;
    if (cut)
        object.n += (size_t)sprintf(buf + object.n,
                                    "... (%" PRIu64 " bytes more)", cut);
    put(&object, "\"}\n");
    return object.n;
}
