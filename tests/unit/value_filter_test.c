/* Values for a console, whatever they are. */
#include "unit.h"

#include "value_filter.h"

static struct pf_filter *filter;
static struct pf_filtered out;

static int begin(void **state)
{
    (void)state;
    return pf_value_filter_open(&filter, NULL);
}

static int end(void **state)
{
    (void)state;
    pf_filter_close(filter);
    return 0;
}

static void apply(const struct pf_record *records, size_t n)
{
    assert_int_equal(filter->ops->apply(filter, records, n, &out, NULL), PF_OK);
}

static void assert_value(size_t i, uint32_t from, const char *text)
{
    const struct pf_record *record = &out.outputs[0].records[i];

    assert_true(i < out.outputs[0].n);
    assert_int_equal(out.outputs[0].from[i], from);
    assert_int_equal(record->value_len, strlen(text));
    assert_memory_equal(record->value, text, strlen(text));
}

#define VALUE(text)                                                \
    {                                                              \
        .topic = "t", .value = text, .value_len = sizeof(text) - 1 \
    }

static void a_value_is_passed_with_what_cannot_be_printed_escaped(void **state)
{
    const struct pf_record records[] = {VALUE("{\"n\": 1}"), VALUE(""),
                                        VALUE("\033[2J\n\xff"), VALUE("\0")};

    (void)state;
    apply(records, COUNT(records));
    assert_int_equal(out.outputs[0].n, 4);
    assert_value(0, 0, "{\"n\": 1}");
    assert_value(1, 1, "");
    assert_value(2, 2, "\\x1b[2J\\n\\xff");
    assert_value(3, 3, "\\x00");
    assert_int_equal(out.n_refused, 0);
    apply(records + 1, 1);
    assert_int_equal(out.outputs[0].n, 1);
    assert_value(0, 0, "");
}

static void a_tombstone_is_refused(void **state)
{
    const struct pf_record records[] = {VALUE("a"), {.topic = "t"}, VALUE("b")};

    (void)state;
    apply(records, 3);
    assert_int_equal(out.outputs[0].n, 2);
    assert_value(0, 0, "a");
    assert_value(1, 2, "b");
    assert_int_equal(out.n_refused, 1);
    assert_ptr_equal(out.refusals[0].record, &records[1]);
    assert_string_equal(out.refusals[0].kind, "tombstone");
}

static void a_long_value_is_not_cut(void **state)
{
    static char value[1000000];
    const struct pf_record record = {.value = value, .value_len = sizeof value};

    (void)state;
    apply(&record, 1); /* all NUL */
    assert_int_equal(out.outputs[0].records[0].value_len, 4 * sizeof value);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_value_is_passed_with_what_cannot_be_printed_escaped),
        TEST(a_tombstone_is_refused),
        TEST(a_long_value_is_not_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
