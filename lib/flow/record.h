/* record.h - a record of a topic. */
#ifndef PF_RECORD_H
#define PF_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
    const void *headers; /* in a form of its source's own; NULL: none */

    /* Look in headers, as pf_record_header() promises. */
    bool (*find_header)(const void *headers, const char *name,
                        const void **ret_value, size_t *ret_len);
};

/**
 * Find the last header of that name, as Kafka's own clients do if a name occurs
 * twice. *ret_value then borrows its bytes, for as long as the record lives. A
 * header's value may be NULL and may contain any byte.
 *
 * Headers are searched on demand, not parsed for each record: most records
 * are never asked for one.
 */
static inline bool pf_record_header(const struct pf_record *record,
                                    const char *name, const void **ret_value,
                                    size_t *ret_len)
{
    return record->headers &&
           record->find_header(record->headers, name, ret_value, ret_len);
}

#endif
