/* broker_listeners.h - the broker's listeners, completed for a feed. */
#ifndef PF_BROKER_LISTENERS_H
#define PF_BROKER_LISTENERS_H

#include <stdbool.h>

#include "error.h"
#include "listeners.h"
#include "settings.h"

/** Wishes of the machine that the feed runs on. */
struct pf_listener_wishes {
    const char *bind; /* address to use instead of "every address"; or NULL */
    int host_port;    /* port that HOST is advertised with; 0: unchanged */
    bool is_secure;   /* protocols, and what brokers use among themselves, are
                         pf_security_put()'s */
};

/**
 * Change the listener settings in server so that LOCAL exists and works, and
 * the wishes are met. A setting that needs no change keeps its source.
 * *ret_local is then the address of LOCAL for clients on this machine.
 *
 * PF_CONFIG  a list is malformed, two listeners have the same port, a listener
 *            has no protocol, or one is advertised that does not exist
 * PF_NOMEM   out of memory
 */
enum pf_rc pf_broker_listeners_settle(struct pf_settings *server,
                                      const struct pf_listener_wishes *wishes,
                                      struct pf_listener *ret_local,
                                      struct pf_error *err);

/**
 * Find LOCAL in settings that pf_broker_listeners_settle() has changed.
 *
 * PF_CONFIG  there is no LOCAL
 */
enum pf_rc pf_broker_listeners_local(const struct pf_settings *server,
                                     struct pf_listener *ret,
                                     struct pf_error *err);

#endif
