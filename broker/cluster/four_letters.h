/* four_letters.h - ask a ZooKeeper how it is, by one of its commands. */
#ifndef PF_FOUR_LETTERS_H
#define PF_FOUR_LETTERS_H

#include <stddef.h>

#include "zookeeper_security.h"

/**
 * Send command, such as "srvr", to the ZooKeeper at address, and read its
 * answer for up to ms milliseconds. tls says how to reach one that speaks TLS;
 * with {NULL} it is asked in plain text. answer always ends in a NUL; it is
 * empty if there was none, and cut if it does not fit into size bytes. The
 * caller ignores SIGPIPE.
 */
void pf_ask_zookeeper(const char *address, const struct pf_zookeeper_tls *tls,
                      const char *command, int ms, char *answer, size_t size);

#endif
