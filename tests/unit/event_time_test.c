/* Times as recordings write them: reading, moving, and settings' moments. */
#include "unit.h"

#include "event_time.h"
#include "moment.h"

static enum pf_rc parse(const char *text, int64_t *ret)
{
    return pf_time_parse(text, strlen(text), ret, NULL);
}

static void reads_each_form(void **state)
{
    static const struct {
        const char *text;
        int64_t us;
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01T01:00:00+01:00", 0},
        {"1969-12-31T23:59:59.999999Z", -1},
        {"0000-03-01T00:00:00Z", INT64_C(-62162035200) * 1000000},
        {"9999-12-31T23:59:59Z", INT64_C(253402300799) * 1000000},
        {"2000-02-29T12:00:00z", INT64_C(951825600) * 1000000},
        {"2026-11-02t09:00:00.25+01:00", INT64_C(1793606400250000)},
        {"2026-11-02 08:00:00.250000999-00:00", INT64_C(1793606400250000)},
        {"2026-11-01T22:30:00-09:30", INT64_C(1793606400) * 1000000},
        {"2016-12-31T23:59:60Z", INT64_C(1483228800) * 1000000},
        {"0", 0},
        {"1793606400", INT64_C(1793606400) * 1000000},
        {"1793606400.5", INT64_C(1793606400500000)},
        /* The coarsest unit in which it is before the year 10000. */
        {"99999999999", INT64_C(99999999999) * 1000000},
        {"253402300799.9", INT64_C(253402300799900000)},
        {"253402300800", INT64_C(253402300800) * 1000},
        {"253402300799999.5", INT64_C(253402300799999500)},
        {"253402300800000", INT64_C(253402300800000)},
        {"1793606400250123", INT64_C(1793606400250123)},
        {"1793606400250123.75", INT64_C(1793606400250123)},
        {"253402300799999999", INT64_C(253402300799999999)},
        {"253402300800000000", INT64_C(253402300800000)},
        {"1793606400250123999", INT64_C(1793606400250123)},
        {"9223372036854775807", INT64_C(9223372036854775)},
        {"1793606400250.75", INT64_C(1793606400250750)},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t us = -7;

        if (parse(cases[i].text, &us) || us != cases[i].us)
            fail_msg("%s gave %lld", cases[i].text, (long long)us);
    }
}

static void refuses_what_is_not_a_time(void **state)
{
    static const char *const cases[] = {
        "",
        "now",
        "-1",
        "1e9",
        "1.",
        ".5",
        "1793606400 ",
        "9223372036854775808",
        "10000000000000000000",
        "17936064002501230000",
        "2026-11-02",
        "2026-11-02T09:00:00",
        "2026-11-02T09:00:00.Z",
        "2026-11-02T09:00:00+0100",
        "2026-11-02T09:00:00+24:00",
        "2026-11-02T24:00:00Z",
        "2026-11-02T09:60:00Z",
        "2026-11-02T09:00:61Z",
        "2026-00-02T09:00:00Z",
        "2026-13-02T09:00:00Z",
        "2026-11-31T09:00:00Z",
        "2026-02-29T09:00:00Z",
        "2100-02-29T09:00:00Z",
        "2026-11-02T09:00:00Zz",
        "2026-11-02T09:00:00.0000000000000000000000000000000000000000000000Z",
        "20261102T090000Z",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pf_error err = {0};
        int64_t us;

        if (pf_time_parse(cases[i], strlen(cases[i]), &us, &err) != PF_FORMAT)
            fail_msg("'%s' was taken", cases[i]);
        assert_contains(err.text, "is not a time");
    }
    assert_int_equal(pf_time_parse("\0\0\0\0\0\0\0\0\0\0T09:00:00Z", 20,
                                   &(int64_t){0}, NULL),
                     PF_FORMAT);
}

static void every_day_of_ten_thousand_years_goes_both_ways(void **state)
{
    int64_t us, back;
    char text[PF_TIME_SIZE], before[PF_TIME_SIZE] = "";

    (void)state;
    for (int64_t day = -719528; day < 2932897; day += 1) {
        us = (day * 86400 + 86399) * PF_SECOND_US + 123000;
        pf_time_format(us, text);
        assert_true(strcmp(before, text) < 0); /* each is later */
        memcpy(before, text, sizeof before);
        assert_int_equal(parse(text, &back), PF_OK);
        assert_true(back == us);
    }
    assert_string_equal(text, "9999-12-31T23:59:59.123Z");
}

static void a_time_is_moved_in_its_own_form(void **state)
{
    static const struct {
        const char *text;
        int64_t seconds;
        const char *moved;
    } cases[] = {
        {"2026-11-02T09:00:00.250+01:00", 86400,
         "2026-11-03T09:00:00.250+01:00"},
        {"2024-02-28 23:59:59z", 1, "2024-02-29 00:00:00z"},
        {"2024-03-01T00:00:00.123456789123Z", -1,
         "2024-02-29T23:59:59.123456789123Z"},
        {"1969-12-31T23:59:59Z", 1, "1970-01-01T00:00:00Z"},
        {"999.5", 1, "1000.5"},
        {"1793606400250.75", -3, "1793606397250.75"},
        {"1793606400250123", 3, "1793606403250123"},
        {"1793606400250123456", -3, "1793606397250123456"},
        {"0", 5, "5"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char buf[PF_TIME_SIZE];
        size_t len;

        assert_int_equal(pf_time_move(cases[i].text, strlen(cases[i].text),
                                      cases[i].seconds, buf, &len, NULL),
                         PF_OK);
        assert_int_equal(len, strlen(cases[i].moved));
        assert_memory_equal(buf, cases[i].moved, len);
    }
}

static void a_time_is_not_moved_out_of_its_form(void **state)
{
    static const struct {
        const char *text;
        int64_t seconds;
    } cases[] = {
        {"9999-12-31T23:59:59Z", 1},
        {"0000-01-01T00:00:00Z", -1},
        {"5", -6},
        {"253402300799", 1},     /* would be read as milliseconds */
        {"253402300800", -1},    /* would be read as seconds */
        {"253402300800000", -1}, /* and so on */
        {"253402300800000000", -1},
        {"9223372036854775807", 1},
        {"1793606400250123456", INT64_C(9223372037)},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char buf[PF_TIME_SIZE];
        size_t len;

        assert_int_equal(pf_time_move(cases[i].text, strlen(cases[i].text),
                                      cases[i].seconds, buf, &len, NULL),
                         PF_RANGE);
    }
}

static void a_moment_is_a_time_or_counted_from_now(void **state)
{
    static const struct {
        const char *text;
        int64_t us;
        bool from_now;
    } cases[] = {
        {"now", 5000000000, 1},
        {"now-0s", 5000000000, 1},
        {"now-90s", 5000000000 - 90000000, 1},
        {"now-2m", 5000000000 - 120000000, 1},
        {"now-1h", 5000000000 - 3600000000, 1},
        {"now-1d", 5000000000 - 86400000000, 1},
        {"1970-01-01T00:00:01Z", 1000000, 0},
    };
    static const char *const mistakes[] = {
        "",          "no",      "nowhere",        "now-",
        "now-h",     "now-1",   "now-1w",         "now+1h",
        "now-1.5h",  "now--1h", "now-999999999d", "now-40000d",
        "yesterday",
    };
    int64_t us = -7;
    bool from_now;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(
            pf_moment_parse(cases[i].text, 5000000000, &us, &from_now, NULL),
            PF_OK);
        assert_true(us == cases[i].us && from_now == cases[i].from_now);
    }
    for (size_t i = 0; i < COUNT(mistakes); i++)
        if (!pf_moment_parse(mistakes[i], 0, &us, &from_now, NULL))
            fail_msg("'%s' was taken", mistakes[i]);
}

static void each_form_reaches_only_so_far(void **state)
{
    static const struct {
        const char *text;
        int64_t from_s, to_s;
        bool reaches;
    } cases[] = {
        {"2026-11-02T09:00:00Z", -62104060800, 253370764799, true},
        {"2026-11-02T09:00:00Z", -62104060801, 0, false},
        {"2026-11-02T09:00:00Z", 0, 253370764800, false},
        {"5", 0, 253370764799, true},
        {"5", -1, 5, false},
        {"5.5", 5, 253370764800, false},
        {"1793606400000", 253402301, 253370764799, true},
        {"1793606400000", 253402300, 253402302, false},
        {"1793606400000.5", 253402301, 253370764800, false},
        {"1793606400000000", 253402301, 253370764799, true},
        {"1793606400000000", 253402300, 253402302, false},
        {"1793606400000000000", 253402301, 9223372035, true},
        {"1793606400000000000", 253402301, 9223372037, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        if (pf_time_reaches(cases[i].text, strlen(cases[i].text),
                            cases[i].from_s * PF_SECOND_US,
                            cases[i].to_s * PF_SECOND_US) != cases[i].reaches)
            fail_msg("%s, case %zu", cases[i].text, i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_each_form),
        cmocka_unit_test(refuses_what_is_not_a_time),
        cmocka_unit_test(every_day_of_ten_thousand_years_goes_both_ways),
        cmocka_unit_test(a_time_is_moved_in_its_own_form),
        cmocka_unit_test(a_time_is_not_moved_out_of_its_form),
        cmocka_unit_test(each_form_reaches_only_so_far),
        cmocka_unit_test(a_moment_is_a_time_or_counted_from_now),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
