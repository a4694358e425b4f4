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
#include "json_find.h"

/** Brackets within brackets: json-c's own default. */
#define PF_JSON_DEPTH_MAX 32

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
