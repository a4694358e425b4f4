/* The token with which a list of records goes on. */
#include "unit.h"

#include "next.h"

static const uint64_t list = UINT64_C(0x0123456789abcdef);

static char *token_of(const struct web_next *next, uint64_t whose)
{
    struct pf_buffer token = {0};

    web_next_put(next, whose, &token);
    pf_buffer_put(&token, "", 1);
    assert_false(token.failed);
    return token.at;
}

static void comes_back_as_it_was_put(void **state)
{
    int64_t offsets[] = {0, 1, INT64_MAX, 9999950};
    struct web_next next = {true, offsets, COUNT(offsets)}, back;
    struct pf_error err;

    (void)state;
    for (size_t n = 1; n <= COUNT(offsets); n++) {
        char *token;

        next.n = n;
        next.newest = n % 2;
        token = token_of(&next, list);
        assert_int_equal(web_next_parse(token, list, n, &back, &err), PF_OK);
        assert_int_equal(back.newest, next.newest);
        assert_int_equal(back.n, n);
        assert_memory_equal(back.offsets, offsets, n * sizeof *offsets);
        free(back.offsets);
        free(token);
    }
}

static void may_stand_in_an_address_as_it_is(void **state)
{
    int64_t offsets[] = {7, 8};
    struct web_next next = {false, offsets, 2};
    char *token = token_of(&next, list);

    (void)state;
    assert_string_equal(token, "o-0123456789abcdef-7-8");
    free(token);
}

static void refuses_what_is_not_a_token_of_the_list(void **state)
{
    static const char *const tokens[] = {
        "",
        "-",
        "n",
        "n-",
        "n-0123456789abcdef",
        "n-0123456789abcdef-",
        "n-0123456789abcdef--1",
        "n-0123456789abcdef-1-",
        "n-0123456789abcdef-1-x",
        "n-0123456789abcdef- 1",
        "n-0123456789abcdef-+1",
        "n-0123456789abcdef-1.5",
        "n-0123456789abcdef-9223372036854775808",
        "n-0123456789abcdee-1",
        "N-0123456789abcdef-1",
        "x-0123456789abcdef-1",
        "n-0123456789ABCDEF-1",
        "\xff\xfe",
    };
    struct web_next untouched = {true, NULL, 77}, ret = untouched;
    struct pf_error err;

    (void)state;
    for (size_t i = 0; i < COUNT(tokens); i++) {
        err.text[0] = '\0';
        assert_int_equal(web_next_parse(tokens[i], list, 10, &ret, &err),
                         PF_FORMAT);
        assert_true(*err.text);
        assert_memory_equal(&ret, &untouched, sizeof ret);
    }
}

static void refuses_more_partitions_than_there_are(void **state)
{
    struct web_next ret;
    struct pf_error err;

    (void)state;
    assert_int_equal(
        web_next_parse("n-0123456789abcdef-1-2-3", list, 2, &ret, &err),
        PF_RANGE);
    assert_contains(err.text, "of 3 partitions, and the topic has 2");
}

static void lists_of_other_records_are_other_lists(void **state)
{
    const uint64_t lists[] = {
        web_next_list("t", -1, NULL, NULL), web_next_list("u", -1, NULL, NULL),
        web_next_list("t", 0, NULL, NULL),  web_next_list("t", 1, NULL, NULL),
        web_next_list("t", -1, "x", NULL),  web_next_list("t", -1, "xx", NULL),
        web_next_list("t", 1, "x", NULL),   web_next_list("t-1", 1, NULL, NULL),
        web_next_list("t", 1, NULL, "x"),   web_next_list("t", 1, "x", "x"),
        web_next_list("t", 1, "x", "y"),
    };

    (void)state;
    for (size_t i = 0; i < COUNT(lists); i++)
        for (size_t j = 0; j < i; j++)
            assert_true(lists[i] != lists[j]);
    assert_true(web_next_list("t", 1, "x", "y") ==
                web_next_list("t", 1, "x", "y"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back_as_it_was_put),
        cmocka_unit_test(may_stand_in_an_address_as_it_is),
        cmocka_unit_test(refuses_what_is_not_a_token_of_the_list),
        cmocka_unit_test(refuses_more_partitions_than_there_are),
        cmocka_unit_test(lists_of_other_records_are_other_lists),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
