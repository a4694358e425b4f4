/* bad_lines.h - the elements of a batch that are not records. */
#ifndef PF_BAD_LINES_H
#define PF_BAD_LINES_H

#include <stddef.h>

#include "elements.h"
#include "refusal.h"

/** Most of them in a batch. */
#define PF_BAD_LINES 100

/** All zero: none. */
struct pf_bad_lines {
    struct pf_refusal refusals[PF_BAD_LINES];
    size_t n;
    char values[PF_BAD_LINES][PF_ELEMENT_SHOWN]; /* of those that are short */
};

/**
 * Refuse an element of that file as a source does (source.h): *record, which is
 * the caller's, becomes what stands for it in the batch. There must be room.
 */
void pf_bad_lines_add(struct pf_bad_lines *bad, const char *file,
                      const struct pf_element *element, const char *reason,
                      struct pf_record *record);

#endif
