/* json_scan.h - is it JSON, and where in it does a member stand?
 *
 * json-c builds a tree and forgets the bytes it came from. A recording's
 * records go on byte for byte, with nothing rewritten but a time: so what is
 * wanted are the places of one or two members, and nothing has to be built.
 */
#ifndef PF_JSON_SCAN_H
#define PF_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

/** Brackets within brackets: json-c's own default. */
#define PF_JSON_DEPTH_MAX 32

/** Names in a path, order.placed.at has three. */
#define PF_JSON_PATH_MAX 8

/** A member to look for, and where it was found. */
struct pf_json_find {
    /* Set by pf_json_find_init(). */
    const char *names[PF_JSON_PATH_MAX];
    size_t lens[PF_JSON_PATH_MAX];
    size_t n; /* names in the path; 0: nothing is looked for */

    /* Set by pf_json_scan(): the bytes of its value, quotes and brackets
     * included; at is NULL if it has no such member. */
    const char *at;
    size_t len;

    size_t matched; /* while it scans: names of the path that enclose us */
};

/**
 * Look for the member that path names, `at` or `order.at`: the names of
 * members within members, as they are written in the JSON. path is borrowed;
 * an empty one looks for nothing.
 *
 * PF_FORMAT  a name in it is empty, or there are too many
 */
enum pf_rc pf_json_find_init(struct pf_json_find *find, const char *path,
                             struct pf_error *err);

/**
 * Check that the len bytes at json are one JSON value, as RFC 8259 has it and
 * in UTF-8, and nothing else but blanks around it; and find members in it. Of
 * members with the same name the last counts.
 *
 * PF_FORMAT  it is none; what was found is then of no meaning
 */
enum pf_rc pf_json_scan(const char *json, size_t len,
                        struct pf_json_find *finds, size_t n_finds,
                        struct pf_error *err);

#endif
