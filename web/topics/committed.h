/* committed.h - the positions that groups have committed. */
#ifndef PF_WEB_COMMITTED_H
#define PF_WEB_COMMITTED_H

#include "questions.h"

/**
 * Ask for the positions of n groups. lists[i], to be destroyed, has those of
 * groups[i]; it is NULL if Kafka does not tell them. False: refused, and lists
 * has none.
 */
bool web_committed_ask(struct web_ask *ask, const char *const *groups, size_t n,
                       rd_kafka_topic_partition_list_t **lists);

/** How many records a group at these positions has still to read: at most, as
 * offsets need not be dense. Topics that are gone do not count. */
int64_t web_committed_lag(const rd_kafka_topic_partition_list_t *committed,
                          const rd_kafka_topic_partition_list_t *ends);

#endif
