/* sift.h - what goes on of a batch without a filter. */
#ifndef PF_SIFT_H
#define PF_SIFT_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "filter.h"
#include "source.h"

/** Room for the records of a batch of which some are refused. All zero: none,
 * with nothing to free. Members are private to sift.c. */
struct pf_sift {
    struct pf_record *records; /* size of them */
    uint32_t *from;
    size_t size;
};

/**
 * As a filter's apply(): the records of the batch, but for those that their
 * source has refused. Nothing is copied if it has refused none.
 *
 * PF_NOMEM  memory ran out
 */
enum pf_rc pf_sift(struct pf_sift *sift, const struct pf_batch *batch,
                   struct pf_filtered *ret, struct pf_error *err);

void pf_sift_release(struct pf_sift *sift);

#endif
