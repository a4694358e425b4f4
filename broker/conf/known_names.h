/* known_names.h - lists of the settings that another program knows. */
#ifndef PF_KNOWN_NAMES_H
#define PF_KNOWN_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

/** The type of a setting's value. */
enum pf_name_type {
    PF_NAME_ANY, /* text, a list, or unknown */
    PF_NAME_SHORT,
    PF_NAME_INT,
    PF_NAME_LONG,
    PF_NAME_BOOLEAN,
};

struct pf_known_name {
    char *text; /* owned; with a dot at the end it is a prefix */
    enum pf_name_type type;
};

/** Names from a file such as broker/server-names.txt. */
struct pf_known_names {
    struct pf_known_name *list; /* owned */
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

/** True if the program knows name. */
bool pf_is_known_name(const struct pf_known_names *names, const char *name);

/**
 * The known name that differs from name only in capitals and dots, for a name
 * made from an environment variable: clientPort for "client.port". NULL if
 * there is none. Borrowed from names.
 */
const char *pf_known_name_like(const struct pf_known_names *names,
                               const char *name);

/** True if the setting is a number or a boolean, for which an empty value means
 * nothing. */
bool pf_known_name_has_type(const struct pf_known_names *names,
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
