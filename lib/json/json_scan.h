/* json_scan.h - is it JSON, and where in it does a member stand?
 *
 * json-c builds a tree and forgets the bytes it came from. A recording's
 * records go on byte for byte, with nothing rewritten but a time: so what is
 * wanted are the places of one or two members, and nothing has to be built.
 * Of a price json-c builds the tree, but takes what is not JSON even when it
 * is told to be strict (0.16 and 0.18: single quotes, NaN, "5.", "00.5"), and
 * then refuses letters beyond ASCII (0.18, its issue 875): it gets only what
 * has passed here.
 */
#ifndef PF_JSON_SCAN_H
#define PF_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"
#include "json_find.h"

/** Brackets within brackets: json-c's own default. */
#define PF_JSON_DEPTH_MAX 32

/** What is wrong with a text that is not JSON. */
enum pf_json_fault {
    PF_JSON_GOOD,     /* nothing */
    PF_JSON_CUT,      /* it ends too early */
    PF_JSON_SYNTAX,   /* it is not JSON */
    PF_JSON_TRAILING, /* more bytes after the value */
    PF_JSON_NUMBER,   /* NaN, Infinity, 5. and the like */
    PF_JSON_RANGE,    /* a whole number of more than 64 bits */
    PF_JSON_DEPTH,    /* brackets nested too deeply */
};

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

/**
 * The same for what libjq parses next: with brackets that deep at most, where
 * an object counts twice, as it does there. Half of a surrogate pair, which
 * libjq would change, is refused, too. *err is filled unless it is
 * PF_JSON_GOOD, and so is *ret_at (NULL: not wanted): how many bytes come
 * before what is wrong.
 */
enum pf_json_fault pf_json_scan_deep(const char *json, size_t len, size_t depth,
                                     struct pf_json_find *finds, size_t n_finds,
                                     size_t *ret_at, struct pf_error *err);

/**
 * The same check for what json-c parses next, and a refusal of what json-c
 * would change: half of a surrogate pair, a whole number of more than 64 bits,
 * a NUL in a name of the outermost object. *ret_names is how many members that
 * object has, each counted that has the name of another one; it is left alone
 * unless the text is good.
 */
enum pf_json_fault pf_json_check(const char *json, size_t len,
                                 size_t *ret_names, struct pf_error *err);

#endif
