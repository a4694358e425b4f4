/* record_keys.h - the keys of a topic's records, to tell which records have an
 * order: those of one key, one partition, and one life of a run. */
#ifndef PF_RECORD_KEYS_H
#define PF_RECORD_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vec.h"

/** A key in a partition and a life. */
struct pf_record_key {
    uint64_t sum; /* of the key's bytes; 0: no key */
    uint32_t slice, life;
    uint32_t first; /* the same key and life in the partition first seen */
};

/** Each has an index. Keys are told apart by 64 bits, and take 24 bytes and at
 * most 16 of the table. All zero: none. */
struct pf_record_keys {
    PF_VEC(struct pf_record_key) list;
    uint32_t *table; /* by sum and life, without a key by slice
                      * and life: index + 1; 0: free */
    size_t mask;
    bool moved; /* some key is in several partitions */
};

void pf_record_keys_release(struct pf_record_keys *keys);

/** The index of that key, which is added if it is new. key NULL: the records
 * of that partition without a key. PF_NONE if memory ran out. */
uint32_t pf_record_keys_find(struct pf_record_keys *keys, const void *key,
                             size_t len, uint32_t slice, uint32_t life);

#endif
