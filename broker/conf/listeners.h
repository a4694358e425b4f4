/* listeners.h - Kafka's lists of listeners, NAME://host:port,... */
#ifndef PF_LISTENERS_H
#define PF_LISTENERS_H

#include <stdbool.h>
#include <stddef.h>

#include "address.h"
#include "error.h"

#define PF_LISTENERS_MAX 16

/** One door of a broker. */
struct pf_listener {
    char name[64];           /* in capitals, as Kafka compares them */
    char host[PF_HOST_SIZE]; /* without the brackets of an IPv6 address; may be
                                empty */
    int port;                /* 1..65535 */
};

struct pf_listeners {
    struct pf_listener list[PF_LISTENERS_MAX];
    size_t n;
};

/**
 * Read a list, in which blanks around the commas do not matter, into *ret.
 *
 * PF_CONFIG  an element is no NAME://host:port, a name comes twice, or there
 *            are more than PF_LISTENERS_MAX; *ret is then undefined
 */
enum pf_rc pf_listeners_parse(const char *text, struct pf_listeners *ret,
                              struct pf_error *err);

/**
 * The list as Kafka reads it, in memory that the caller frees; NULL when
 * there is none.
 */
char *pf_listeners_format(const struct pf_listeners *listeners);

/** The listener of that name, or NULL. */
struct pf_listener *pf_listeners_find(struct pf_listeners *listeners,
                                      const char *name);

/** Add one at the end. PF_CONFIG: there are PF_LISTENERS_MAX already. */
enum pf_rc pf_listeners_add(struct pf_listeners *listeners, const char *name,
                            const char *host, int port, struct pf_error *err);

/**
 * The protocol that map, "NAME:PROTOCOL,...", has for the listener name: where
 * it begins in map, and *ret_len, its length. NULL if there is none.
 */
const char *pf_listeners_protocol(const char *map, const char *name,
                                  size_t *ret_len);

#endif
