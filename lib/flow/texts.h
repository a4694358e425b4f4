/* texts.h - records that a filter makes, whose values are texts one behind the
 * other in one buffer. */
#ifndef PF_TEXTS_H
#define PF_TEXTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "filter.h"
#include "vec.h"

/** Of one batch. All zero: none. Append each value to text; the others are
 * private to texts.c. */
struct pf_texts {
    struct pf_buffer text;
    size_t ended; /* bytes of it that are records' values */
    PF_VEC(struct pf_record) made;
    PF_VEC(uint32_t) from;
};

/** A new batch: what the last one gave is no longer valid. */
void pf_texts_begin(struct pf_texts *texts);

/** What was appended since the last call is the value of a record that is
 * otherwise like this one, made of record number from of the batch. False:
 * memory ran out. */
bool pf_texts_end(struct pf_texts *texts, const struct pf_record *like,
                  size_t from);

/** All of them, borrowed until the next batch. */
struct pf_output pf_texts_give(struct pf_texts *texts);

void pf_texts_release(struct pf_texts *texts);

#endif
