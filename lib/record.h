/* record.h - a record of a topic, as it passes through a program. */
#ifndef PF_RECORD_H
#define PF_RECORD_H

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
    const void *key;   /* NULL: no key */
    size_t key_len;
    const void *value; /* NULL: a tombstone, which is not an empty value */
    size_t value_len;
};

#endif
