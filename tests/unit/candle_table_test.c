/* The last candles of each match. */
#include "unit.h"

#include <inttypes.h>

#include "candle_table.h"

static struct web_candle_table table;

static int release(void **state)
{
    (void)state;
    web_candle_release(&table);
    return 0;
}

static bool take(const char *json)
{
    return web_candle_take(&table, json, strlen(json));
}

/* The i-th second's candle of a match, which closed with that price. */
static bool take_second(int match, int i, const char *close)
{
    char json[300];

    snprintf(json, sizeof json,
             "{\"match\":%d,\"start\":\"2026-11-26T09:%02d:%02d.000Z\","
             "\"end\":\"2026-11-26T09:%02d:%02d.000Z\",\"open\":4.50,"
             "\"high\":9,\"low\":1.1,\"close\":%s,\"count\":4}",
             match, i / 60, i % 60, (i + 1) / 60, (i + 1) % 60, close);
    return take(json);
}

static void a_candle_is_as_the_record_says(void **state)
{
    struct web_candle list[WEB_CANDLES_KEPT];

    (void)state;
    assert_true(
        take("{\"match\": 123, \"start\": \"2026-11-26T09:00:00.000Z\", "
             "\"end\": \"2026-11-26T09:01:00.000Z\", \"open\": 4.50, "
             "\"high\": 9, \"low\": 1.1, \"close\": 4.56, \"more\": []}"));
    assert_int_equal(web_candle_list(&table, 123, 0, list), 1);
    assert_int_equal(list[0].end_ms - list[0].start_ms, 60000);
    assert_int_equal(list[0].start_ms, INT64_C(1795683600000));
    assert_int_equal(list[0].open, 450);
    assert_int_equal(list[0].high, 900);
    assert_int_equal(list[0].low, 110);
    assert_int_equal(list[0].close, 456);
    assert_int_equal(list[0].count, -1);
    assert_int_equal(web_candle_list(&table, 124, 0, list), 0);
    assert_int_equal(web_candle_list(&table, -1, 0, list), 0);
    assert_int_equal(web_candle_list(&table, 1000, 0, list), 0);
}

static void the_last_ones_are_kept_and_given_from_a_number_on(void **state)
{
    struct web_candle list[WEB_CANDLES_KEPT];
    size_t n;

    (void)state;
    for (int i = 0; i < 3 * WEB_CANDLES_KEPT + 7; i++) {
        assert_true(take_second(999, i, "5"));
        n = web_candle_list(&table, 999, 0, list);
        assert_int_equal(n, i < WEB_CANDLES_KEPT ? i + 1 : WEB_CANDLES_KEPT);
        for (size_t k = 1; k < n; k++) {
            assert_int_equal(list[k].start_ms - list[k - 1].start_ms, 1000);
            assert_true(list[k].number > list[k - 1].number);
        }
        assert_int_equal(web_candle_list(&table, 999, list[n - 1].number, list),
                         0);
    }
    assert_int_equal(web_candle_list(&table, 999, table.last - 5, list), 5);
}

static void
one_that_comes_again_replaces_and_an_older_one_does_not(void **state)
{
    struct web_candle list[WEB_CANDLES_KEPT];

    (void)state;
    for (int i = 0; i < WEB_CANDLES_KEPT + 2; i++) {
        assert_true(take_second(100, i, "5"));
        assert_true(take_second(100, i, "6"));
        assert_true(!i || !take_second(100, i - 1, "7"));
    }
    assert_int_equal(web_candle_list(&table, 100, 0, list), WEB_CANDLES_KEPT);
    for (int i = 0; i < WEB_CANDLES_KEPT; i++)
        assert_int_equal(list[i].close, 600);
}

static void what_is_not_a_candle_is_left_out(void **state)
{
    static const char *const values[] = {
        "",
        "null",
        "{",
        "{\"match\": 123, \"price\": 4.56}",
        "{\"match\":99,\"start\":\"2026-11-26T09:00:00Z\",\"end\":\"2026-11-26T"
        "09:01:00Z\",\"open\":4,\"high\":9,\"low\":1,\"close\":4}",
        "{\"match\":1000,\"start\":\"2026-11-26T09:00:00Z\",\"end\":\"2026-11-"
        "26T09:01:00Z\",\"open\":4,\"high\":9,\"low\":1,\"close\":4}",
        "{\"match\":\"123\",\"start\":\"2026-11-26T09:00:00Z\",\"end\":\"2026-"
        "11-26T09:01:00Z\",\"open\":4,\"high\":9,\"low\":1,\"close\":4}",
        "{\"match\":123,\"start\":\"1969-12-31T23:59:59.5Z\",\"end\":\"1970-"
        "01-01T00:00:00.5Z\",\"open\":4,\"high\":9,\"low\":1,\"close\":4}",
        "{\"match\":123,\"start\":\"soon\",\"end\":\"2026-11-26T09:01:00Z\","
        "\"open\":4,\"high\":9,\"low\":1,\"close\":4}",
        "{\"match\":123,\"start\":\"2026-11-26T09:01:00Z\",\"end\":\"2026-11-"
        "26T09:01:00Z\",\"open\":4,\"high\":9,\"low\":1,\"close\":4}",
        "{\"match\":123,\"start\":\"2026-11-26T09:00:00Z\",\"end\":\"2026-11-"
        "26T09:01:00Z\",\"open\":4.567,\"high\":9,\"low\":1,\"close\":4}",
        "{\"match\":123,\"start\":\"2026-11-26T09:00:00Z\",\"end\":\"2026-11-"
        "26T09:01:00Z\",\"open\":-4,\"high\":9,\"low\":1,\"close\":4}",
        "{\"match\":123,\"start\":\"2026-11-26T09:00:00Z\",\"end\":\"2026-11-"
        "26T09:01:00Z\",\"open\":4,\"high\":1,\"low\":9,\"close\":4}",
        "{\"match\":123,\"start\":\"2026-11-26T09:00:00Z\",\"end\":\"2026-11-"
        "26T09:01:00Z\",\"open\":4,\"high\":9,\"low\":1,\"close\":{\"a\":1}}",
    };
    struct web_candle list[WEB_CANDLES_KEPT];

    (void)state;
    for (size_t i = 0; i < COUNT(values); i++)
        assert_false(take(values[i]));
    assert_false(web_candle_take(&table, NULL, 0));
    for (int match = 100; match < 1000; match++)
        assert_int_equal(web_candle_list(&table, match, 0, list), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_candle_is_as_the_record_says, release),
        cmocka_unit_test_teardown(
            the_last_ones_are_kept_and_given_from_a_number_on, release),
        cmocka_unit_test_teardown(
            one_that_comes_again_replaces_and_an_older_one_does_not, release),
        cmocka_unit_test_teardown(what_is_not_a_candle_is_left_out, release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
