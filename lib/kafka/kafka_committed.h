/* kafka_committed.h - what a group has committed. */
#ifndef PF_KAFKA_COMMITTED_H
#define PF_KAFKA_COMMITTED_H

#include <librdkafka/rdkafka.h>

#include "error.h"

/**
 * Ask for what the group of rk has committed for the partitions of list, and
 * set their offsets (below 0: nothing) and metadata. Waits for timeout_ms
 * milliseconds at most. Of a transaction that is about to commit one, it is
 * not known until that has ended.
 *
 * PF_AGAIN  not known yet; *err says why
 * PF_IO     no access
 */
enum pf_rc pf_kafka_committed(rd_kafka_t *rk,
                              rd_kafka_topic_partition_list_t *list,
                              int timeout_ms, struct pf_error *err);

/** What was committed with a position, if it could be of a filter's making: a
 * copy, which is the caller's. NULL: nothing, or memory ran out. */
char *pf_kafka_committed_text(const rd_kafka_topic_partition_t *at);

#endif
