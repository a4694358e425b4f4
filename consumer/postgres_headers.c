#include "postgres_headers.h"

#include <stdint.h>
#include <string.h>

/* A copy begins with their number, a uint32_t; then comes one of these for
 * each, then the bytes: a name, its NUL, a value. A record has 1 GB at most, so
 * 32 bits are enough. */
struct entry {
    uint32_t name, value; /* where they begin, in bytes from the first name */
    uint32_t len;         /* of the value; NO_VALUE: NULL */
};

#define NO_VALUE UINT32_MAX

static size_t bytes_of(const struct pf_header *header)
{
    return strlen(header->name) + 1 + (header->value ? header->len : 0);
}

size_t pf_postgres_headers_size(const struct pf_record *record, size_t max)
{
    struct pf_header header;
    size_t n = 0, bytes = 0;

    for (; n < max && pf_record_header_at(record, n, &header); n++)
        bytes += bytes_of(&header);
    return n ? sizeof(uint32_t) + n * sizeof(struct entry) + bytes : 0;
}

void pf_postgres_headers_copy(const struct pf_record *record, size_t max,
                              char *to)
{
    struct pf_header header;
    uint32_t n = 0, used = 0;
    char *bytes;

    while (n < max && pf_record_header_at(record, n, &header))
        n++;
    memcpy(to, &n, sizeof n);
    to += sizeof n;
    bytes = to + n * sizeof(struct entry);
    for (size_t i = 0; i < n && pf_record_header_at(record, i, &header); i++) {
        size_t name_size = strlen(header.name) + 1;
        const struct entry entry = {used, used + (uint32_t)name_size,
                                    header.value ? (uint32_t)header.len
                                                 : NO_VALUE};

        memcpy(to + i * sizeof entry, &entry, sizeof entry);
        memcpy(bytes + entry.name, header.name, name_size);
        if (header.value && header.len)
            memcpy(bytes + entry.value, header.value, header.len);
        used += (uint32_t)bytes_of(&header);
    }
}

bool pf_postgres_header_at(const void *headers, size_t i, struct pf_header *ret)
{
    const char *at = headers, *bytes;
    struct entry entry;
    uint32_t n;

    memcpy(&n, at, sizeof n);
    if (i >= n)
        return false;
    at += sizeof n;
    bytes = at + n * sizeof entry;
    memcpy(&entry, at + i * sizeof entry, sizeof entry);
    *ret = (struct pf_header){.name = bytes + entry.name};
    if (entry.len != NO_VALUE) {
        ret->value = bytes + entry.value;
        ret->len = entry.len;
    }
    return true;
}
