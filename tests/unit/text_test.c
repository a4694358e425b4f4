/* Text from outside: escaped, parsed whole, and guessed at. */
#include "unit.h"

#include <inttypes.h>
#include <math.h>

#include "text.h"

static void escapes_what_could_drive_a_terminal(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *text;
    } cases[] = {
        {"", 0, ""},
        {"plain ~", 7, "plain ~"},
        {"a\nb\tc\r", 6, "a\\nb\\tc\\r"},
        {"\x1b[2J\x07\x7f", 6, "\\x1b[2J\\x07\\x7f"},
        {"\0\xff\xc3\xa9", 4, "\\x00\\xff\\xc3\\xa9"},
        {"C:\\x", 4, "C:\\x"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char buf[100];

        assert_string_equal(
            pf_escape(buf, sizeof buf, cases[i].bytes, cases[i].len),
            cases[i].text);
    }
}

static void cuts_what_does_not_fit_and_says_so(void **state)
{
    (void)state;
    for (size_t size = 4; size < 12; size++) {
        char *buf = malloc(size), expected[20];

        pf_escape(buf, size, "abcdefghijkl", 12);
        snprintf(expected, sizeof expected, "%.*s...", (int)size - 4,
                 "abcdefghijkl");
        assert_string_equal(buf, expected);

        /* What just fits is not cut, and an escape is never cut in two. */
        pf_escape(buf, size, "abcdefghijkl", size - 1);
        assert_memory_equal(buf, "abcdefghijkl", size - 1);
        assert_int_equal(buf[size - 1], '\0');
        pf_escape(buf, size, "\x01\x02\x03", 3);
        assert_string_equal(buf, size < 8 ? "..." : "\\x01...");
        free(buf);
    }
}

static void reads_whole_numbers_and_nothing_else(void **state)
{
    static const struct {
        const char *text;
        enum pf_rc rc;
        int64_t value;
    } cases[] = {
        {"0", PF_OK, 0},
        {"-0", PF_OK, 0},
        {"007", PF_OK, 7},
        {"-5", PF_OK, -5},
        {"1000", PF_OK, 1000},
        {"1001", PF_RANGE, -99},
        {"-6", PF_RANGE, -99},
        {"9223372036854775808", PF_RANGE, -99},
        {"-99999999999999999999", PF_RANGE, -99},
        {"", PF_FORMAT, -99},
        {"-", PF_FORMAT, -99},
        {"+5", PF_FORMAT, -99},
        {" 5", PF_FORMAT, -99},
        {"5 ", PF_FORMAT, -99},
        {"5k", PF_FORMAT, -99},
        {"5.0", PF_FORMAT, -99},
        {"0x5", PF_FORMAT, -99},
        {"--5", PF_FORMAT, -99},
        {"five", PF_FORMAT, -99},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pf_error err = {0};
        int64_t value = -99;

        assert_int_equal(pf_parse_int(cases[i].text, -5, 1000, &value, &err),
                         cases[i].rc);
        assert_int_equal(value, cases[i].value);
        if (cases[i].rc == PF_RANGE)
            assert_contains(err.text, "is not within -5 to 1000");
    }
}

static void reads_the_limits_of_64_bits(void **state)
{
    int64_t value = 0;
    uint64_t wide = 0;

    (void)state;
    assert_int_equal(
        pf_parse_int("9223372036854775807", INT64_MIN, INT64_MAX, &value, NULL),
        PF_OK);
    assert_true(value == INT64_MAX);
    assert_int_equal(pf_parse_int("-9223372036854775808", INT64_MIN, INT64_MAX,
                                  &value, NULL),
                     PF_OK);
    assert_true(value == INT64_MIN);
    assert_int_equal(
        pf_parse_uint("18446744073709551615", UINT64_MAX, &wide, NULL), PF_OK);
    assert_true(wide == UINT64_MAX);
    assert_int_equal(
        pf_parse_uint("18446744073709551616", UINT64_MAX, &wide, NULL),
        PF_RANGE);
    assert_int_equal(pf_parse_uint("-1", UINT64_MAX, &wide, NULL), PF_FORMAT);
    assert_int_equal(pf_parse_uint("", UINT64_MAX, &wide, NULL), PF_FORMAT);
    assert_int_equal(pf_parse_uint("1.5", UINT64_MAX, &wide, NULL), PF_FORMAT);
    assert_int_equal(pf_parse_uint("6", 5, &wide, NULL), PF_RANGE);
    assert_true(wide == UINT64_MAX);
}

static void reads_decimal_numbers_and_nothing_else(void **state)
{
    static const struct {
        const char *text;
        enum pf_rc rc;
        double value;
    } cases[] = {
        {"10", PF_OK, 10},           {"0.5", PF_OK, 0.5},
        {"1e6", PF_OK, 1e6},         {"1E-3", PF_OK, 1e-3},
        {".5", PF_OK, 0.5},          {"0", PF_OK, 0},
        {"1e7", PF_OK, 1e7},         {"10000001", PF_RANGE, -99},
        {"-1", PF_RANGE, -99},       {"1e99", PF_RANGE, -99},
        {"1e999999", PF_RANGE, -99}, {"", PF_FORMAT, -99},
        {".", PF_FORMAT, -99},       {"abc", PF_FORMAT, -99},
        {"10k", PF_FORMAT, -99},     {"10 ", PF_FORMAT, -99},
        {" 10", PF_FORMAT, -99},     {"1,5", PF_FORMAT, -99},
        {"inf", PF_FORMAT, -99},     {"nan", PF_FORMAT, -99},
        {"0x10", PF_FORMAT, -99},    {"1e", PF_FORMAT, -99},
        {"1..5", PF_FORMAT, -99},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pf_error err = {0};
        double value = -99;

        assert_int_equal(pf_parse_number(cases[i].text, 0, 1e7, &value, &err),
                         cases[i].rc);
        assert_true(fabs(value - cases[i].value) < 1e-12);
        if (cases[i].rc == PF_RANGE)
            assert_contains(err.text, "is not within 0 to 10000000");
        else if (cases[i].rc)
            assert_contains(err.text, "is not a number");
    }
}

static void guesses_the_name_that_was_meant(void **state)
{
    static const char *const names[] = {"feed.rate", "feed.count", "feed.topic",
                                        "acks", "linger.ms"};
    static const struct {
        const char *wanted, *hint;
    } cases[] = {
        {"feed.raet", "; did you mean 'feed.rate'?"},
        {"feed.rat", "; did you mean 'feed.rate'?"},
        {"feed.rates", "; did you mean 'feed.rate'?"},
        {"feedrate", "; did you mean 'feed.rate'?"},
        {"Feed.Count", "; did you mean 'feed.count'?"},
        {"ack", "; did you mean 'acks'?"},
        {"nothing.like.it", ""},
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pf_nearest nearest = pf_nearest_init(cases[i].wanted);
        char hint[100];

        for (size_t n = 0; n < COUNT(names); n++)
            pf_nearest_offer(&nearest, names[n]);
        assert_string_equal(pf_nearest_hint(&nearest, hint, sizeof hint),
                            cases[i].hint);
    }
}

static void compares_no_names_of_unreasonable_length(void **state)
{
    char name[200] = "";
    struct pf_nearest nearest = pf_nearest_init(name);

    (void)state;
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    pf_nearest_offer(&nearest, name);
    assert_null(nearest.found);
    nearest = pf_nearest_init("x");
    pf_nearest_offer(&nearest, name);
    assert_null(nearest.found);
}

static void knows_what_no_log_may_show(void **state)
{
    static const char *const secrets[] = {
        "sasl.password", "ssl.key.password", "sasl.jaas.config",
        "ssl.key.pem",   "oauth.token",      "sasl.oauthbearer.client.secret"};
    static const char *const others[] = {
        "feed.topic", "acks", "ssl.key.location", "bootstrap.servers"};

    (void)state;
    for (size_t i = 0; i < COUNT(secrets); i++)
        assert_true(pf_is_secret(secrets[i]));
    for (size_t i = 0; i < COUNT(others); i++)
        assert_false(pf_is_secret(others[i]));
}

static void quotes_are_one_kind_at_both_ends(void **state)
{
    static const char *const quoted[] = {"\"10\"", "'a'", "\"\"", "''"};
    static const char *const others[] = {"",     "\"",  "'",     "10",
                                         "\"10", "10'", "\"10'", "a\"b\""};

    (void)state;
    for (size_t i = 0; i < sizeof quoted / sizeof *quoted; i++) {
        assert_true(pf_is_quoted(quoted[i]));
        assert_string_equal(pf_quotes_hint(quoted[i]),
                            "; the quotes are part of the value: remove them");
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_false(pf_is_quoted(others[i]));
        assert_string_equal(pf_quotes_hint(others[i]), "");
    }
}

static void writes_numbers_of_any_length(void **state)
{
    uint64_t n = 1;

    (void)state;
    for (int i = 0; i < 64; i++, n *= 3) {
        char buf[PF_UINT_SIZE], expected[PF_UINT_SIZE + 1];
        int len = snprintf(expected, sizeof expected, "%" PRIu64, n);

        assert_int_equal(pf_put_uint(buf, n), len);
        assert_memory_equal(buf, expected, (size_t)len);
    }
    assert_int_equal(pf_put_uint((char[PF_UINT_SIZE]){""}, UINT64_MAX), 20);
    assert_int_equal(pf_put_uint((char[PF_UINT_SIZE]){""}, 0), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_what_could_drive_a_terminal),
        cmocka_unit_test(cuts_what_does_not_fit_and_says_so),
        cmocka_unit_test(reads_whole_numbers_and_nothing_else),
        cmocka_unit_test(reads_the_limits_of_64_bits),
        cmocka_unit_test(reads_decimal_numbers_and_nothing_else),
        cmocka_unit_test(guesses_the_name_that_was_meant),
        cmocka_unit_test(compares_no_names_of_unreasonable_length),
        cmocka_unit_test(knows_what_no_log_may_show),
        cmocka_unit_test(quotes_are_one_kind_at_both_ends),
        cmocka_unit_test(writes_numbers_of_any_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
