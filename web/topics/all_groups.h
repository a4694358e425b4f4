/* all_groups.h - what Kafka tells of all groups. */
#ifndef PF_WEB_ALL_GROUPS_H
#define PF_WEB_ALL_GROUPS_H

#include "questions.h"
#include "vec.h"

/** All groups, with the positions that they have committed. */
struct web_all_groups {
    PF_VEC(char *) names; /* sorted */
    const rd_kafka_metadata_t *topics;
    rd_kafka_topic_partition_list_t **committed; /* of each; or NULL */
    rd_kafka_topic_partition_list_t *ends; /* of the partitions in these */
};

/** Ask for them. False: refused. Release *ret, which must be empty, in either
 * case. */
bool web_all_groups_ask(struct web_ask *ask, struct web_all_groups *ret);
void web_all_groups_release(struct web_all_groups *groups);

#endif
