/* kafka_group.h - a member of a consumer group: which partitions it is given.
 *
 * The group decides; librdkafka tells it in a callback, from the call that
 * takes records. The callback only takes note. What was read is settled first;
 * then pf_kafka_group_apply() takes or gives away the partitions.
 */
#ifndef PF_KAFKA_GROUP_H
#define PF_KAFKA_GROUP_H

#include <librdkafka/rdkafka.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "error.h"

/** How long a member that ends by itself waits to commit and to leave: it can
 * only when a rebalance under way has ended, which takes the broker up to 3 s
 * when others are joining. */
#define PF_KAFKA_PATIENT_MS 5000

/** A change that was noted and not applied. Initialise it with zeros. */
struct pf_kafka_group {
    rd_kafka_topic_partition_list_t *list; /* owned; NULL: no change */
    bool come;                             /* they come; else they go */
    bool lost; /* they have gone: somebody else may read them already */

    /* It waits for the others to join, and its generation is about to change.
     * Set by a thread of librdkafka. */
    atomic_bool joins;

    rd_kafka_queue_t *answers; /* that nobody needs; NULL: nothing was asked */
};

/** Have group told what the group does, of the client that conf is for. It must
 * outlive that client, and is its opaque pointer from now on. */
void pf_kafka_group_watch(struct pf_kafka_group *group, rd_kafka_conf_t *conf);

/** Check a list of topics, as pf_kafka_group_join() takes it. PF_CONFIG: a name
 * in it is not legal, or is there twice. */
enum pf_rc pf_kafka_group_check(const char *topics, struct pf_error *err);

/** Is that topic in such a list? A list that could not be joined has none. */
bool pf_kafka_group_reads(const char *topics, const char *topic);

/**
 * Join the group for these topics: names separated by commas, or patterns that
 * begin with ^. Does not wait.
 *
 * PF_CONFIG  a name or a pattern is not legal
 */
enum pf_rc pf_kafka_group_join(rd_kafka_t *rk, const char *topics,
                               struct pf_error *err);

/** Apply the change, with the offsets in its list. PF_IO: librdkafka refuses.
 */
enum pf_rc pf_kafka_group_apply(struct pf_kafka_group *group, rd_kafka_t *rk,
                                struct pf_error *err);

/**
 * Have the leaders of these partitions read on at once: librdkafka pauses what
 * a member keeps while its group changes, and goes on up to a second later
 * (before 2.3 this does nothing). Does not wait. The list stays the caller's.
 */
void pf_kafka_group_wake(struct pf_kafka_group *group, rd_kafka_t *rk,
                         rd_kafka_topic_partition_list_t *kept);

/** Leave the group, so that others get its partitions at once, and not when the
 * session has timed out: for timeout_ms at most once a stop is asked for, else
 * for PF_KAFKA_PATIENT_MS. queue is the consumer's; what is left in it is
 * thrown away. False: the time was not enough, and a request is pending. */
bool pf_kafka_group_leave(struct pf_kafka_group *group, rd_kafka_t *rk,
                          rd_kafka_queue_t *queue, int timeout_ms);

/** Release what waking needs. Does nothing if that is nothing. */
void pf_kafka_group_close(struct pf_kafka_group *group);

#endif
