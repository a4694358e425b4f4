#include "by_key.h"

#include <inttypes.h>
#include <stdlib.h>

#include "vec.h"

struct by_key_filter {
    struct pf_filter base;
    const struct pf_place *places;
    size_t n_places;
    uint64_t behind; /* from this number on, no partition has any */
    uint64_t count;  /* from this number on, none is to go; UINT64_MAX: all */

    /* The lowest number of a place whose last record has not been seen again;
     * UINT64_MAX: there is none. */
    uint64_t unseen;

    /* The records of one batch that are not left out, and from where in it. */
    struct pf_record *records;
    uint32_t *from;
    size_t size; /* how many there is room for */
};

/* Does the record's partition have it already, or must none have it? */
static bool is_left_out(const struct by_key_filter *f,
                        const struct pf_record *record)
{
    uint64_t number = (uint64_t)record->offset;

    return (number < f->behind &&
            number < f->places[record->partition].number) ||
           number >= f->count;
}

/* The lowest number of a place above that one; UINT64_MAX: there is none. */
static uint64_t next_after(const struct by_key_filter *f, uint64_t number)
{
    uint64_t next = UINT64_MAX;

    for (size_t i = 0; i < f->n_places; i++)
        if (f->places[i].number > number && f->places[i].number < next)
            next = f->places[i].number;
    return next;
}

/* The run is not what the topic has of it. */
static enum pf_rc another_run(const struct pf_place *place, const char *what,
                              struct pf_error *err)
{
    return pf_fail(err, PF_FATAL,
                   "number %" PRIu64 " of the run, the last one in partition "
                   "%" PRId32 ", %s: the source or a setting of it has "
                   "changed, or its key follows the time, or somebody else has "
                   "written to this topic; feed.run = NAME begins another run",
                   place->number - 1, place->partition, what);
}

/* Does the record, the last one that a partition has, have the same key? Then
 * it is of the same partition, too. */
static enum pf_rc see_again(struct by_key_filter *f,
                            const struct pf_record *record,
                            struct pf_error *err)
{
    uint64_t key = pf_key_hash(record->key, record->key_len);

    for (size_t i = 0; i < f->n_places; i++)
        if (f->places[i].number == f->unseen && f->places[i].key != key)
            return another_run(&f->places[i], "has another key now", err);
    f->unseen = next_after(f, f->unseen);
    return PF_OK;
}

static enum pf_rc by_key_apply(struct pf_filter *base,
                               const struct pf_record *records, size_t n,
                               struct pf_filtered *ret, struct pf_error *err)
{
    struct by_key_filter *f = (struct by_key_filter *)base;
    const struct pf_column columns[] = {PF_COLUMN(f->records),
                                        PF_COLUMN(f->from)};
    size_t kept = 0;
    enum pf_rc rc = PF_OK;

    if (!pf_columns_room(&f->size, n, columns,
                         sizeof columns / sizeof *columns))
        return pf_fail(err, PF_NOMEM, "feed.partition: out of memory");
    for (size_t i = 0; !rc && i < n; i++) {
        struct pf_record *record = &f->records[kept];

        *record = records[i];
        record->partition = pf_partition_of(record->key, record->key_len,
                                            f->n_places);
        f->from[kept] = (uint32_t)i;
        if ((uint64_t)record->offset + 1 == f->unseen)
            rc = see_again(f, record, err);
        kept += !is_left_out(f, record);
    }
    if (rc)
        return rc;
    *ret = (struct pf_filtered){
        .outputs[0] = {.records = f->records,
                       .n = kept,
                       .from = kept < n ? f->from : NULL}};
    return PF_OK;
}

/* At the end of the source the last record of each partition has been seen. */
static enum pf_rc by_key_wake(struct pf_filter *base, bool last,
                              struct pf_filtered *ret, struct pf_error *err)
{
    const struct by_key_filter *f = (struct by_key_filter *)base;

    *ret = (struct pf_filtered){0};
    for (size_t i = 0; last && i < f->n_places; i++)
        if (f->places[i].number >= f->unseen)
            return another_run(&f->places[i], "does not come any more", err);
    return PF_OK;
}

static int64_t by_key_due_ms(const struct pf_filter *base)
{
    (void)base;
    return INT64_MAX;
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
    .wake = by_key_wake,
    .due_ms = by_key_due_ms,
    .close = by_key_close,
};

enum pf_rc pf_by_key_filter_open(const struct pf_place *places, size_t n,
                                 uint64_t count, struct pf_filter **ret,
                                 struct pf_error *err)
{
    struct by_key_filter *f = calloc(1, sizeof *f);

    if (!f)
        return pf_fail(err, PF_NOMEM, "feed.partition: out of memory");
    f->base.ops = &by_key_ops;
    f->places = places;
    f->n_places = n;
    f->count = count ? count : UINT64_MAX;
    f->unseen = next_after(f, 0);
    for (size_t i = 0; i < n; i++)
        if (places[i].number > f->behind)
            f->behind = places[i].number;
    *ret = &f->base;
    return PF_OK;
}
