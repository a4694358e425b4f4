/* broker_listeners.h - the broker's doors, made fit for a feed. */
#ifndef PF_BROKER_LISTENERS_H
#define PF_BROKER_LISTENERS_H

#include "error.h"
#include "listeners.h"
#include "settings.h"

/** What the machine that the feed runs on wants of the listeners. */
struct pf_listener_wishes {
    const char *bind; /* address in the place of "every address"; or NULL */
    int host_port;    /* port that HOST is advertised with; 0: as it is */
};

/**
 * Change what server says about listeners so that LOCAL is there and works,
 * and the wishes are met; what needs no change keeps its source. *ret_local
 * is then the address of LOCAL for clients on this machine.
 *
 * PF_CONFIG  a list is malformed, two listeners have one port, a listener has
 *            no protocol, or one is advertised that is not there
 * PF_NOMEM   memory ran out
 */
enum pf_rc pf_broker_listeners_settle(struct pf_settings *server,
                                      const struct pf_listener_wishes *wishes,
                                      struct pf_listener *ret_local,
                                      struct pf_error *err);

/**
 * Find LOCAL in settings that have been settled.
 *
 * PF_CONFIG  it is not there
 */
enum pf_rc pf_broker_listeners_local(const struct pf_settings *server,
                                     struct pf_listener *ret,
                                     struct pf_error *err);

#endif
