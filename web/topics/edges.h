/* edges.h - the first offset of partitions, and the one after their last. */
#ifndef PF_WEB_EDGES_H
#define PF_WEB_EDGES_H

#include "questions.h"

/** The edges of some partitions, in the same order; those without a leader are
 * not among them. */
struct web_edges {
    rd_kafka_topic_partition_list_t *first, *end;
};

/** Ask for the edges of all partitions of these topics. *ret must be released
 * if true. */
bool web_edges_ask(struct web_ask *ask, const rd_kafka_metadata_topic_t *topics,
                   int n, struct web_edges *ret);
void web_edges_release(struct web_edges *edges);

/** How many records a topic's partitions have at most: transactions' markers
 * and what compaction has removed count, too. -1: not all have told. */
int64_t web_edges_records(const struct web_edges *edges,
                          const rd_kafka_metadata_topic_t *topic);

/** The ends of the partitions in wanted, which may be there twice, or no
 * longer: *ret, to be destroyed, has those that are in all, which are all
 * topics. */
bool web_ends_ask(struct web_ask *ask, const rd_kafka_metadata_t *all,
                  const rd_kafka_topic_partition_list_t *wanted,
                  rd_kafka_topic_partition_list_t **ret);

#endif
