#include "value_filter.h"

#include <stdlib.h>

#include "buffer.h"
#include "vec.h"

struct value_filter {
    struct pf_filter base;

    /* Of the last batch: the values, one after the other; where each ends, and
     * which record it is of; and these as records. */
    struct pf_buffer text;
    PF_VEC(size_t) ends;
    PF_VEC(uint32_t) from;
    PF_VEC(struct pf_record) made;
    PF_VEC(struct pf_refusal) refusals;
};

/* Take record number i of the batch. False: memory ran out. */
static bool take(struct value_filter *f, const struct pf_record *record,
                 size_t i)
{
    struct pf_refusal refusal = {.record = record, .kind = "tombstone"};

    if (!record->value) {
        pf_fail(&refusal.reason, PF_FORMAT, "no value (a tombstone)");
        return PF_VEC_PUSH(&f->refusals, refusal);
    }
    pf_buffer_escape(&f->text, record->value, record->value_len, SIZE_MAX);
    return !f->text.failed && PF_VEC_PUSH(&f->ends, f->text.n) &&
           PF_VEC_PUSH(&f->from, (uint32_t)i) && PF_VEC_PUSH(&f->made, *record);
}

/* The texts do not move any more. */
static void set_values(struct value_filter *f)
{
    size_t begin = 0;

    for (size_t i = 0; i < f->made.n; i++) {
        f->made.at[i].value = f->text.at ? f->text.at + begin : "";
        f->made.at[i].value_len = f->ends.at[i] - begin;
        begin = f->ends.at[i];
    }
}

static enum pf_rc value_apply(struct pf_filter *base,
                              const struct pf_record *records, size_t n,
                              struct pf_filtered *ret, struct pf_error *err)
{
    struct value_filter *f = (struct value_filter *)base;

    f->text.n = f->ends.n = f->from.n = f->made.n = f->refusals.n = 0;
    for (size_t i = 0; i < n; i++)
        if (!take(f, &records[i], i))
            return pf_fail(err, PF_NOMEM, "values: out of memory");
    set_values(f);
    *ret = (struct pf_filtered){
        .outputs = {{f->made.at, f->made.n, f->from.at}},
        .refusals = f->refusals.at,
        .n_refused = f->refusals.n};
    return PF_OK;
}

static void value_close(struct pf_filter *base)
{
    struct value_filter *f = (struct value_filter *)base;

    pf_buffer_release(&f->text);
    free(f->ends.at);
    free(f->from.at);
    free(f->made.at);
    free(f->refusals.at);
    free(f);
}

static const struct pf_filter_ops value_ops = {
    .apply = value_apply,
    .close = value_close,
};

enum pf_rc pf_value_filter_open(struct pf_filter **ret, struct pf_error *err)
{
    struct value_filter *f = calloc(1, sizeof *f);

    if (!f)
        return pf_fail(err, PF_NOMEM, "values: out of memory");
    f->base.ops = &value_ops;
    *ret = &f->base;
    return PF_OK;
}
