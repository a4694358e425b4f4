/* proxy.h - connections from here to there, through a poor network. */
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
    size_t buffer;      /* bytes under way on a connection, each way */
    size_t connections; /* at once, at most; others wait to be accepted */
    uint64_t seed;      /* of chance */

    /* Once in each period the network is away: connections are reset, and
     * new ones too, for as long as the outage takes, which is its end. */
    int64_t outage_period_ns; /* 0: never */
    int64_t outage_ns;        /* at most the period */
};

struct proxy;

/**
 * Listen. *conf stays the caller's and outlives *ret.
 *
 * PF_CONFIG  the routes are malformed, or a name has no address
 * PF_IO      an address is taken, or is not this machine's
 * PF_NOMEM   memory ran out
 */
enum pf_rc proxy_open(const struct proxy_conf *conf, struct proxy **ret,
                      struct pf_error *err);

/** Connect who comes, until a stop is asked for; then say what was done. */
enum pf_rc proxy_run(struct proxy *proxy, struct pf_error *err);

/** Reset all that is connected. NULL is fine. */
void proxy_close(struct proxy *proxy);

#endif
