/* elements.h - cuts JSON Lines, or one JSON array, into elements.
 *
 * Bytes are put in as they arrive, in pieces of any size. An element is the
 * text of one JSON value from its first byte to its last: line ends, the
 * separators of an array and surrounding blanks are not part of it. Only
 * brackets and quotes are looked at, so an element need not be valid JSON.
 * One that is not does no harm to the others, unless a bracket or quote is
 * missing in it.
 */
#ifndef PF_ELEMENTS_H
#define PF_ELEMENTS_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

enum pf_form {
    PF_FORM_AUTO,  /* an array if the first byte that is not blank is [ */
    PF_FORM_LINES, /* one element per line; empty lines are skipped */
    PF_FORM_ARRAY,
};

/** Bytes that are kept of an element that is too long. */
#define PF_ELEMENT_SHOWN 256

struct pf_element {
    const char *at;
    size_t len;
    uint64_t line;   /* on which it begins, from 1 */
    const char *bad; /* why it cannot be used; NULL: no reason known yet */
};

struct pf_elements;

/**
 * limit is the most bytes that an element may have. A longer one is bad, and
 * only its first bytes are kept, until the next call.
 *
 * PF_NOMEM  memory ran out; it needs limit bytes and about 64 KiB, never more
 */
enum pf_rc pf_elements_new(enum pf_form form, size_t limit,
                           struct pf_elements **ret, struct pf_error *err);

/** Freeing NULL does nothing. */
void pf_elements_free(struct pf_elements *elements);

/**
 * Where to put the next bytes: *ret_size of them at most, which is at least
 * one. All elements returned so far become invalid.
 */
char *pf_elements_room(struct pf_elements *elements, size_t *ret_size);

/** len bytes have been put there; 0: no more will come. */
void pf_elements_put(struct pf_elements *elements, size_t len);

/**
 * The next element.
 *
 * PF_OK     *ret is it; borrowed until the next pf_elements_room()
 * PF_AGAIN  more bytes are needed
 * PF_END    there are no more
 */
enum pf_rc pf_elements_next(struct pf_elements *elements,
                            struct pf_element *ret);

/** The first line on which the next element may begin. */
uint64_t pf_elements_line(const struct pf_elements *elements);

/** Start again, at the first byte of the same or another text. */
void pf_elements_reset(struct pf_elements *elements);

#endif
