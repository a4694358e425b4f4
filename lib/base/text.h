/* text.h - parse text from outside, and print it safely. */
#ifndef PF_TEXT_H
#define PF_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "error.h"

/** True if these bytes are a name as Kafka allows it: 1 to max letters, digits,
 * '.', '_' and '-'. */
bool pf_name_ok(const void *name, size_t len, size_t max);

/**
 * Write the len bytes at bytes to buf as printable ASCII: any other byte
 * becomes \n, \t, \r or \xNN. A backslash stays unchanged, so that escaping
 * twice is the same as once. What does not fit is cut, with "..." at the end.
 * buf always ends in a NUL; size is at least 4. Returns buf.
 */
const char *pf_escape(char *buf, size_t size, const void *bytes, size_t len);

/** Print len bytes as pf_escape() writes them, all of them. */
void pf_print_escaped(FILE *out, const void *bytes, size_t len);

/**
 * After getopt_long(3) returned '?' with these options of one character: what
 * it does not know. That may be a character in the middle of a word, before
 * which optind still is. size is 3 at least; buf is used for such a one.
 */
const char *pf_unknown_option(char *const *argv, const char *shorts, char *buf,
                              size_t size);

/**
 * Write a moment, milliseconds since 1970, to buf as 2026-11-20T22:07:03.274Z.
 * size is 25 at least. Returns its length, without the closing NUL.
 */
size_t pf_put_time(char *buf, size_t size, int64_t ms);

/** Write n in decimal to buf, which has room for PF_UINT_SIZE bytes. Returns
 * how many digits that were; no NUL follows them. */
#define PF_UINT_SIZE 20
size_t pf_put_uint(char *buf, uint64_t n);

/** Remove the blanks at both ends of text: all bytes up to ' ', as Java's
 * String.trim() does. Changes text; returns where the rest of it begins. */
char *pf_trim(char *text);

/** True if text is in quotes, of the same kind at both ends. */
bool pf_is_quoted(const char *text);

/** The end of a message such as "'...' is not a number": for a quoted value, as
 * lists in compose files produce them, the remedy; else "". */
const char *pf_quotes_hint(const char *value);

/**
 * Parse text as a whole number from min to max: decimal digits with an optional
 * minus. Blanks, units and empty text are refused.
 *
 * PF_FORMAT  text is not a whole number
 * PF_RANGE   it is outside min..max
 */
enum pf_rc pf_parse_int(const char *text, int64_t min, int64_t max,
                        int64_t *ret, struct pf_error *err);

/** The same for an unsigned 64-bit number. */
enum pf_rc pf_parse_uint(const char *text, uint64_t max, uint64_t *ret,
                         struct pf_error *err);

/**
 * The same for a decimal number such as "10", "0.5" or "1e6"; the decimal point
 * does not depend on the locale. Infinity, NaN and hexadecimal are refused.
 */
enum pf_rc pf_parse_number(const char *text, double min, double max,
                           double *ret, struct pf_error *err);

/**
 * Finds the name that a misspelt name most likely meant, among names offered
 * one by one: the one with the smallest edit distance, if that is at most a
 * third of the name's length.
 */
struct pf_nearest {
    const char *wanted; /* the misspelt name */
    const char *found;  /* best so far, borrowed; NULL: none is near */
    size_t distance;
};

static inline struct pf_nearest pf_nearest_init(const char *wanted)
{
    return (struct pf_nearest){.wanted = wanted, .distance = SIZE_MAX};
}

/** Offer a name. It stays the caller's and must outlive *nearest. */
void pf_nearest_offer(struct pf_nearest *nearest, const char *name);

/** "; did you mean 'feed.rate'?", or "" if no name was near. */
const char *pf_nearest_hint(const struct pf_nearest *nearest, char *buf,
                            size_t size);

/** True for a setting whose value must not appear in a log or listing. */
bool pf_is_secret(const char *name);

#endif
