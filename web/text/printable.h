/* printable.h - bytes from outside, as text that a page can show. */
#ifndef PF_PRINTABLE_H
#define PF_PRINTABLE_H

#include "buffer.h"

/**
 * Append n bytes as printable UTF-8. What is not a character, and a character
 * that controls a terminal or the direction of text, becomes \xNN for each of
 * its bytes; a tab stays. A backslash stays, too, as with pf_escape(): escaping
 * twice is the same as once.
 */
void web_printable(struct pf_buffer *to, const char *bytes, size_t n);

#endif
