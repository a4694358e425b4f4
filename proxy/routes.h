/* routes.h - where to listen for connections, and where to forward them. */
#ifndef PF_ROUTES_H
#define PF_ROUTES_H

#include <stddef.h>

#include "error.h"

#define ROUTES_MAX 16

/** A listener, and the address to which its connections are forwarded. */
struct route {
    const char *from, *to; /* host:port; borrowed from the routes' text */
    int fd;                /* listening socket; -1: not open */
};

struct routes {
    char *text; /* owned */
    struct route list[ROUTES_MAX];
    size_t n;
};

/**
 * Read LISTEN=TO,... into *ret and listen at each LISTEN.
 *
 * PF_CONFIG  an element is malformed, there are too many, or a name to listen
 *            at has no address
 * PF_IO      an address is in use, or is not this machine's
 * PF_NOMEM   memory ran out
 *
 * Whatever the outcome, routes_close() it.
 */
enum pf_rc routes_open(const char *text, struct routes *ret,
                       struct pf_error *err);

void routes_close(struct routes *routes);

#endif
