/* jq_value.h - JSON to a value of libjq's, and back.
 *
 * libjq takes what is not JSON (NaN, 5., two values, bytes that are not UTF-8),
 * changes some of it, and writes `<skipped: too deep>` where brackets are
 * nested more than 256 deep. Here nothing but JSON goes in, and nothing else
 * comes out. A value's numbers keep their digits with libjq 1.7 or later, in
 * the form of decNumber (4.50, 1E+2), as long as a program does not calculate
 * with them. Of members with the same name the last counts.
 */
#ifndef PF_JQ_VALUE_H
#define PF_JQ_VALUE_H

#include <jv.h>
#include <stddef.h>

#include "buffer.h"
#include "error.h"
#include "json_find.h"

/** Brackets within brackets, both ways; an object counts twice, as it does in
 * libjq's parser. */
#define PF_JQ_DEPTH_MAX 256

/**
 * Check that these bytes are one JSON value, and find members in it, as
 * pf_json_scan() does. Returns NULL, or one word for what is wrong: empty,
 * truncated, syntax, trailing, number or depth; *err then has a sentence.
 */
const char *pf_jq_check(const void *json, size_t len,
                        struct pf_json_find *finds, size_t n_finds,
                        struct pf_error *err);

/**
 * The value of bytes that pf_jq_check() has found good; jv_free() it.
 *
 * PF_FORMAT  libjq refuses them nevertheless, which is not known to happen
 */
enum pf_rc pf_jq_parse(const void *json, size_t len, jv *ret,
                       struct pf_error *err);

/**
 * Append value, which stays the caller's, to *out: as compact JSON with the
 * members in their order.
 *
 * PF_RANGE  it is nested too deeply; *out may have some of it
 */
enum pf_rc pf_jq_print(jv value, struct pf_buffer *out, struct pf_error *err);

/** The same, but a string is appended as its bytes. */
enum pf_rc pf_jq_print_text(jv value, struct pf_buffer *out,
                            struct pf_error *err);

#endif
