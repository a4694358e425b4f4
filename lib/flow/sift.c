#include "sift.h"

#include <stdlib.h>

static enum pf_rc grow(struct pf_sift *sift, size_t n, struct pf_error *err)
{
    if (n <= sift->size)
        return PF_OK;
    pf_sift_release(sift);
    sift->records = calloc(n, sizeof *sift->records);
    sift->from = calloc(n, sizeof *sift->from);
    sift->size = sift->records && sift->from ? n : 0;
    return sift->size ? PF_OK : pf_fail(err, PF_NOMEM, "a batch of %zu", n);
}

enum pf_rc pf_sift(struct pf_sift *sift, const struct pf_batch *batch,
                   struct pf_filtered *ret, struct pf_error *err)
{
    struct pf_output *out = &ret->outputs[0];
    size_t refused = 0;
    enum pf_rc rc;

    *ret = (struct pf_filtered){
        .outputs = {{.records = batch->records, .n = batch->n}},
        .refusals = batch->refusals,
        .n_refused = batch->n_refused};
    if (!batch->n_refused)
        return PF_OK;
    rc = grow(sift, batch->n, err);
    if (rc)
        return rc;
    *out = (struct pf_output){.records = sift->records, .from = sift->from};
    for (size_t i = 0; i < batch->n; i++) {
        if (refused < batch->n_refused &&
            batch->refusals[refused].record == &batch->records[i]) {
            refused++;
            continue;
        }
        sift->from[out->n] = (uint32_t)i;
        sift->records[out->n++] = batch->records[i];
    }
    return PF_OK;
}

void pf_sift_release(struct pf_sift *sift)
{
    free(sift->records);
    free(sift->from);
    *sift = (struct pf_sift){0};
}
