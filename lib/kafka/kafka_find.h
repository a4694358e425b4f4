/* kafka_find.h - what a group has committed, for a sink that keeps positions
 * there: a job for a thread of its own (worker.h). */
#ifndef PF_KAFKA_FIND_H
#define PF_KAFKA_FIND_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>

#include "error.h"
#include "source.h"

/** What was found. While a job is under way, it is that job's. */
struct pf_kafka_find {
    rd_kafka_t *consumer; /* of the group */

    /* The one partition that is looked for, and what was told of all that were
     * found: partitions borrow the metadata. Both are owned. */
    rd_kafka_topic_partition_list_t *sought, *told;

    enum pf_rc rc; /* the result of the last job */
    struct pf_error err;
};

/** *ret, all zero, is for the positions of consumer's group, which stays the
 * caller's. */
void pf_kafka_find_init(struct pf_kafka_find *ret, rd_kafka_t *consumer);

/** Free what it owns. */
void pf_kafka_find_release(struct pf_kafka_find *find);

/** The job: ask what the group has committed for what is sought. A context is a
 * struct pf_kafka_find. */
void pf_kafka_find_ask(void *context);

/* These do not wait, and must not be called during a job. */

/** Has that partition been sought, and not been told? If not, it is from now
 * on: do pf_kafka_find_ask(). */
bool pf_kafka_find_seeks(struct pf_kafka_find *find,
                         const struct pf_partition *partition);

/** Tell what was found, as the position() of a sink. PF_AGAIN: seek it again.
 */
enum pf_rc pf_kafka_find_tell(struct pf_kafka_find *find,
                              struct pf_partition *partition,
                              struct pf_error *err);

#endif
