#include "where_wire.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "clock.h"

/* Most messages are smaller: they come with one call. */
#define PIECE 16384

/* A record, before its topic, key, value and headers. A length of -1 stands for
 * NULL. */
struct wire_record {
    int64_t offset, timestamp, key_len, value_len;
    int32_t partition;
    uint32_t n_headers;
};

void web_wire_begin(struct pf_buffer *out, uint32_t code)
{
    const struct web_wire_head head = {.code = code};

    out->n = 0;
    pf_buffer_put(out, &head, sizeof head);
}

void web_wire_end(struct pf_buffer *out)
{
    uint32_t size = (uint32_t)(out->n - sizeof(struct web_wire_head));

    if (!out->failed)
        memcpy(out->at + offsetof(struct web_wire_head, size), &size,
               sizeof size);
}

static int64_t length(const void *at, size_t len)
{
    return at ? (int64_t)len : -1;
}

static void put_bytes(struct pf_buffer *out, const void *at, size_t len)
{
    if (at)
        pf_buffer_put(out, at, len);
}

/* With its NUL. */
static void put_text(struct pf_buffer *out, const char *text)
{
    pf_buffer_put(out, text, strlen(text) + 1);
}

static void put_header(struct pf_buffer *out, const struct pf_header *header)
{
    int64_t len = length(header->value, header->len);

    pf_buffer_put(out, &len, sizeof len);
    put_text(out, header->name);
    put_bytes(out, header->value, header->len);
}

void web_wire_put(struct pf_buffer *out, const struct pf_record *record,
                  bool whole)
{
    struct wire_record wire = {
        .offset = record->offset,
        .timestamp = record->timestamp,
        .key_len = whole ? length(record->key, record->key_len) : -1,
        .value_len = length(record->value, record->value_len),
        .partition = record->partition,
    };
    struct pf_header header;

    while (whole && pf_record_header_at(record, wire.n_headers, &header))
        wire.n_headers++;
    pf_buffer_put(out, &wire, sizeof wire);
    put_text(out, record->topic);
    if (wire.key_len >= 0)
        put_bytes(out, record->key, record->key_len);
    put_bytes(out, record->value, record->value_len);
    for (size_t i = 0; i < wire.n_headers; i++)
        if (pf_record_header_at(record, i, &header))
            put_header(out, &header);
}

/* The next n bytes at *at; -1: NULL. */
static const char *take_bytes(const char **at, int64_t n)
{
    const char *bytes = *at;

    if (n < 0)
        return NULL;
    *at += n;
    return bytes;
}

static const char *take_text(const char **at)
{
    return take_bytes(at, (int64_t)strlen(*at) + 1);
}

static struct pf_header take_header(const char **at)
{
    struct pf_header header;
    int64_t len;

    memcpy(&len, take_bytes(at, sizeof len), sizeof len);
    header.name = take_text(at);
    header.value = take_bytes(at, len);
    header.len = len < 0 ? 0 : (size_t)len;
    return header;
}

bool web_wire_take(const char *bytes, struct web_wire_record *ret)
{
    struct wire_record wire;

    memcpy(&wire, take_bytes(&bytes, sizeof wire), sizeof wire);
    ret->record = (struct pf_record){
        .topic = take_text(&bytes),
        .partition = wire.partition,
        .offset = wire.offset,
        .timestamp = wire.timestamp,
        .key_len = wire.key_len < 0 ? 0 : (size_t)wire.key_len,
        .value_len = wire.value_len < 0 ? 0 : (size_t)wire.value_len,
        .headers = &ret->headers,
        .header_at = pf_headers_at,
    };
    ret->record.key = take_bytes(&bytes, wire.key_len);
    ret->record.value = take_bytes(&bytes, wire.value_len);
    ret->list.n = 0;
    for (uint32_t i = 0; i < wire.n_headers; i++)
        if (!PF_VEC_PUSH(&ret->list, take_header(&bytes)))
            return false;
    ret->headers = (struct pf_headers){.at = ret->list.at, .n = ret->list.n};
    return true;
}

void web_wire_release(struct web_wire_record *record)
{
    free(record->list.at);
    *record = (struct web_wire_record){0};
}

bool web_wire_send(int fd, const struct pf_buffer *message)
{
    size_t sent = 0;

    while (sent < message->n) {
        ssize_t n = send(fd, message->at + sent, message->n - sent,
                         MSG_NOSIGNAL);

        if (n < 0 && errno != EINTR)
            return false;
        sent += n < 0 ? 0 : (size_t)n;
    }
    return true;
}

/* Receive some more bytes, n at most. */
static enum pf_rc receive_some(int fd, struct pf_buffer *in, size_t n,
                               int64_t deadline_ms)
{
    char piece[PIECE];
    ssize_t got;

    do
        got = recv(fd, piece, n < sizeof piece ? n : sizeof piece, 0);
    while (got < 0 && (errno == EINTR || errno == EAGAIN) &&
           pf_left_ms(deadline_ms));
    if (got <= 0)
        return got < 0 && (errno == EINTR || errno == EAGAIN) ? PF_AGAIN
                                                              : PF_END;
    pf_buffer_put(in, piece, (size_t)got);
    return in->failed ? PF_NOMEM : PF_OK;
}

enum pf_rc web_wire_receive(int fd, struct pf_buffer *in, size_t most,
                            int64_t deadline_ms)
{
    struct web_wire_head head;
    enum pf_rc rc = PF_OK;

    in->n = 0;
    while (!rc && in->n < sizeof head)
        rc = receive_some(fd, in, PIECE, deadline_ms);
    if (rc)
        return rc;
    memcpy(&head, in->at, sizeof head);
    if (head.size > most)
        return PF_FORMAT;
    while (!rc && in->n < sizeof head + head.size)
        rc = receive_some(fd, in, sizeof head + head.size - in->n, deadline_ms);
    return rc;
}
