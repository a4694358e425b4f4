/* proxy.h - forwards connections, through a poor network. */
#ifndef PF_PROXY_H
#define PF_PROXY_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "line.h"

/** What to connect, and how. */
struct proxy_conf {
    const char *routes; /* LISTEN=TO,..., each host:port */
    struct line_faults faults;
    size_t buffer;      /* most bytes in flight per connection and direction */
    size_t connections; /* most at once; others wait to be accepted */
    uint64_t seed;      /* of the random numbers */

    /* Each period ends with an outage, during which all connections, also new
     * ones, are reset. */
    int64_t outage_period_ns; /* 0: no outages */
    int64_t outage_ns;        /* at most the period; the same: always down */
};

struct proxy;

/**
 * Listen. *conf is borrowed and has to outlive *ret.
 *
 * PF_CONFIG  the routes are malformed, or a name has no address
 * PF_IO      an address is in use, or is not this machine's
 * PF_NOMEM   memory ran out
 */
enum pf_rc proxy_open(const struct proxy_conf *conf, struct proxy **ret,
                      struct pf_error *err);

/** Forward connections until a stop is asked for; then log what was done. */
enum pf_rc proxy_run(struct proxy *proxy, struct pf_error *err);

/** Reset all connections, and free the proxy. NULL is fine. */
void proxy_close(struct proxy *proxy);

#endif
