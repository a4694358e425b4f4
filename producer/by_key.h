/* by_key.h - a filter for records whose keys decide their partitions: it sets
 * them, and leaves out what a partition has already. */
#ifndef PF_BY_KEY_H
#define PF_BY_KEY_H

#include <librdkafka/rdkafka.h>
#include <stddef.h>

#include "filter.h"
#include "fnv.h"
#include "run_sink.h"

/** The partition, of n, of a record with that key: the one that Kafka's Java
 * clients choose. All records without a key go to one, that of an empty key. */
static inline int32_t pf_partition_of(const void *key, size_t key_len, size_t n)
{
    return rd_kafka_msg_partitioner_murmur2(NULL, key, key_len, (int32_t)n,
                                            NULL, NULL);
}

/** Tells keys apart. No key is the same as an empty one. */
static inline uint64_t pf_key_hash(const void *key, size_t key_len)
{
    return pf_fnv_bytes(PF_FNV_BEGIN, key, key_len);
}

/**
 * Open the filter for a topic with these n partitions; they are borrowed. They
 * are counted once: a topic that gets more of them while the filter is open has
 * all records of a key in one partition nevertheless. Records from number count
 * on are left out, too; 0: none are.
 *
 * That a partition has all of its records before its number is known of another
 * start, whose records may have had other keys. So the source has to begin
 * before the lowest of the numbers above 0, and to go on to the highest:
 * apply() sees the last record of each partition again. It and wake() fail with
 *
 * PF_FATAL  that record has another key now, or there is none
 *
 * and this function with
 *
 * PF_NOMEM  out of memory
 */
enum pf_rc pf_by_key_filter_open(const struct pf_place *places, size_t n,
                                 uint64_t count, struct pf_filter **ret,
                                 struct pf_error *err);

#endif
