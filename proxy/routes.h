/* routes.h - where connections come in, and where they go on to. */
#ifndef PF_ROUTES_H
#define PF_ROUTES_H

#include <netdb.h>
#include <stddef.h>

#include "error.h"

#define ROUTES_MAX 16

/** One door, and the address behind it. */
struct route {
    char *from, *to; /* host:port */
    int fd;          /* listens; -1: not yet */
};

struct routes {
    struct route list[ROUTES_MAX];
    size_t n;
};

/**
 * Read LISTEN=TO,... into *ret and listen at each LISTEN.
 *
 * PF_CONFIG  an element is malformed, there are too many, or a name to listen
 *            at has no address
 * PF_IO      an address is taken, or is not this machine's
 * PF_NOMEM   memory ran out
 *
 * Whatever the outcome, routes_close() it.
 */
enum pf_rc routes_open(const char *text, struct routes *ret,
                       struct pf_error *err);

void routes_close(struct routes *routes);

/**
 * The addresses behind host:port, which the caller frees with
 * freeaddrinfo(3). May wait for a name server, for a second or two.
 *
 * PF_CONFIG  it is no host:port
 * PF_IO      nobody knows the name
 */
enum pf_rc routes_resolve(const char *address, int flags, struct addrinfo **ret,
                          struct pf_error *err);

#endif
