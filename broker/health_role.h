/* health_role.h - when one part of a feed, a role of pf-init, is healthy. */
#ifndef PF_HEALTH_ROLE_H
#define PF_HEALTH_ROLE_H

#include <librdkafka/rdkafka.h>

#include "ctl.h"
#include "role_note.h"

/**
 * Say in one sentence, on standard output, that the role of note is healthy.
 *
 * - a broker: it answers, is known to the others, there is a controller, and of
 *   no partition that it keeps it is missing among those in sync
 * - ZooKeeper: it serves, so most of its ensemble is there
 * - a producer: it is on schedule, or has finished
 * - a consumer: it has its partitions, and is not behind or makes progress
 * - connect: all connectors run, and each file of one is in use
 * - others: they run
 *
 * PF_IO  it is not; *err says why
 */
enum pf_rc health_of_role(const struct ctl *ctl,
                          const struct pf_role_note *note,
                          struct pf_error *err);

/** Of how many partitions that broker id keeps it is not in sync. */
int health_behind(const struct rd_kafka_metadata *known, int32_t id);

#endif
