/* Exact decimal numbers. */
#include "unit.h"

#include "decimal.h"
#include "prng.h"

static const char *text_of(const char *text)
{
    static char buf[PF_DECIMAL_SIZE + 1];
    struct pf_decimal number;

    if (!pf_decimal_parse(text, strlen(text), &number))
        return "refused";
    buf[pf_decimal_put(buf, &number)] = '\0';
    return buf;
}

static void numbers_keep_their_decimals(void **state)
{
    static const char *const same[] = {
        "0",
        "4.50",
        "-4.56",
        "0.00",
        "100",
        "-1",
        "18446744073709551615",
        "99999999999999999999",
        "0.000000000000000001",
        "-99999999999999999999.999999999999999999",
        "12345678901234567890.123456789012345678",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(same); i++)
        assert_string_equal(text_of(same[i]), same[i]);
}

static void an_exponent_is_written_out(void **state)
{
    (void)state;
    assert_string_equal(text_of("1.5e3"), "1500");
    assert_string_equal(text_of("15E-1"), "1.5");
    assert_string_equal(text_of("1.50e+1"), "15.0");
    assert_string_equal(text_of("1e19"), "10000000000000000000");
    assert_string_equal(text_of("123e-18"), "0.000000000000000123");
    assert_string_equal(text_of("-0.0"), "0.0");
    assert_string_equal(text_of("0e999999999999"), "0");
    assert_string_equal(text_of("0e-999999999999"), "0.000000000000000000");
    assert_string_equal(text_of("0.00000000000000000000000000000000001e30"),
                        "0.00001");
}

static void refuses_more_digits_and_what_is_not_a_number(void **state)
{
    static const char *const bad[] = {
        "100000000000000000000",
        "-100000000000000000000",
        "1e20",
        "1e999999999999999999",
        "0.0000000000000000001",
        "1.0000000000000000000",
        "1e-19",
        "1e-999999999999999999",
        "100000000000000000000000000000000000000000000",
        "10000000000.0000000000000000000000000000000000",
        "",
        "-",
        ".5",
        "5.",
        "1e",
        "1e+",
        "1x",
        "1e5x",
        "\"1\"",
        "null",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_string_equal(text_of(bad[i]), "refused");
}

static struct pf_decimal number_of(const char *text)
{
    struct pf_decimal number;

    assert_true(pf_decimal_parse(text, strlen(text), &number));
    return number;
}

static void assert_sum(const struct pf_decimal_sum *sum, const char *expected)
{
    char buf[PF_DECIMAL_SIZE + 1];

    buf[pf_decimal_put_sum(buf, sum)] = '\0';
    assert_string_equal(buf, expected);
}

static void a_sum_is_exact_and_has_the_most_decimals(void **state)
{
    static const char *const texts[] = {"0.1", "0.2", "4.50", "-10", "1e-18"};
    struct pf_decimal_sum sum = {0};

    (void)state;
    assert_sum(&sum, "0");
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct pf_decimal number = number_of(texts[i]);

        pf_decimal_add(&sum, &number);
        if (i == 1)
            assert_sum(&sum, "0.3");
    }
    assert_sum(&sum, "-5.199999999999999999");
}

static void the_largest_numbers_have_a_sum(void **state)
{
    struct pf_decimal large = number_of(
        "99999999999999999999.999999999999999999");
    struct pf_decimal low = number_of(
        "-99999999999999999999.999999999999999999");
    struct pf_decimal_sum sum = {0};

    (void)state;
    for (int i = 0; i < 100000; i++)
        pf_decimal_add(&sum, &large);
    assert_sum(&sum, "9999999999999999999999999.999999999999900000");
    for (int i = 0; i < 300000; i++)
        pf_decimal_add(&sum, &low);
    assert_sum(&sum, "-19999999999999999999999999.999999999999800000");
    for (int i = 0; i < 200000; i++)
        pf_decimal_add(&sum, &large);
    assert_sum(&sum, "0.000000000000000000");
}

static void sums_of_small_numbers_are_those_of_integers(void **state)
{
    struct pf_decimal_sum sum = {0};
    int64_t all = 0;
    char expected[40], text[40];

    (void)state;
    for (uint64_t i = 0; i < 20000; i++) {
        int64_t n = (int64_t)(pf_prng_at(1, i) % 2000001) - 1000000;
        struct pf_decimal number;

        snprintf(text, sizeof text, "%s%d.%03d", n < 0 ? "-" : "",
                 (int)(llabs(n) / 1000), (int)(llabs(n) % 1000));
        number = number_of(text);
        pf_decimal_add(&sum, &number);
        all += n;
        snprintf(expected, sizeof expected, "%s%d.%03d", all < 0 ? "-" : "",
                 (int)(llabs(all) / 1000), (int)(llabs(all) % 1000));
        assert_sum(&sum, expected);
    }
}

static void assert_average(const char *total, uint64_t n, const char *expected)
{
    struct pf_decimal number = number_of(total);
    struct pf_decimal_sum sum = {0};
    char buf[PF_DECIMAL_SIZE + 1];

    pf_decimal_add(&sum, &number);
    buf[pf_decimal_put_average(buf, &sum, n)] = '\0';
    assert_string_equal(buf, expected);
}

static void an_average_has_six_more_decimals_rounded_half_even(void **state)
{
    (void)state;
    assert_average("3", 2, "1.500000");
    assert_average("1", 3, "0.333333");
    assert_average("2", 3, "0.666667");
    assert_average("13.61", 3, "4.53666667");
    assert_average("1", 2000000, "0.000000");
    assert_average("3", 2000000, "0.000002");
    assert_average("5", 2000000, "0.000002");
    assert_average("7", 2000000, "0.000004");
    assert_average("-1", 2000000, "0.000000");
    assert_average("-3", 2000000, "-0.000002");
    assert_average("-2", 3, "-0.666667");
    assert_average("99999999999999999999.999999999999999999", 1,
                   "99999999999999999999.999999999999999999000000");
    assert_average("1", INT64_MAX, "0.000000");
    assert_average("9", UINT64_C(1) << 63, "0.000000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_keep_their_decimals),
        cmocka_unit_test(an_exponent_is_written_out),
        cmocka_unit_test(refuses_more_digits_and_what_is_not_a_number),
        cmocka_unit_test(a_sum_is_exact_and_has_the_most_decimals),
        cmocka_unit_test(the_largest_numbers_have_a_sum),
        cmocka_unit_test(sums_of_small_numbers_are_those_of_integers),
        cmocka_unit_test(an_average_has_six_more_decimals_rounded_half_even),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
