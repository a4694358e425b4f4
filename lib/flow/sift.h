/* sift.h - what a source has refused does not go through the filter. */
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
    struct pf_record *records; /* those that are not refused, */
    uint32_t *from;            /* and which of the batch's they are */
    size_t size;
    uint32_t *back[PF_OUTPUTS_MAX]; /* the same for what the filter gives */
    size_t back_sizes[PF_OUTPUTS_MAX];
    struct pf_refusal *refusals; /* the source's and the filter's */
    size_t refusals_size;
};

/**
 * As the apply() of filter (NULL: records pass unchanged) with the records of
 * the batch, but for those that their source has refused: these are refused in
 * *ret. Nothing is copied if it has refused none.
 *
 * PF_NOMEM  memory ran out
 * other     the filter failed with this
 */
enum pf_rc pf_sift(struct pf_sift *sift, struct pf_filter *filter,
                   const struct pf_batch *batch, struct pf_filtered *ret,
                   struct pf_error *err);

void pf_sift_release(struct pf_sift *sift);

#endif
