/* known_names.h - the settings that another program knows, one a line. */
#ifndef PF_KNOWN_NAMES_H
#define PF_KNOWN_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

/**
 * Names from a file such as broker/server-names.txt. One that ends in a dot
 * stands for all that begin so.
 */
struct pf_known_names {
    char **list; /* owned; each one owned, too */
    size_t n, size;
};

/**
 * Read the file at path into *ret, which is empty or released. Whatever the
 * outcome, pf_known_names_release() it.
 *
 * PF_IO     it cannot be read
 * PF_NOMEM  memory ran out
 */
enum pf_rc pf_known_names_read(const char *path, struct pf_known_names *ret,
                               struct pf_error *err);

void pf_known_names_release(struct pf_known_names *names);

/** True if the program knows name. */
bool pf_is_known_name(const struct pf_known_names *names, const char *name);

/**
 * The known name that differs from name only in capitals and dots: for a name
 * that was made from an environment variable, "client.port" for clientPort.
 * NULL if there is none. Borrowed from names.
 */
const char *pf_known_name_like(const struct pf_known_names *names,
                               const char *name);

/** "; did you mean 'broker.id'?", or "" when no known name is near. */
const char *pf_known_name_hint(const struct pf_known_names *names,
                               const char *name, char *buf, size_t size);

#endif
