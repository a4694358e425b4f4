/* known_names.h - lists of the settings that another program knows. */
#ifndef PF_KNOWN_NAMES_H
#define PF_KNOWN_NAMES_H

#include <stddef.h>

#include "error.h"

struct pf_known_name {
    char *text; /* owned; with a dot at the end it is a prefix */
    const struct pf_name_type *type; /* of a number or a boolean; NULL: text,
                                        a list, or unknown */
};

/** Names from a file such as broker/server-names.txt. */
struct pf_known_names {
    struct pf_known_name *at; /* owned */
    size_t n, size;
};

/**
 * Read the file at path, one "NAME" or "NAME TYPE" a line, into *ret, which
 * must be empty or released. Whatever the outcome, release it with
 * pf_known_names_release().
 *
 * PF_IO     it cannot be read
 * PF_NOMEM  out of memory
 */
enum pf_rc pf_known_names_read(const char *path, struct pf_known_names *ret,
                               struct pf_error *err);

void pf_known_names_release(struct pf_known_names *names);

/** The entry for name, or NULL: the program does not know it. */
const struct pf_known_name *
pf_known_name_find(const struct pf_known_names *names, const char *name);

/**
 * The known name that differs from name only in capitals and dots, for a name
 * made from an environment variable: clientPort for "client.port". NULL if
 * there is none. Borrowed from names.
 */
const char *pf_known_name_like(const struct pf_known_names *names,
                               const char *name);

/**
 * Check that value, which has no blanks around it, has the type of name, as
 * Java reads it: a whole number within its range, or true or false in either
 * case. A name without such a type accepts any value.
 *
 * PF_FORMAT, PF_RANGE  it has another type
 */
enum pf_rc pf_known_name_check(const struct pf_known_names *names,
                               const char *name, const char *value,
                               struct pf_error *err);

/** "; did you mean 'broker.id'?", or "" if no known name is near. */
const char *pf_known_name_hint(const struct pf_known_names *names,
                               const char *name, char *buf, size_t size);

#endif
