/* variables.h - environment variables that an orchestrator has set. */
#ifndef PF_VARIABLES_H
#define PF_VARIABLES_H

#include <stdbool.h>

/**
 * True if variable, "NAME=value", is one that Kubernetes or Docker's links set
 * for a service. A service may have any name, so these can collide with our
 * own variables. For a service called feed they are FEED_SERVICE_HOST,
 * FEED_SERVICE_PORT, FEED_SERVICE_PORT_HTTP, FEED_PORT=tcp://10.0.0.9:9092,
 * FEED_PORT_9092_TCP, and the last with _PROTO, _PORT and _ADDR.
 *
 * NAME_PORT with an address in it is logged as a warning. The others come with
 * it and are never set by hand.
 */
bool pf_is_link_variable(const char *variable);

#endif
