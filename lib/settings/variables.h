/* variables.h - which environment variables were set by somebody else. */
#ifndef PF_VARIABLES_H
#define PF_VARIABLES_H

#include <stdbool.h>

/**
 * True if variable, "NAME=value", is one of those that Kubernetes and Docker's
 * links set for a service, whose name may be anything, so that any of our names
 * can be hit. For a service called feed they are FEED_SERVICE_HOST,
 * FEED_SERVICE_PORT, FEED_SERVICE_PORT_HTTP, FEED_PORT=tcp://10.0.0.9:9092,
 * FEED_PORT_9092_TCP, and the last with _PROTO, _PORT and _ADDR.
 *
 * The one with an address in NAME_PORT is logged as a warning; the others come
 * with it, and nobody sets them by hand.
 */
bool pf_is_link_variable(const char *variable);

#endif
