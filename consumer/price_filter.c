#include "price_filter.h"

#include <stdlib.h>

#include "price.h"
#include "price_table.h"
#include "vec.h"

struct price_filter {
    struct pf_filter base;
    bool strict;
    struct pf_stats *stats;
    size_t metric;
    struct pf_price_table *table; /* NULL: none */

    /* One element for each record of the largest batch so far. */
    size_t size;
    struct pf_record *records;
    uint32_t *from; /* of each of these: which record it was */
    struct pf_refusal *refusals;
    char (*texts)[PF_PRICE_JSON_SIZE]; /* for values that are not canonical */
};

static enum pf_rc grow(struct price_filter *f, size_t n, struct pf_error *err)
{
    const struct pf_column columns[] = {
        PF_COLUMN(f->records), PF_COLUMN(f->from), PF_COLUMN(f->refusals),
        PF_COLUMN(f->texts)};

    return pf_columns_room(&f->size, n, columns,
                           sizeof columns / sizeof *columns)
               ? PF_OK
               : pf_fail(err, PF_NOMEM, "price: a batch of %zu", n);
}

static enum pf_price_refusal decode(struct price_filter *f,
                                    const struct pf_record *record,
                                    struct pf_price *ret, struct pf_error *err)
{
    enum pf_price_refusal refusal;

    if (!record->value) {
        pf_fail(err, PF_FORMAT, "no value (a tombstone)");
        return PF_REFUSED_EMPTY;
    }
    refusal = pf_price_parse(record->value, record->value_len, ret, err);
    if (refusal || pf_price_in_range(ret))
        return refusal;
    pf_stats_add(f->stats, f->metric + PF_PRICE_ODD, 1);
    if (!f->strict)
        return PF_REFUSED_NONE;
    pf_fail(err, PF_FORMAT,
            "match is not within 100..999, or price not "
            "within 1.00..10.00 (feed.strict.range = true)");
    return PF_REFUSED_RANGE;
}

/* Canonical text is passed on as it is: encoding it again would give the same
 * bytes. */
static bool is_canonical(const struct pf_record *record, struct pf_price *ret)
{
    return record->value &&
           pf_price_recognise(record->value, record->value_len, ret);
}

/* How many of the first records are canonical. Their prices go into the table;
 * without one, that costs nothing for each of them. */
static size_t count_canonical(struct price_filter *f,
                              const struct pf_record *records, size_t n)
{
    struct pf_price price;
    size_t canonical = 0;

    if (!f->table) {
        while (canonical < n && is_canonical(&records[canonical], &price))
            canonical++;
        return canonical;
    }
    while (canonical < n && is_canonical(&records[canonical], &price)) {
        pf_price_table_add(f->table, &price);
        canonical++;
    }
    return canonical;
}

/* Pass *record, which is that number of the batch, on. */
static struct pf_record *pass(struct price_filter *f,
                              const struct pf_record *record, size_t number,
                              struct pf_output *out)
{
    f->records[out->n] = *record;
    f->from[out->n] = (uint32_t)number;
    return &f->records[out->n++];
}

/* A record that may be anything: decode it, then pass it on or refuse it. */
static void apply_one(struct price_filter *f, const struct pf_record *record,
                      size_t number, struct pf_filtered *ret)
{
    struct pf_refusal *refused = &f->refusals[ret->n_refused];
    struct pf_output *out = &ret->outputs[0];
    char *text = f->texts[out->n];
    struct pf_record *passed;
    struct pf_price price;
    bool canonical = is_canonical(record, &price);
    enum pf_price_refusal refusal = canonical ? PF_REFUSED_NONE
                                              : decode(f, record, &price,
                                                       &refused->reason);

    if (refusal) {
        refused->record = record;
        refused->kind = pf_price_refusal_text(refusal);
        ret->n_refused++;
        return;
    }
    if (f->table)
        pf_price_table_add(f->table, &price);
    passed = pass(f, record, number, out);
    if (canonical)
        return;
    passed->value = text;
    passed->value_len = pf_price_encode(&price, text);
}

static enum pf_rc price_apply(struct pf_filter *base,
                              const struct pf_record *records, size_t n,
                              struct pf_filtered *ret, struct pf_error *err)
{
    struct price_filter *f = (struct price_filter *)base;
    struct pf_output *out = &ret->outputs[0];
    size_t canonical = count_canonical(f, records, n);
    enum pf_rc rc;

    *ret = (struct pf_filtered){
        .outputs = {{.records = records, .n = canonical}}};
    if (canonical == n)
        return PF_OK;
    rc = grow(f, n, err);
    if (rc)
        return rc;
    *out = (struct pf_output){.records = f->records, .from = f->from};
    ret->refusals = f->refusals;
    for (size_t i = 0; i < canonical; i++)
        pass(f, &records[i], i, out);
    for (size_t i = canonical; i < n; i++)
        apply_one(f, &records[i], i, ret);
    return PF_OK;
}

static void price_close(struct pf_filter *base)
{
    struct price_filter *f = (struct price_filter *)base;

    free(f->records);
    free(f->from);
    free(f->refusals);
    free(f->texts);
    pf_price_table_close(f->table);
    free(f);
}

static const struct pf_filter_ops price_ops = {
    .n_outputs = 1,
    .apply = price_apply,
    .close = price_close,
};

enum pf_rc pf_price_filter_open(const struct pf_price_conf *conf,
                                struct pf_stats *stats, struct pf_filter **ret,
                                struct pf_error *err)
{
    struct price_filter *f = calloc(1, sizeof *f);
    enum pf_rc rc = PF_OK;

    if (!f)
        return pf_fail(err, PF_NOMEM, "price: out of memory");
    f->base.ops = &price_ops;
    f->strict = conf->strict;
    f->stats = stats;
    f->metric = conf->metric;
    if (*conf->table)
        rc = pf_price_table_open(conf->table, &f->table, err);
    if (rc) {
        price_close(&f->base);
        return rc;
    }
    *ret = &f->base;
    return PF_OK;
}
