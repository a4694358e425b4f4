/* The filter that passes prices, and nothing else. */
#include "unit.h"

#include "price_filter.h"

#define RECORD(at, text)                                           \
    {                                                              \
        .offset = at, .value = text, .value_len = sizeof(text) - 1 \
    }

static struct pf_stats *stats;

static struct pf_filter *open_filter(bool strict)
{
    static const struct pf_metric metrics[] = {PF_PRICE_METRIC_ROWS};
    struct pf_filter *filter;

    pf_stats_close(stats);
    assert_int_equal(pf_stats_open("", metrics, COUNT(metrics), &stats, NULL),
                     PF_OK);
    assert_int_equal(pf_price_filter_open(strict, stats, 0, &filter, NULL),
                     PF_OK);
    return filter;
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lets_prices_through_as_canonical_text),
        cmocka_unit_test(refuses_the_rest_with_a_word_and_a_sentence),
        cmocka_unit_test(a_strict_one_refuses_what_the_producer_would_not_make),
        cmocka_unit_test(a_batch_of_canonical_text_is_passed_on_as_it_is),
        cmocka_unit_test(batches_may_be_of_any_size),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    pf_stats_close(stats);
    return failed;
}
