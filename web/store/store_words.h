/* store_words.h - values that are separated by commas: in.(a,b), or the key of
 * a row. */
#ifndef PF_WEB_STORE_WORDS_H
#define PF_WEB_STORE_WORDS_H

#include "error.h"
#include "vec.h"

/** All zero: none. */
struct web_words {
    PF_VEC(char *) list; /* each is owned */
};

void web_words_release(struct web_words *words);

/**
 * Split the n bytes at text at their commas. A value in double quotes may have
 * commas; within the quotes a backslash stands before a quote or a backslash
 * that belongs to the value. No bytes are no values.
 *
 * PF_FORMAT  a quote is not closed, or something follows it
 * PF_NOMEM   out of memory
 *
 * Whatever the outcome, release *ret, which is empty before.
 */
enum pf_rc web_words_split(const char *text, size_t n, struct web_words *ret,
                           struct pf_error *err);

#endif
