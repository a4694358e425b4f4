/* known_names.h - the settings that another program knows, one a line. */
#ifndef PF_KNOWN_NAMES_H
#define PF_KNOWN_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

/** What a value of a setting is. */
enum pf_name_type {
    PF_NAME_ANY, /* text, a list, or nobody has told */
    PF_NAME_SHORT,
    PF_NAME_INT,
    PF_NAME_LONG,
    PF_NAME_BOOLEAN,
};

struct pf_known_name {
    char *text; /* owned; one that ends in a dot stands for all that begin so */
    enum pf_name_type type;
};

/** Names from a file such as broker/server-names.txt. */
struct pf_known_names {
    struct pf_known_name *list; /* owned */
    size_t n, size;
};

/**
 * Read the file at path, with "NAME" or "NAME TYPE" in a line, into *ret, which
 * is empty or released. Whatever the outcome, pf_known_names_release() it.
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

/** True if the program reads a number or a truth value there: an empty value
 * then means nothing. */
bool pf_known_name_has_type(const struct pf_known_names *names,
                            const char *name);

/**
 * Check that value, which has no blanks around it, is of the type of name, as
 * Java reads it: a whole number within its range, or true or false in whichever
 * case. Any value of a name without such a type is.
 *
 * PF_FORMAT, PF_RANGE  it is not
 */
enum pf_rc pf_known_name_check(const struct pf_known_names *names,
                               const char *name, const char *value,
                               struct pf_error *err);

/** "; did you mean 'broker.id'?", or "" when no known name is near. */
const char *pf_known_name_hint(const struct pf_known_names *names,
                               const char *name, char *buf, size_t size);

#endif
