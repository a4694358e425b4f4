#include "sift.h"

#include <stdlib.h>

#include "vec.h"

static enum pf_rc apply(struct pf_filter *filter,
                        const struct pf_record *records, size_t n,
                        struct pf_filtered *ret, struct pf_error *err)
{
    if (filter)
        return filter->ops->apply(filter, records, n, ret, err);
    *ret = (struct pf_filtered){.outputs = {{.records = records, .n = n}}};
    return PF_OK;
}

/* Collect the records that are not refused; returns how many. */
static size_t collect(struct pf_sift *sift, const struct pf_batch *batch)
{
    size_t refused = 0, n = 0;

    for (size_t i = 0; i < batch->n; i++) {
        if (refused < batch->n_refused &&
            batch->refusals[refused].record == &batch->records[i]) {
            refused++;
            continue;
        }
        sift->from[n] = (uint32_t)i;
        sift->records[n++] = batch->records[i];
    }
    return n;
}

/* What a number in the filter's result is in the batch. */
static bool give_back(struct pf_sift *sift, size_t which, struct pf_output *out)
{
    uint32_t **back = &sift->back[which];

    if (!pf_vec_room((void **)back, &sift->back_sizes[which], out->n,
                     sizeof **back))
        return false;
    for (size_t i = 0; i < out->n; i++)
        (*back)[i] = sift->from[out->from ? out->from[i] : i];
    out->from = *back;
    return true;
}

/* Both refusals, in the order of their records in the batch. */
static bool merge(struct pf_sift *sift, const struct pf_batch *batch,
                  struct pf_filtered *ret)
{
    size_t n = 0, all = batch->n_refused + ret->n_refused, next = 0;

    if (!pf_vec_room((void **)&sift->refusals, &sift->refusals_size, all,
                     sizeof *sift->refusals))
        return false;
    for (size_t i = 0; i < ret->n_refused; i++) {
        struct pf_refusal one = ret->refusals[i];

        one.record = &batch->records[sift->from[one.record - sift->records]];
        while (next < batch->n_refused &&
               batch->refusals[next].record < one.record)
            sift->refusals[n++] = batch->refusals[next++];
        sift->refusals[n++] = one;
    }
    while (next < batch->n_refused)
        sift->refusals[n++] = batch->refusals[next++];
    ret->refusals = sift->refusals;
    ret->n_refused = n;
    return true;
}

enum pf_rc pf_sift(struct pf_sift *sift, struct pf_filter *filter,
                   const struct pf_batch *batch, struct pf_filtered *ret,
                   struct pf_error *err)
{
    const struct pf_column columns[] = {PF_COLUMN(sift->records),
                                        PF_COLUMN(sift->from)};
    enum pf_rc rc;
    bool ok;

    if (!batch->n_refused)
        return apply(filter, batch->records, batch->n, ret, err);
    if (!pf_columns_room(&sift->size, batch->n, columns,
                         sizeof columns / sizeof *columns))
        return pf_fail(err, PF_NOMEM, "a batch of %zu", batch->n);
    rc = apply(filter, sift->records, collect(sift, batch), ret, err);
    if (rc)
        return rc;
    ok = merge(sift, batch, ret);
    for (size_t i = 0; i < PF_OUTPUTS_MAX && ok; i++)
        ok = give_back(sift, i, &ret->outputs[i]);
    return ok ? PF_OK : pf_fail(err, PF_NOMEM, "a batch of %zu", batch->n);
}

void pf_sift_release(struct pf_sift *sift)
{
    for (size_t i = 0; i < PF_OUTPUTS_MAX; i++)
        free(sift->back[i]);
    free(sift->records);
    free(sift->from);
    free(sift->refusals);
    *sift = (struct pf_sift){0};
}
