/* json_find.h - the way to a value within JSON. */
#ifndef PF_JSON_FIND_H
#define PF_JSON_FIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

/** Names in a path; order.placed.at has three. */
#define PF_JSON_PATH_MAX 8

/** Bytes of a JSON Pointer with escapes in it. */
#define PF_JSON_ESCAPED_MAX 256

/** A member to look for, and where it was found. */
struct pf_json_find {
    /* Set by pf_json_find_init(). */
    const char *path;
    const char *names[PF_JSON_PATH_MAX];
    size_t lens[PF_JSON_PATH_MAX];
    size_t places[PF_JSON_PATH_MAX]; /* in an array; SIZE_MAX: none */
    size_t n; /* names in the path; 0: nothing is looked for */
    char own[PF_JSON_ESCAPED_MAX]; /* names without their escapes */

    /* Set by pf_json_scan(): the bytes of its value, quotes and brackets
     * included; at is NULL if it has no such member. Names are compared as they
     * are written: escaped, if one that may be on the way has an escape. */
    const char *at;
    size_t len;
    bool escaped;

    size_t matched; /* while it scans: names of the path that enclose us */
};

/**
 * Look for what path leads to: `at` or `order.at`, the names of members within
 * members, as they are written in the JSON. A number is also a place in an
 * array, from 0: `data.0.at`. A path that begins with a slash is a JSON Pointer
 * (RFC 6901), which can have any name: `/data/0/last.at`, where ~1 stands for
 * a slash and ~0 for a ~. path is borrowed; an empty one looks for nothing.
 * *find points into itself, so a copy of it finds nothing.
 *
 * PF_FORMAT  a name in it is empty or malformed, or there are too many; or it
 *            has escapes and is too long
 */
enum pf_rc pf_json_find_init(struct pf_json_find *find, const char *path,
                             struct pf_error *err);

#endif
