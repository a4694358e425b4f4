/* listeners.h - Kafka's lists of listeners, NAME://host:port,... */
#ifndef PF_LISTENERS_H
#define PF_LISTENERS_H

#include <stdbool.h>
#include <stddef.h>

#include "address.h"
#include "error.h"

#define PF_LISTENERS_MAX 16

/** One listener of a broker. */
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
 * Read a list into *ret. Blanks around the commas do not matter.
 *
 * PF_CONFIG  an element is not NAME://host:port, a name occurs twice, or there
 *            are more than PF_LISTENERS_MAX; *ret is then undefined
 */
enum pf_rc pf_listeners_parse(const char *text, struct pf_listeners *ret,
                              struct pf_error *err);

/** A list as Kafka reads it; it is never cut. */
struct pf_listeners_text {
    char text[PF_LISTENERS_MAX * (sizeof(struct pf_listener) + 16)];
};

struct pf_listeners_text
pf_listeners_format(const struct pf_listeners *listeners);

/** The listener of that name, or NULL. */
struct pf_listener *pf_listeners_find(struct pf_listeners *listeners,
                                      const char *name);

/** Add one at the end. PF_CONFIG: there are PF_LISTENERS_MAX already. */
enum pf_rc pf_listeners_add(struct pf_listeners *listeners, const char *name,
                            const char *host, int port, struct pf_error *err);

/**
 * Find the protocol of the listener name in map, "NAME:PROTOCOL,...". Returns
 * where it begins in map, with its length in *ret_len. NULL: there is none.
 */
const char *pf_listeners_protocol(const char *map, const char *name,
                                  size_t *ret_len);

#endif
