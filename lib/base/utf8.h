/* utf8.h - characters in UTF-8 (RFC 3629). */
#ifndef PF_UTF8_H
#define PF_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What pf_utf8_decode() returns if there is no character. */
enum { PF_UTF8_BAD = -1, PF_UTF8_CUT = -2 };

/**
 * Decode the character at the beginning of text, which has len bytes, at least
 * 1. Returns its code point and sets *ret_size to its length in bytes.
 *
 * PF_UTF8_BAD  no character begins there, which includes overlong forms,
 *              halves of surrogate pairs and values beyond U+10FFFF; *ret_size
 *              is 1
 * PF_UTF8_CUT  the text ends within the character; *ret_size is len
 */
int32_t pf_utf8_decode(const char *text, size_t len, size_t *ret_size);

/** True if all len bytes are characters, and none of them a NUL. */
bool pf_utf8_is_text(const char *bytes, size_t len);

/** True if this code point can be shown anywhere: it neither controls a
 * terminal nor turns the direction of text nor ends a line. False for codes
 * below 0. */
bool pf_utf8_is_shown(int32_t code);

#endif
