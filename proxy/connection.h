/* connection.h - a client, its server, and a line in each direction. */
#ifndef PF_CONNECTION_H
#define PF_CONNECTION_H

#include <netdb.h>
#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "line.h"

struct connection;

/**
 * Connect client, an accepted non-blocking socket, to the first of addresses
 * that answers, through two lines of size bytes each. Sockets are added to
 * epoll with tag as their data.
 *
 * Takes over client and addresses (from getaddrinfo(3)), whatever the outcome;
 * faults is borrowed and has to outlive the connection.
 *
 * PF_NOMEM  memory ran out
 */
enum pf_rc connection_open(int client, struct addrinfo *addresses, int epoll,
                           uint64_t tag, const struct line_faults *faults,
                           size_t size, uint64_t seed, struct connection **ret,
                           struct pf_error *err);

/**
 * Do what can be done now, without waiting.
 *
 * PF_OK     not finished: call again when epoll reports tag, and at
 *           connection_due_ns()
 * PF_END    both sides have closed, and everything has been delivered
 * PF_IO     it is broken: by chance, by one side, or because no server
 *           answers; *err says which
 */
enum pf_rc connection_turn(struct connection *c, int64_t now_ns,
                           struct pf_error *err);

/** When to call connection_turn() at the latest; INT64_MAX: never. */
int64_t connection_due_ns(const struct connection *c);

/** Bytes passed on, in both directions together. */
uint64_t connection_bytes(const struct connection *c);

/** True if a line was broken by chance. */
bool connection_was_cut(const struct connection *c);

/**
 * Close it. With reset, both sides see a reset connection and lose what they
 * have not read yet. NULL is fine.
 */
void connection_close(struct connection *c, bool reset);

#endif
