/* record.h - a record of a topic. */
#ifndef PF_RECORD_H
#define PF_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** A header of a record. Its value may be NULL and may contain any byte. */
struct pf_header {
    const char *name;
    const void *value;
    size_t len;
};

/** The partition of a record that its key decides. */
#define PF_BY_KEY (-1)

/**
 * One record. Its bytes are borrowed from the function that returned it, for
 * as long as that function's contract says.
 */
struct pf_record {
    const char *topic; /* NULL: the sink's topic */
    int32_t partition;
    int64_t offset;    /* its place in the partition, or in its source */
    int64_t timestamp; /* milliseconds since 1970, -1: none */
    bool appended;     /* timestamp is the broker's append time, not the time
                        * when it was made or sent */
    int64_t made_ns;   /* when its source made it, in nanoseconds since 1970; 0:
                        * when it is sent */
    const void *key;   /* NULL: no key */
    size_t key_len;
    const void *value; /* NULL: a tombstone, which is not an empty value */
    size_t value_len;

    /* Its headers, in a form of its source's own (NULL: none), and how to look
     * at one: sets *ret to header i, from 0 on; false: there are no more. They
     * are not parsed for each record: most are never asked for one. */
    const void *headers;
    bool (*header_at)(const void *headers, size_t i, struct pf_header *ret);
};

/** Look at header i of a record, from 0 on; false: there are no more. */
static inline bool pf_record_header_at(const struct pf_record *record, size_t i,
                                       struct pf_header *ret)
{
    return record->headers && record->header_at(record->headers, i, ret);
}

/**
 * Find the last header of that name, as Kafka's own clients do if a name occurs
 * twice. *ret then borrows from the record.
 */
static inline bool pf_record_header(const struct pf_record *record,
                                    const char *name, struct pf_header *ret)
{
    struct pf_header header;
    bool found = false;

    for (size_t i = 0; pf_record_header_at(record, i, &header); i++)
        if (!strcmp(header.name, name)) {
            *ret = header;
            found = true;
        }
    return found;
}

/** Copy a header's value to buf as text. False: it has none, it does not fit
 * with its end, or there is a NUL in it. */
static inline bool pf_header_text(const struct pf_header *header, char *buf,
                                  size_t size)
{
    if (!header->value || header->len >= size ||
        memchr(header->value, '\0', header->len))
        return false;
    memcpy(buf, header->value, header->len);
    buf[header->len] = '\0';
    return true;
}

/** Headers that are made here: n of them. */
struct pf_headers {
    const struct pf_header *at;
    size_t n;
};

/** The header_at() of a record whose headers are such a struct. */
static inline bool pf_headers_at(const void *headers, size_t i,
                                 struct pf_header *ret)
{
    const struct pf_headers *h = headers;

    if (i >= h->n)
        return false;
    *ret = h->at[i];
    return true;
}

#endif
