/* utf8.h - letters of UTF-8, as RFC 3629 has them. */
#ifndef PF_UTF8_H
#define PF_UTF8_H

#include <stddef.h>
#include <stdint.h>

/** What pf_utf8_decode() returns where there is no letter. */
enum { PF_UTF8_BAD = -1, PF_UTF8_CUT = -2 };

/**
 * The letter that begins at text, which has len bytes, at least 1; *ret_size
 * is how many of them are the letter's.
 *
 * PF_UTF8_BAD  no letter begins there: overlong forms, halves of surrogate
 *              pairs and what is beyond U+10FFFF are none; *ret_size is 1
 * PF_UTF8_CUT  the text ends within it; *ret_size is len
 */
int32_t pf_utf8_decode(const char *text, size_t len, size_t *ret_size);

#endif
