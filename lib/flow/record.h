/* record.h - a record of a topic, as it passes through a program. */
#ifndef PF_RECORD_H
#define PF_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * One record. Its bytes are borrowed from whoever handed it over, for as long
 * as that one's contract says.
 */
struct pf_record {
    const char *topic; /* NULL: the sink's own */
    int32_t partition;
    int64_t offset;    /* its place in the partition, or in its source */
    int64_t timestamp; /* milliseconds since 1970, -1: none */
    bool appended;     /* that is when the broker took it, not when it was made
                        * or sent */
    int64_t made_ns;   /* nanoseconds since 1970, when its source made it; 0:
                        * when it is sent */
    const void *key;   /* NULL: no key */
    size_t key_len;
    const void *value; /* NULL: a tombstone, which is not an empty value */
    size_t value_len;
    const void *headers; /* in a form of its source's own; NULL: none */

    /* Look in headers, as pf_record_header() promises. */
    bool (*find_header)(const void *headers, const char *name,
                        const void **ret_value, size_t *ret_len);
};

/**
 * Find the last header of that name, as Kafka's own clients do when a name
 * comes twice. *ret_value then borrows its bytes, for as long as the record
 * lives; a header may have the value NULL, and any byte in it.
 *
 * Headers are looked for when somebody asks, and not built for each record:
 * most are never asked for any.
 */
static inline bool pf_record_header(const struct pf_record *record,
                                    const char *name, const void **ret_value,
                                    size_t *ret_len)
{
    return record->headers &&
           record->find_header(record->headers, name, ret_value, ret_len);
}

#endif
