#include "postgres_batch.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dead_letters.h"
#include "postgres_headers.h"

/* A batch with this many bytes is full, unless a single record is longer. */
#define BYTES_MAX (8 * 1024 * 1024)

static enum pf_rc no_memory(struct pf_error *err)
{
    return pf_fail(err, PF_NOMEM, "postgres: out of memory");
}

/* Move the bytes to larger memory, and adjust the records' pointers. */
static enum pf_rc make_room(struct pf_postgres_batch *batch, size_t len,
                            struct pf_error *err)
{
    size_t room = batch->room ? batch->room : 65536;
    char *bytes;

    while (room < batch->used + len)
        room *= 2;
    if (room == batch->room)
        return PF_OK;
    bytes = malloc(room);
    if (!bytes)
        return no_memory(err);
    if (batch->used)
        memcpy(bytes, batch->bytes, batch->used);
    for (size_t i = 0; i < batch->n; i++) {
        struct pf_record *r = &batch->records[i];

        if (r->key)
            r->key = bytes + ((const char *)r->key - batch->bytes);
        if (r->value)
            r->value = bytes + ((const char *)r->value - batch->bytes);
        if (r->headers)
            r->headers = bytes + ((const char *)r->headers - batch->bytes);
    }
    free(batch->bytes);
    batch->bytes = bytes;
    batch->room = room;
    return PF_OK;
}

static const void *copy(struct pf_postgres_batch *batch, const void *bytes,
                        size_t len)
{
    char *to = batch->bytes + batch->used;

    if (!bytes)
        return NULL;
    if (len)
        memcpy(to, bytes, len);
    batch->used += len;
    return to;
}

/* A record's first max headers, of size bytes in all. */
static const void *copy_headers(struct pf_postgres_batch *batch,
                                const struct pf_record *record, size_t max,
                                size_t size)
{
    char *to = batch->bytes + batch->used;

    if (!size)
        return NULL;
    pf_postgres_headers_copy(record, max, to);
    batch->used += size;
    return to;
}

/* Why this dead letter was put aside. *ret_n of its headers are those of its
 * record, which was made at *ret_time. */
static enum pf_rc read_letter(const struct pf_record *record,
                              struct pf_postgres_letter *ret, size_t *ret_n,
                              int64_t *ret_time, struct pf_error *err)
{
    struct pf_dead_letter_parts parts;
    enum pf_rc rc = pf_dead_letter_read(record, &parts, err);

    if (rc)
        return rc;
    snprintf(ret->kind, sizeof ret->kind, "%.*s", (int)parts.kind.len,
             (const char *)parts.kind.value);
    pf_fail(&ret->reason, PF_FORMAT, "%s: %.*s", ret->kind,
            (int)parts.reason.len, (const char *)parts.reason.value);
    *ret_n = parts.n_own;
    *ret_time = parts.timestamp;
    return PF_OK;
}

enum pf_rc pf_postgres_batch_add(struct pf_postgres_batch *batch, size_t max,
                                 const struct pf_record *record,
                                 struct pf_error *err)
{
    struct pf_postgres_letter letter = {.index = batch->n};
    bool is_letter = pf_dead_letter_is(record);
    size_t n_headers = batch->keeps_headers ? SIZE_MAX : 0;
    size_t headers_size, len;
    int64_t time_ms = record->timestamp;
    struct pf_record *to;
    enum pf_rc rc = PF_OK;

    if (batch->n >= max)
        return PF_AGAIN;
    if (is_letter)
        rc = read_letter(record, &letter, &n_headers, &time_ms, err);
    if (rc)
        return rc;
    headers_size = pf_postgres_headers_size(record, n_headers);
    len = record->key_len + record->value_len + headers_size;
    if (batch->n && batch->used + len > BYTES_MAX)
        return PF_AGAIN;
    if (!pf_vec_room((void **)&batch->records, &batch->size, batch->n + 1,
                     sizeof *to) ||
        (is_letter && !PF_VEC_PUSH(&batch->letters, letter)))
        return no_memory(err);
    rc = make_room(batch, len, err);
    if (rc)
        return rc;
    to = &batch->records[batch->n++];
    *to = *record;
    to->timestamp = time_ms;
    to->key = copy(batch, record->key, record->key_len);
    to->value = copy(batch, record->value, record->value_len);
    to->headers = copy_headers(batch, record, n_headers, headers_size);
    to->header_at = pf_postgres_header_at;
    return PF_OK;
}

void pf_postgres_batch_clear(struct pf_postgres_batch *batch)
{
    batch->n = batch->used = batch->letters.n = 0;
}

void pf_postgres_batch_release(struct pf_postgres_batch *batch)
{
    free(batch->records);
    free(batch->bytes);
    free(batch->letters.at);
    *batch = (struct pf_postgres_batch){0};
}
