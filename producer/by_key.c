#include "by_key.h"

#include <stdint.h>
#include <stdlib.h>

#include "vec.h"

struct by_key_filter {
    struct pf_filter base;
    const struct pf_place *places;
    size_t n_places;
    uint64_t behind; /* from this number on, no partition has any */

    /* The records of one batch that are not left out, and from where in it. */
    struct pf_record *records;
    uint32_t *from;
    size_t size; /* how many there is room for */
};

/* Does the record's partition have it already? */
static bool is_there(const struct by_key_filter *f,
                     const struct pf_record *record)
{
    uint64_t number = (uint64_t)record->offset;

    return number < f->behind && number < f->places[record->partition].number;
}

static enum pf_rc by_key_apply(struct pf_filter *base,
                               const struct pf_record *records, size_t n,
                               struct pf_filtered *ret, struct pf_error *err)
{
    struct by_key_filter *f = (struct by_key_filter *)base;
    const struct pf_column columns[] = {PF_COLUMN(f->records),
                                        PF_COLUMN(f->from)};
    size_t kept = 0;

    if (!pf_columns_room(&f->size, n, columns,
                         sizeof columns / sizeof *columns))
        return pf_fail(err, PF_NOMEM, "feed.partition: out of memory");
    for (size_t i = 0; i < n; i++) {
        struct pf_record *record = &f->records[kept];

        *record = records[i];
        record->partition = pf_partition_of(record->key, record->key_len,
                                            f->n_places);
        f->from[kept] = (uint32_t)i;
        kept += !is_there(f, record);
    }
    *ret = (struct pf_filtered){
        .outputs[0] = {.records = f->records,
                       .n = kept,
                       .from = kept < n ? f->from : NULL}};
    return PF_OK;
}

static void by_key_close(struct pf_filter *base)
{
    struct by_key_filter *f = (struct by_key_filter *)base;

    free(f->records);
    free(f->from);
    free(f);
}

static const struct pf_filter_ops by_key_ops = {
    .n_outputs = 1,
    .apply = by_key_apply,
    .close = by_key_close,
};

enum pf_rc pf_by_key_filter_open(const struct pf_place *places, size_t n,
                                 struct pf_filter **ret, struct pf_error *err)
{
    struct by_key_filter *f = calloc(1, sizeof *f);

    if (!f)
        return pf_fail(err, PF_NOMEM, "feed.partition: out of memory");
    f->base.ops = &by_key_ops;
    f->places = places;
    f->n_places = n;
    for (size_t i = 0; i < n; i++)
        if (places[i].number > f->behind)
            f->behind = places[i].number;
    *ret = &f->base;
    return PF_OK;
}
