#include "value_filter.h"

#include <stdlib.h>

#include "texts.h"

struct value_filter {
    struct pf_filter base;

    struct pf_texts texts;              /* of the last batch, */
    PF_VEC(struct pf_refusal) refusals; /* likewise */
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
    pf_buffer_escape(&f->texts.text, record->value, record->value_len,
                     SIZE_MAX);
    return pf_texts_end(&f->texts, record, i);
}

static enum pf_rc value_apply(struct pf_filter *base,
                              const struct pf_record *records, size_t n,
                              struct pf_filtered *ret, struct pf_error *err)
{
    struct value_filter *f = (struct value_filter *)base;

    pf_texts_begin(&f->texts);
    f->refusals.n = 0;
    for (size_t i = 0; i < n; i++)
        if (!take(f, &records[i], i))
            return pf_fail(err, PF_NOMEM, "values: out of memory");
    *ret = (struct pf_filtered){.outputs = {pf_texts_give(&f->texts)},
                                .refusals = f->refusals.at,
                                .n_refused = f->refusals.n};
    return PF_OK;
}

static void value_close(struct pf_filter *base)
{
    struct value_filter *f = (struct value_filter *)base;

    pf_texts_release(&f->texts);
    free(f->refusals.at);
    free(f);
}

static const struct pf_filter_ops value_ops = {
    .n_outputs = 1,
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
