/* topics_gone.h - does a broker still list topics that were deleted? */
#ifndef PF_BROKER_TOPICS_GONE_H
#define PF_BROKER_TOPICS_GONE_H

#include <stdint.h>

#include "cluster.h"
#include "ctl.h"

/**
 * Wait until none of these topics is in the list of any of the cluster's living
 * brokers. A broker tells what the controller told it last, so one that was
 * asked next would say that a deleted topic is there, and a program would start
 * with it.
 *
 * PF_IO     at deadline_ms, on the monotonic clock, a broker still lists one or
 *           does not answer
 * PF_NOMEM  out of memory
 */
enum pf_rc ctl_await_gone(const struct ctl *ctl,
                          const struct pf_cluster *cluster,
                          const char *const *topics, size_t n,
                          int64_t deadline_ms, struct pf_error *err);

#endif
