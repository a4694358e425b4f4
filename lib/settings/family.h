/* family.h - settings of one kind, any number of them, that a user names: all
 * of feed.lookup.NAME. */
#ifndef PF_FAMILY_H
#define PF_FAMILY_H

#include <stddef.h>

#include "error.h"
#include "settings.h"

/** One of them. */
struct pf_relative {
    char *setting;    /* its whole name */
    const char *name; /* the end of that, which is its own */
    char *value;
    char *where; /* for messages, as in struct pf_setting */
};

/** Those that are set, in their order. All zero: none. It owns them. */
struct pf_family {
    struct pf_relative *at;
    size_t n, size;
};

/** What the names of a family such as "feed.lookup.NAME" begin with: how many
 * bytes, up to the last dot. */
size_t pf_family_common(const char *family);

/** The end of name that is its own in this family, which has no dot; NULL: it
 * is not of it. */
const char *pf_family_own(const char *family, const char *name);

/**
 * Add those that are in settings.
 *
 * PF_NOMEM  out of memory; *ret has some of them
 */
enum pf_rc pf_family_add(struct pf_family *ret, const char *family,
                         const struct pf_settings *settings,
                         struct pf_error *err);

/** It is empty again. */
void pf_family_release(struct pf_family *family);

#endif
