/* srvr.h - ask a ZooKeeper how it is. */
#ifndef PF_SRVR_H
#define PF_SRVR_H

#include <stddef.h>

/**
 * Send "srvr" to the ZooKeeper at address, and read its answer for up to ms
 * milliseconds. answer always ends in a NUL; it is empty if there was none, and
 * cut if it does not fit into size bytes.
 */
void pf_ask_srvr(const char *address, int ms, char *answer, size_t size);

#endif
