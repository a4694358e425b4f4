/* connection.h - a client, the server behind it, and a line each way. */
#ifndef PF_CONNECTION_H
#define PF_CONNECTION_H

#include <netdb.h>
#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "line.h"

struct connection;

/**
 * Connect client, a socket that was accepted and does not block, to the first
 * of addresses that answers, through two lines of size bytes. epoll is told
 * what is waited for, with tag as its data.
 *
 * Takes client and addresses (of getaddrinfo(3)) over, whatever the outcome;
 * faults stays the caller's and outlives the connection.
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
 * PF_OK     there is more to come: call again when epoll has tag, and at
 *           connection_due_ns()
 * PF_END    both sides have ended, and all has arrived
 * PF_IO     it is broken, by chance, by a side, or because no server answers;
 *           *err says which
 */
enum pf_rc connection_turn(struct connection *c, int64_t now_ns,
                           struct pf_error *err);

/** When to call connection_turn() at the latest; INT64_MAX: never. */
int64_t connection_due_ns(const struct connection *c);

/** Bytes that have gone through, both ways. */
uint64_t connection_bytes(const struct connection *c);

/** True once a line broke by chance. */
bool connection_was_cut(const struct connection *c);

/**
 * Close it: with reset both sides see a connection that was reset, and lose
 * what they have not yet read. NULL is fine.
 */
void connection_close(struct connection *c, bool reset);

#endif
