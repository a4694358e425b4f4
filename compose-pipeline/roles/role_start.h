/* role_start.h - the processes of a role. */
#ifndef PF_ROLE_START_H
#define PF_ROLE_START_H

#include <sys/types.h>

#include "role_checks.h"

/**
 * Start a process that waits for what the role needs (role_wait.h), first for
 * its certificates in a secure cluster, then for who has to answer, and for its
 * rights, and
 * becomes its program; log (-1: none) is its standard error, and that of a JVM
 * its standard output, too. It leads a group of its own: the terminal's signals
 * come to us only. If we are killed, so is it, as all of a container is.
 *
 * Returns the process; 0: there is none, and *err says why.
 */
pid_t role_start(const struct role *role, const struct role_needs *needs,
                 int log, struct pf_error *err);

/**
 * Start `pf-broker topic` beside a broker, the same way: it makes the topic of
 * the prices once the broker answers, with the number of partitions and of
 * replicas that are the broker's defaults. All brokers of a cluster do that.
 * The controller grants the first request once there are as many brokers as the
 * topic has replicas, and for the others it is there.
 *
 * Returns the process; 0: there is none.
 */
pid_t role_start_topic(int log);

/**
 * Start pf-connect beside Kafka Connect, whose REST API is at url, the same
 * way: it puts the connectors of PF_CONFIG/connectors, and looks after them.
 * What it says is for our own standard error.
 *
 * Returns the process; 0: there is none.
 */
pid_t role_start_connectors(const struct pf_places *places, const char *url);

#endif
