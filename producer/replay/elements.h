/* elements.h - JSON Lines, or one JSON array, cut into its elements.
 *
 * Bytes go in as they come, in pieces of any size. An element is the text of
 * one JSON value from its first byte to its last: line ends, the separators
 * of an array and blanks around it are no part of it. Cutting looks at
 * brackets and quotes alone: whether an element is JSON is not asked here,
 * and what is not spoils no other element unless it has a bracket or quote
 * too few.
 */
#ifndef PF_ELEMENTS_H
#define PF_ELEMENTS_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

enum pf_form {
    PF_FORM_AUTO,  /* an array, if the first byte that is no blank is a [ */
    PF_FORM_LINES, /* an element a line; empty lines are none */
    PF_FORM_ARRAY,
};

struct pf_element {
    const char *at;
    size_t len;
    uint64_t line;   /* on which it begins, from 1 */
    const char *bad; /* why it cannot be used; NULL: nothing is known */
};

struct pf_elements;

/**
 * limit is how many bytes an element may have. Of a longer one only the first
 * few are kept, to be shown, and it is bad.
 *
 * PF_NOMEM  memory ran out: limit and some 64 KiB are needed, no more ever
 */
enum pf_rc pf_elements_new(enum pf_form form, size_t limit,
                           struct pf_elements **ret, struct pf_error *err);

/** Freeing NULL does nothing. */
void pf_elements_free(struct pf_elements *elements);

/**
 * Where the next bytes go: *ret_size of them at most, at least one. Ends the
 * life of all elements given till now.
 */
char *pf_elements_room(struct pf_elements *elements, size_t *ret_size);

/** So many bytes have been put there; 0: there will be no more. */
void pf_elements_put(struct pf_elements *elements, size_t len);

/**
 * The next element.
 *
 * PF_OK     *ret is it; its bytes are borrowed until room is asked for
 * PF_AGAIN  more bytes are needed
 * PF_END    none ever again
 */
enum pf_rc pf_elements_next(struct pf_elements *elements,
                            struct pf_element *ret);

/** The line on which the next element begins at the earliest. */
uint64_t pf_elements_line(const struct pf_elements *elements);

/** Begin anew, with the first byte of the same or another text. */
void pf_elements_reset(struct pf_elements *elements);

#endif
