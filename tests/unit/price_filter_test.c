/* The filter that passes prices, and nothing else. */
#include "unit.h"

#include "price_filter.h"
#include "price_table.h"

#define RECORD(at, text)                                           \
    {                                                              \
        .offset = at, .value = text, .value_len = sizeof(text) - 1 \
    }

static struct pf_stats *stats;

static struct pf_filter *open_filter_with(bool strict, const char *table)
{
    const struct pf_price_conf conf = {.strict = strict, .table = table};
    static const struct pf_metric metrics[] = {PF_PRICE_METRIC_ROWS};
    struct pf_filter *filter;

    pf_stats_close(stats);
    assert_int_equal(pf_stats_open("", metrics, COUNT(metrics), &stats, NULL),
                     PF_OK);
    assert_int_equal(pf_price_filter_open(&conf, stats, &filter, NULL), PF_OK);
    return filter;
}

static struct pf_filter *open_filter(bool strict)
{
    return open_filter_with(strict, "");
}

static void assert_value(const struct pf_record *record, const char *text)
{
    assert_int_equal(record->value_len, strlen(text));
    assert_memory_equal(record->value, text, strlen(text));
}

static const struct pf_record records[] = {
    RECORD(10, "{\"match\": 123, \"price\": 4.56}"),
    RECORD(11, "x"),
    RECORD(12, "{ \"price\":5,\"match\":124 }\n"),
    {.offset = 13, .value = NULL},
    RECORD(14, ""),
    RECORD(15, "{\"match\": 99, \"price\": 4.56}"),
    RECORD(16, "{\"match\": 123, \"price\": 10.01}"),
    RECORD(17, "{\"match\": 123}"),
    RECORD(18, "{\"match\": 125, \"price\": 10.00}"),
};

static void lets_prices_through_as_canonical_text(void **state)
{
    struct pf_filter *filter = open_filter(false);
    struct pf_filtered out;

    (void)state;
    assert_int_equal(
        filter->ops->apply(filter, records, COUNT(records), &out, NULL), PF_OK);
    assert_int_equal(out.outputs[0].n, 5);
    assert_value(&out.outputs[0].records[0],
                 "{\"match\": 123, \"price\": 4.56}");
    assert_value(&out.outputs[0].records[1],
                 "{\"match\": 124, \"price\": 5.00}");
    assert_value(&out.outputs[0].records[2],
                 "{\"match\": 99, \"price\": 4.56}");
    assert_value(&out.outputs[0].records[3],
                 "{\"match\": 123, \"price\": 10.01}");
    assert_value(&out.outputs[0].records[4],
                 "{\"match\": 125, \"price\": 10.00}");
    assert_int_equal(out.outputs[0].records[1].offset, 12);
    assert_int_equal(out.outputs[0].records[4].offset, 18);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(records[out.outputs[0].from[i]].offset,
                         out.outputs[0].records[i].offset);
    assert_int_equal(*pf_stats_at(stats, PF_PRICE_ODD), 2);
    pf_filter_close(filter);
}

static void refuses_the_rest_with_a_word_and_a_sentence(void **state)
{
    static const struct {
        size_t record;
        const char *kind, *reason;
    } refused[] = {
        {1, "syntax", "not a JSON object"},
        {3, "empty", "no value (a tombstone)"},
        {4, "empty", "no JSON at all"},
        {7, "missing", "no price"},
    };
    struct pf_filter *filter = open_filter(false);
    struct pf_filtered out;

    (void)state;
    filter->ops->apply(filter, records, COUNT(records), &out, NULL);
    assert_int_equal(out.n_refused, COUNT(refused));
    for (size_t i = 0; i < COUNT(refused); i++) {
        assert_ptr_equal(out.refusals[i].record, &records[refused[i].record]);
        assert_string_equal(out.refusals[i].kind, refused[i].kind);
        assert_string_equal(out.refusals[i].reason.text, refused[i].reason);
    }
    pf_filter_close(filter);
}

static void a_strict_one_refuses_what_the_producer_would_not_make(void **state)
{
    struct pf_filter *filter = open_filter(true);
    struct pf_filtered out;

    (void)state;
    filter->ops->apply(filter, records, COUNT(records), &out, NULL);
    assert_int_equal(out.outputs[0].n, 3);
    assert_int_equal(out.n_refused, 6);
    assert_int_equal(out.refusals[3].record->offset, 15);
    assert_string_equal(out.refusals[3].kind, "range");
    assert_contains(out.refusals[3].reason.text, "feed.strict.range");
    assert_int_equal(*pf_stats_at(stats, PF_PRICE_ODD), 2);
    pf_filter_close(filter);
}

static void a_batch_of_canonical_text_is_passed_on_as_it_is(void **state)
{
    struct pf_filter *filter = open_filter(false);
    struct pf_filtered out;

    (void)state;
    assert_int_equal(filter->ops->apply(filter, records, 1, &out, NULL), PF_OK);
    assert_ptr_equal(out.outputs[0].records, records);
    assert_int_equal(out.outputs[0].n, 1);
    assert_null(out.outputs[0].from);
    assert_int_equal(out.n_refused, 0);
    pf_filter_close(filter);
}

static void batches_may_be_of_any_size(void **state)
{
    static struct pf_record many[5000];
    struct pf_filter *filter = open_filter(false);
    struct pf_filtered out;

    (void)state;
    for (size_t i = 0; i < COUNT(many); i++)
        many[i] = records[i % 2 ? 2 : 1]; /* one in two refused */
    for (size_t n = 0; n <= COUNT(many); n += 500) {
        assert_int_equal(filter->ops->apply(filter, many, n, &out, NULL),
                         PF_OK);
        assert_int_equal(out.outputs[0].n, n / 2);
        assert_int_equal(out.n_refused, n / 2);
    }
    assert_value(&out.outputs[0].records[2499],
                 "{\"match\": 124, \"price\": 5.00}");
    pf_filter_close(filter);
    pf_filter_close(NULL);
}

/* A filter with a table in a file, as another program sees that. */
static struct pf_filter *open_filter_and_table(bool strict,
                                               struct pf_price_table **ret)
{
    char path[] = "/tmp/pf-prices-XXXXXX";
    struct pf_filter *filter;
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    close(fd);
    filter = open_filter_with(strict, path);
    assert_int_equal(pf_price_table_attach(path, ret, NULL), PF_OK);
    unlink(path);
    return filter;
}

static void what_is_passed_on_is_in_the_table_and_nothing_else(void **state)
{
    struct pf_price_table *table;
    struct pf_price_row row;
    struct pf_filter *filter = open_filter_and_table(true, &table);
    struct pf_filtered out;

    (void)state;
    filter->ops->apply(filter, records, 1, &out, NULL);
    filter->ops->apply(filter, records, COUNT(records), &out, NULL);
    row = pf_price_table_row(table, 123);
    assert_int_equal(row.count, 2); /* 10.01 is refused */
    assert_int_equal(row.last, 456);
    row = pf_price_table_row(table, 124);
    assert_int_equal(row.count, 1);
    assert_int_equal(row.last, 500);
    row = pf_price_table_row(table, 125);
    assert_int_equal(row.count, 1);
    assert_int_equal(row.last, 1000);
    assert_int_equal(pf_price_table_elsewhere(table), 0);
    pf_filter_close(filter);
    pf_price_table_close(table);
}

static void a_price_out_of_range_is_in_the_table_if_it_has_a_place(void **state)
{
    struct pf_price_table *table;
    struct pf_filter *filter = open_filter_and_table(false, &table);
    struct pf_filtered out;

    (void)state;
    filter->ops->apply(filter, records, COUNT(records), &out, NULL);
    assert_int_equal(pf_price_table_elsewhere(table), 1); /* match 99 */
    assert_int_equal(pf_price_table_row(table, 123).count, 2);
    assert_int_equal(pf_price_table_row(table, 123).last, 1001);
    pf_filter_close(filter);
    pf_price_table_close(table);
}

static void a_table_that_cannot_be_made_is_named(void **state)
{
    const struct pf_price_conf conf = {.table = "/nowhere/x"};
    struct pf_filter *filter = NULL;
    struct pf_error err;

    (void)state;
    assert_int_equal(pf_price_filter_open(&conf, stats, &filter, &err), PF_IO);
    assert_contains(err.text, "prices in /nowhere/x: ");
    assert_null(filter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lets_prices_through_as_canonical_text),
        cmocka_unit_test(refuses_the_rest_with_a_word_and_a_sentence),
        cmocka_unit_test(a_strict_one_refuses_what_the_producer_would_not_make),
        cmocka_unit_test(a_batch_of_canonical_text_is_passed_on_as_it_is),
        cmocka_unit_test(batches_may_be_of_any_size),
        cmocka_unit_test(what_is_passed_on_is_in_the_table_and_nothing_else),
        cmocka_unit_test(
            a_price_out_of_range_is_in_the_table_if_it_has_a_place),
        cmocka_unit_test(a_table_that_cannot_be_made_is_named),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    pf_stats_close(stats);
    return failed;
}
