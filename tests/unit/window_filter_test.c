/* The filter that makes results of windows, one case at a time. */
#include "window_world.h"

#include <inttypes.h>
#include <malloc.h>

#include "clock.h"
#include "event_time.h"
#include "prng.h"

/* 2026-11-26T09:00:00Z, in milliseconds. */
#define NINE INT64_C(1795683600000)

static struct world w;
static struct pf_record records[64];
static size_t n;
static int64_t next_offset;

/* Settings, an open filter, and partition 0 from its beginning on. */
static void begin(const char *const *settings)
{
    int64_t from;

    assert_int_equal(world_check(&w, settings), PF_OK);
    world_open(&w);
    assert_int_equal(world_assign(&w, 0, 0, NULL, &from), PF_OK);
    assert_int_equal(from, 0);
    n = 0;
    next_offset = 0;
}

static int end(void **state)
{
    (void)state;
    world_close(&w);
    return 0;
}

/* One more record of the batch, at a time after nine. key NULL: none. */
static struct pf_record *put(const char *key, int64_t after_ms,
                             const char *value)
{
    records[n] = (struct pf_record){.topic = "t",
                                    .offset = next_offset++,
                                    .timestamp = NINE + after_ms,
                                    .key = key,
                                    .key_len = key ? strlen(key) : 0,
                                    .value = value,
                                    .value_len = value ? strlen(value) : 0};
    return &records[n++];
}

static void apply(void)
{
    assert_int_equal(world_apply(&w, records, n), PF_OK);
    n = 0;
}

/* Result i has this value. */
static void assert_result(size_t i, const char *value)
{
    const struct pf_output *out = &w.out.outputs[0];
    char text[2000];

    assert_true(i < out->n);
    snprintf(text, sizeof text, "%.*s", (int)out->records[i].value_len,
             (const char *)out->records[i].value);
    assert_string_equal(text, value);
}

static void assert_refused(size_t i, const char *kind, const char *sentence)
{
    assert_true(i < w.out.n_refused);
    assert_string_equal(w.out.refusals[i].kind, kind);
    assert_contains(w.out.refusals[i].reason.text, sentence);
}

static void
a_window_becomes_a_result_when_its_end_and_the_grace_are_over(void **state)
{
    const struct pf_record *r;

    (void)state;
    begin((settings_list){"feed.window.size", "60s", "feed.window.grace", "10s",
                          NULL});
    put("b", 1000, "x");
    put("a", 59999, NULL);
    put("b", 0, "");
    put("b", 69999, "x");
    apply();
    assert_int_equal(w.out.outputs[0].n, 0);
    assert_int_equal(world_metric(&w, PF_WINDOW_OPEN), 3);
    put("b", 3, "x"); /* in the grace */
    put("c", 70000, "x");
    apply();
    assert_int_equal(w.out.outputs[0].n, 2);
    assert_int_equal(w.out.n_refused, 0);
    assert_result(0, "{\"key\":\"b\",\"start\":\"2026-11-26T09:00:00.000Z\","
                     "\"end\":\"2026-11-26T09:01:00.000Z\",\"count\":3}");
    assert_result(1, "{\"key\":\"a\",\"start\":\"2026-11-26T09:00:00.000Z\","
                     "\"end\":\"2026-11-26T09:01:00.000Z\",\"count\":1}");
    r = &w.out.outputs[0].records[1];
    assert_int_equal(r->key_len, 1);
    assert_memory_equal(r->key, "a", 1);
    assert_int_equal(r->timestamp, NINE + 59999);
    assert_int_equal(r->partition, 0);
    assert_null(r->topic);
    assert_int_equal(w.out.outputs[0].from[0], 1);
    assert_int_equal(w.out.outputs[0].from[1], 1);
    assert_int_equal(world_metric(&w, PF_WINDOW_RESULTS), 2);
    assert_int_equal(world_metric(&w, PF_WINDOW_OPEN), 2);
}

static void candles_have_the_prices_by_event_time(void **state)
{
    (void)state;
    begin((settings_list){"feed.window.size", "1s", "feed.window.key", ".match",
                          "feed.window.key.name", "match",
                          "feed.window.aggregates", "ohlc(.price), count",
                          "feed.window.grace", "1s", "feed.window.time", ".at",
                          NULL});
    put(NULL, 0,
        "{\"match\":123,\"price\":4.56,"
        "\"at\":\"2026-11-26T09:00:00.500Z\"}");
    put(NULL, 0,
        "{\"match\":123,\"price\":4.50,"
        "\"at\":\"2026-11-26T10:00:00.100+01:00\"}");
    put(NULL, 0, "{\"match\":123,\"price\":9,\"at\":1795683600.250}");
    put(NULL, 0, "{\"match\":123,\"price\":1.1,\"at\":1795683600499}");
    put(NULL, 0, "{\"match\":124,\"price\":2,\"at\":1795683602000}");
    apply();
    assert_int_equal(w.out.outputs[0].n, 1);
    assert_result(0, "{\"match\":123,\"start\":\"2026-11-26T09:00:00.000Z\","
                     "\"end\":\"2026-11-26T09:00:01.000Z\",\"open\":4.50,"
                     "\"high\":9,\"low\":1.1,\"close\":4.56,\"count\":4}");
    assert_memory_equal(w.out.outputs[0].records[0].key, "123", 3);
}

static void hopping_windows_have_a_record_each(void **state)
{
    (void)state;
    begin((settings_list){"feed.window.size", "3s", "feed.window.advance", "1s",
                          NULL});
    put("a", 2500, NULL);
    put("a", 3500, NULL);
    put("a", 1500, NULL); /* one of its windows is closed */
    apply();
    assert_int_equal(w.out.outputs[0].n, 1);
    assert_int_equal(w.out.n_refused, 0);
    assert_result(0, "{\"key\":\"a\",\"start\":\"2026-11-26T09:00:00.000Z\","
                     "\"end\":\"2026-11-26T09:00:03.000Z\",\"count\":1}");
    put("b", 6000, NULL);
    apply();
    assert_int_equal(w.out.outputs[0].n, 3);
    assert_result(0, "{\"key\":\"a\",\"start\":\"2026-11-26T09:00:01.000Z\","
                     "\"end\":\"2026-11-26T09:00:04.000Z\",\"count\":3}");
    assert_result(2, "{\"key\":\"a\",\"start\":\"2026-11-26T09:00:03.000Z\","
                     "\"end\":\"2026-11-26T09:00:06.000Z\",\"count\":1}");
}

static void what_comes_too_late_is_refused_with_its_window(void **state)
{
    (void)state;
    begin((settings_list){"feed.window.size", "10s", "feed.window.grace", "5s",
                          NULL});
    put("a", 14999, NULL);
    put("a", 9999, NULL);
    put("a", 15000, NULL);
    put("a", 9999, NULL);
    apply();
    assert_int_equal(w.out.outputs[0].n, 1);
    assert_int_equal(w.out.n_refused, 1);
    assert_ptr_equal(w.out.refusals[0].record, &records[3]);
    assert_refused(0, "late",
                   "from 2026-11-26T09:00:00.000Z to 2026-11-26T09:00:10.000Z "
                   "is closed: stream time is 2026-11-26T09:00:15.000Z");
    assert_int_equal(world_metric(&w, PF_WINDOW_LATE), 1);
}

static void one_outlier_does_not_close_everything(void **state)
{
    (void)state;
    begin((settings_list){"feed.window.size", "10s", "feed.window.time", "at",
                          "feed.window.ahead", "2m", NULL});
    put("a", 0, "{\"at\":\"2026-11-26T09:00:00Z\"}");
    put("a", 0, "{\"at\":\"2026-11-26T09:02:00.001Z\"}");
    put("a", 1, "{\"at\":\"2026-11-26T09:00:01Z\"}");
    apply();
    assert_int_equal(w.out.outputs[0].n, 0);
    assert_int_equal(w.out.n_refused, 1);
    assert_refused(0, "ahead", "120 s past its timestamp");
    put("a", 0, "{\"at\":\"2026-11-26T09:02:00Z\"}");
    apply();
    assert_int_equal(w.out.n_refused, 0);
    assert_int_equal(w.out.outputs[0].n, 1);
}

static void times_that_no_window_has_are_refused(void **state)
{
    static const int64_t bad[] = {INT64_MIN,
                                  INT64_MIN + 1,
                                  INT64_C(-9007199254740993),
                                  -10001,
                                  -1,
                                  INT64_C(253402300799999),
                                  INT64_C(253402300800000),
                                  INT64_C(9007199254740993),
                                  INT64_MAX - 10000,
                                  INT64_MAX - 1,
                                  INT64_MAX};

    (void)state;
    begin((settings_list){"feed.window.size", "10s", "feed.window.advance",
                          "4s", "feed.window.grace", "1000d", NULL});
    for (size_t i = 0; i < COUNT(bad); i++)
        put("a", 0, NULL)->timestamp = bad[i];
    put("a", 0, NULL)->timestamp = 0;
    apply();
    assert_int_equal(w.out.n_refused, COUNT(bad));
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_refused(i, "time", "");
    put("a", 0, NULL)->timestamp = PF_WINDOW_LAST_MS - 10000 - 86400000000;
    apply();
    assert_int_equal(w.out.n_refused, 0);
    assert_int_equal(w.out.outputs[0].n, 3);
    assert_result(0, "{\"key\":\"a\",\"start\":\"1969-12-31T23:59:52.000Z\","
                     "\"end\":\"1970-01-01T00:00:02.000Z\",\"count\":1}");
    assert_true(w.out.outputs[0].records[0].timestamp > 0);
    assert_result(2, "{\"key\":\"a\",\"start\":\"1970-01-01T00:00:00.000Z\","
                     "\"end\":\"1970-01-01T00:00:10.000Z\",\"count\":1}");
}

/* Any time at all, as a timestamp and as a member: it has a window that has it,
 * or it is refused. */
static void any_time_is_in_a_window_or_refused(void **state)
{
    char value[60];

    (void)state;
    begin((settings_list){"feed.window.size", "7d", "feed.window.time", "at",
                          "feed.window.grace", "1000d", "feed.window.ahead",
                          "1000d", NULL});
    for (uint64_t i = 0; i < 200000; i++) {
        int64_t time = (int64_t)pf_prng_at(9, i) >> (i % 64);
        size_t open = world_metric(&w, PF_WINDOW_OPEN);

        snprintf(value, sizeof value, "{\"at\":%" PRId64 "}", time);
        put("a", 0, value)->timestamp = (int64_t)pf_prng_at(8, i) >> (i % 60);
        apply();
        assert_true(w.out.n_refused <= 1);
        if (w.out.n_refused && world_metric(&w, PF_WINDOW_OPEN) != open)
            fail_msg("%" PRId64 " was refused, and is in a window", time);
        for (size_t k = 0; k < w.out.outputs[0].n; k++)
            assert_in_range(w.out.outputs[0].records[k].timestamp, 0,
                            PF_WINDOW_LAST_MS);
    }
}

static void a_record_without_use_is_refused_and_says_why(void **state)
{
    char value[2000], key[1100];

    (void)state;
    begin((settings_list){"feed.window.size", "10s", "feed.window.time",
                          "a.time", "feed.window.key", "/a/k~1",
                          "feed.window.aggregates", "sum(.p)", NULL});
    put("a", 0, NULL);
    put("a", 0, "");
    put("a", 0, "{\"a\":");
    put("a", 0, "{}");
    put("a", 0, "{\"a\":{\"time\":\"soon\"}}");
    put("a", 0, "{\"a\":{\"time\":null}}");
    put("a", 0, "{\"a\":{\"time\":1795683600}}");
    put("a", 0, "{\"a\":{\"time\":1795683600,\"k/\":null}}");
    put("a", 0, "{\"a\":{\"time\":1795683600,\"k/\":{}}}");
    put("a", 0, "{\"a\":{\"time\":1795683600,\"k/\":\"\\ud800\"}}");
    memset(key, 'k', sizeof key);
    snprintf(value, sizeof value,
             "{\"a\":{\"time\":1795683600,\"k/\":\"%.1025s\"}}", key);
    put("a", 0, value);
    put("a", 0, "{\"a\":{\"time\":1795683600,\"k/\":1}}");
    put("a", 0, "{\"a\":{\"time\":1795683600,\"k/\":1},\"p\":\"1\"}");
    put("a", 0, "{\"a\":{\"time\":1795683600,\"k/\":1},\"p\":1e99}");
    put("a", 0, "{\"a\":{\"time\":1795683600,\"k/\":1},\"p\":1}");
    put("a", 0, NULL)->timestamp = -1;
    apply();
    assert_refused(0, "empty", "no value (a tombstone)");
    assert_refused(1, "syntax", "not JSON: ");
    assert_refused(2, "syntax", "not JSON: ");
    assert_refused(3, "time", "it has no a.time, which is its time");
    assert_refused(4, "time", "'soon' is not a time");
    assert_refused(5, "time", "is not a time");
    assert_refused(6, "key", "it has no /a/k~1, which is the key");
    assert_refused(7, "key", "is null, an object or an array");
    assert_refused(8, "key", "is null, an object or an array");
    assert_refused(9, "key", "half of a surrogate pair");
    assert_refused(10, "key", "has 1025 bytes");
    assert_refused(11, "missing", "it has no p");
    assert_refused(12, "number", "p is not a number of up to 20 digits");
    assert_refused(13, "number", "p is not a number");
    assert_refused(14, "empty", "");
    assert_int_equal(w.out.n_refused, 15);
    assert_int_equal(world_metric(&w, PF_WINDOW_OPEN), 1);
}

static void a_record_without_timestamp_has_no_time_to_compare(void **state)
{
    (void)state;
    begin((settings_list){"feed.window.size", "10s", "feed.window.time", "at",
                          NULL});
    put("a", 0, "{\"at\":1795683600}")->timestamp = -1;
    apply();
    assert_refused(0, "time", "it has no timestamp");
}

/* The keys of these records, as the results have them. */
static void assert_keys(const char *const *values, size_t n_values)
{
    put("end", 3600000, "{\"k\":\"end\"}");
    apply();
    assert_int_equal(w.out.n_refused, 0);
    assert_int_equal(w.out.outputs[0].n, n_values);
    for (size_t i = 0; i < n_values; i++) {
        char text[200];

        snprintf(text, sizeof text,
                 "{\"key\":%s,\"start\":\"2026-11-26T09:00:00.000Z\","
                 "\"end\":\"2026-11-26T09:00:10.000Z\",\"count\":1}",
                 values[i]);
        assert_result(i, text);
    }
}

static void a_key_of_any_bytes_is_a_string(void **state)
{
    static const char *const values[] = {
        "null",         "\"\"",        "\"123\"", "\"a\\\"\\\\\\u001b/\"",
        "\"\xc3\xa9\"", "\"\\ufffda\""};

    (void)state;
    begin((settings_list){"feed.window.size", "10s", NULL});
    put(NULL, 0, NULL);
    put("", 0, NULL);
    put("123", 0, NULL);
    put("a\"\\\033/", 0, NULL);
    put("\xc3\xa9", 0, NULL);
    put("\xff"
        "a",
        0, NULL);
    assert_keys(values, COUNT(values));
    assert_null(w.out.outputs[0].records[0].key);
    assert_non_null(w.out.outputs[0].records[1].key);
    assert_int_equal(w.out.outputs[0].records[5].key_len, 2);
    assert_memory_equal(w.out.outputs[0].records[5].key, "\xff", 1);
}

static void a_key_that_is_json_can_stay_so(void **state)
{
    static const char *const values[] = {"123", "\"0123\"", "{\"id\":1}",
                                         "\"a\"", "\"\""};

    (void)state;
    begin((settings_list){"feed.window.size", "10s", "feed.window.key.json",
                          "true", NULL});
    put("123", 0, NULL);
    put("0123", 0, NULL);
    put("{\"id\":1}", 0, NULL);
    put("a", 0, NULL);
    put("", 0, NULL);
    assert_keys(values, COUNT(values));
}

static void a_member_is_the_same_key_however_it_is_escaped(void **state)
{
    static const char *const values[] = {
        "1", "\"1\"", "true",
        "\"\xf0\x9f\x98\x80/\\u000a\xc3\xa9\xe2\x82\xac\""};

    (void)state;
    begin((settings_list){"feed.window.size", "10s", "feed.window.key", "k",
                          NULL});
    put("x", 0, "{\"k\":1}");
    put("x", 0, "{\"k\":\"1\"}");
    put("x", 0, "{\"k\":true}");
    put("x", 0, "{\"k\":\"\\uD83D\\ude00\\/\\n\\u00e9\\u20AC\"}");
    assert_keys(values, COUNT(values));
    put("x", 3600000, "{\"k\":\"\xc3\xa9\"}");
    put("x", 3600000, "{\"k\":\"\\u00e9\"}");
    put("x", 7200000, "{\"k\":\"\"}");
    apply();
    assert_int_equal(w.out.outputs[0].n, 2);
    assert_result(1,
                  "{\"key\":\"\xc3\xa9\",\"start\":\"2026-11-26T10:00:00."
                  "000Z\",\"end\":\"2026-11-26T10:00:10.000Z\",\"count\":2}");
}

static void a_member_as_key_needs_a_single_partition(void **state)
{
    static const settings_list by_member = {"feed.window.size", "1s",
                                            "feed.window.key", "k", NULL};
    int64_t from;

    (void)state;
    begin(by_member);
    assert_int_equal(world_assign(&w, 1, 0, NULL, &from), PF_CONFIG);
    assert_contains(w.err.text, "let another processor with feed.key");
    w.filter->ops->revoked(w.filter, "t", 0);
    assert_int_equal(world_assign(&w, 1, 0, NULL, &from), PF_CONFIG);
    assert_int_equal(world_assign(&w, 0, 0, NULL, &from), PF_OK);
    assert_int_equal(world_assign(&w, 0, 0, NULL, &from), PF_OK);
    world_close(&w);
    w.conf.windows.partitions = 3;
    assert_int_equal(world_check(&w, by_member), PF_CONFIG);
    assert_contains(w.err.text, "test: feed.window.key: the input has several");
    w.conf.windows.partitions = 0;
}

static void more_keys_than_allowed_end_it(void **state)
{
    (void)state;
    begin((settings_list){"feed.window.size", "10s", "feed.window.max.keys",
                          "2", NULL});
    put("a", 0, NULL);
    put("b", 0, NULL);
    put("a", 10000, NULL); /* two are closed */
    put("b", 10000, NULL);
    apply();
    assert_int_equal(w.out.outputs[0].n, 2);
    put("c", 10000, NULL);
    assert_int_equal(world_apply(&w, records, n), PF_RANGE);
    assert_int_equal(pf_exit_code(PF_RANGE), 1);
    assert_contains(w.err.text, "feed.window.max.keys = 2");
}

/* What the filter says of partition 0, copied. */
static const char *metadata(void)
{
    static char text[PF_METADATA_SIZE];
    const char *now = w.filter->ops->metadata(w.filter, "t", 0);

    if (now)
        snprintf(text, sizeof text, "%s", now);
    return now ? text : NULL;
}

static void what_is_committed_tells_where_open_windows_begin(void **state)
{
    (void)state;
    begin((settings_list){"feed.window.size", "10s", "feed.window.grace", "1s",
                          NULL});
    assert_null(metadata());
    put("a", 500, NULL);
    put("a", 10500, NULL);
    put("b", 400, NULL);
    apply();
    assert_contains(metadata(), "windows cut=0 time=1795683610500 settings=");
    put("a", 11000, NULL);
    apply();
    assert_contains(metadata(), "windows cut=1 time=1795683611000 settings=");
    assert_null(w.filter->ops->metadata(w.filter, "t", 1));
    assert_null(w.filter->ops->metadata(w.filter, "u", 0));
}

static void what_was_open_is_built_up_again_without_output(void **state)
{
    int64_t from;
    char text[PF_METADATA_SIZE];

    (void)state;
    begin((settings_list){"feed.window.size", "10s", "feed.window.time", "at",
                          NULL});
    for (int life = 0; life < 2; life++) {
        put("a", 0, "{\"at\":1795683600}");
        put("b", 0, "{\"at\":1795683610}");
        put("a", 0, "{\"at\":1795683610}");
        put("a", 0, "{\"at\":1795683601}"); /* late */
        put("a", 0, "{\"at\":1799999999}"); /* ahead */
        put("a", 0, "not JSON");
        put("b", 0, "{\"at\":1795683611}");
        if (life)
            break;
        apply();
        assert_int_equal(w.out.n_refused, 3);
        assert_int_equal(w.out.outputs[0].n, 1);
        snprintf(text, sizeof text, "%s", metadata());
        w.filter->ops->revoked(w.filter, "t", 0);
        assert_null(metadata());
        assert_int_equal(world_assign(&w, 0, 7, text, &from), PF_OK);
        assert_int_equal(from, 1);
        assert_string_equal(metadata(), text);
        next_offset = 0;
    }
    assert_int_equal(world_apply(&w, records + 1, 6), PF_OK);
    assert_int_equal(w.out.n_refused, 0);
    assert_int_equal(w.out.outputs[0].n, 0);
    assert_string_equal(metadata(), text);
    n = 0;
    put("c", 0, "{\"at\":1795683620}");
    apply();
    assert_int_equal(w.out.outputs[0].n, 2);
    assert_result(0, "{\"key\":\"b\",\"start\":\"2026-11-26T09:00:10.000Z\","
                     "\"end\":\"2026-11-26T09:00:20.000Z\",\"count\":2}");
    assert_result(1, "{\"key\":\"a\",\"start\":\"2026-11-26T09:00:10.000Z\","
                     "\"end\":\"2026-11-26T09:00:20.000Z\",\"count\":1}");
}

static void a_window_that_is_closed_stays_so(void **state)
{
    int64_t from;

    (void)state;
    begin((settings_list){"feed.window.size", "10s", NULL});
    put("a", 0, NULL);
    put("a", 10000, NULL);
    apply();
    assert_int_equal(world_assign(&w, 0, 2, metadata(), &from), PF_OK);
    assert_int_equal(from, 1);
    put("a", 10000, NULL)->offset = 1;
    put("a", 9999, NULL)->offset = 2;
    apply();
    assert_int_equal(w.out.n_refused, 1);
    assert_refused(0, "late", "");
}

static void other_settings_and_other_texts_are_refused(void **state)
{
    static const char *const others[][2] = {
        {"feed.window.size", "11s"},
        {"feed.window.advance", "5s"},
        {"feed.window.grace", "1s"},
        {"feed.window.ahead", "59m"},
        {"feed.window.time", "at"},
        {"feed.window.key", "k"},
        {"feed.window.aggregates", "count, sum(.a)"},
        {"feed.window.aggregates", "count, max(.a)"},
    };
    static const char *const texts[] = {
        "x",
        "windows cut=1",
        "windows cut=5 time=0 settings=0",
        "windows cut=-2 time=0 settings=0000000000000000",
        "windows cut=5 time=0 settings=0000000000000000",
        "windows cut=-1 time=-1 settings=0000000000000000",
        "windows cut=-1 time=999999999999999 settings=0000000000000000",
        "windows cut=-1 time=0 settings=0000000000000000 ",
        "windows cut=99999999999999999999 time=0 settings=0000000000000000"};
    char text[PF_METADATA_SIZE];
    int64_t from;

    (void)state;
    begin((settings_list){"feed.window.size", "10s", NULL});
    put("a", 500, NULL);
    apply();
    snprintf(text, sizeof text, "%s", metadata());
    for (size_t i = 0; i < COUNT(texts); i++) {
        assert_int_equal(world_assign(&w, 0, 5, texts[i], &from), PF_CONFIG);
        assert_contains(w.err.text, "t [0]: somebody else has committed '");
    }
    assert_int_equal(world_assign(&w, 0, 5, "", &from), PF_OK);
    assert_int_equal(from, 5);
    assert_int_equal(world_assign(&w, 0, -1, "x", &from), PF_OK);
    for (size_t i = 0; i < COUNT(others); i++) {
        world_close(&w);
        begin((settings_list){"feed.window.size", "10s", others[i][0],
                              others[i][1], NULL});
        assert_int_equal(world_assign(&w, 0, 1, text, &from), PF_CONFIG);
        assert_contains(w.err.text, "t [0]: position 1 was committed with "
                                    "other feed.window settings");
    }
    world_close(&w);
    w.conf.windows.before = 1; /* a filter that was not there */
    begin((settings_list){"feed.window.size", "10s", NULL});
    assert_int_equal(world_assign(&w, 0, 1, text, &from), PF_CONFIG);
    world_close(&w);
    w.conf.windows.before = 0;
    begin((settings_list){"feed.window.size", "10000ms", "feed.window.idle", "",
                          "feed.window.key.name", "k", "feed.window.aggregates",
                          "count as n", NULL});
    assert_int_equal(world_assign(&w, 0, 1, text, &from), PF_OK);
}

static void records_that_are_gone_are_missed(void **state)
{
    char text[PF_METADATA_SIZE];
    int64_t from;

    (void)state;
    begin((settings_list){"feed.window.size", "10s", NULL});
    next_offset = 3;
    put("a", 500, NULL);
    put("a", 600, NULL);
    apply();
    snprintf(text, sizeof text, "%s", metadata());
    for (int64_t first = 2; first < 6; first++) {
        assert_int_equal(world_assign(&w, 0, 5, text, &from), PF_OK);
        assert_int_equal(from, 3);
        put("a", 500, NULL)->offset = first;
        assert_int_equal(world_apply(&w, records, 1),
                         first == 3 ? PF_OK : PF_RANGE);
        n = 0;
        if (first != 3)
            assert_contains(w.err.text,
                            "t [0]: open windows need records from offset 3");
    }
}

/* ------------------------------------------------------- a filter before */

/* Makes as many records of each as its value says, a second apart from its own
 * time on, with the value of the first as the key. "x" is refused. */
static struct before {
    struct pf_filter base;
    struct pf_record records[64];
    uint32_t from[64];
    struct pf_refusal refusals[64];
    bool closed;
} first;

static enum pf_rc before_apply(struct pf_filter *base,
                               const struct pf_record *in, size_t n_in,
                               struct pf_filtered *ret, struct pf_error *err)
{
    struct before *b = (struct before *)base;
    struct pf_output *out = &ret->outputs[0];

    *ret = (struct pf_filtered){
        .outputs = {{.records = b->records, .from = b->from}},
        .refusals = b->refusals};
    for (size_t i = 0; i < n_in; i++) {
        int times = atoi(in[i].value);

        if (!strcmp(in[i].value, "end"))
            return pf_fail(err, PF_END, "a stop");
        if (*(const char *)in[i].value == 'x')
            b->refusals[ret->n_refused++] = (struct pf_refusal){
                .record = &in[i], .kind = "x", .reason = {"it is x"}};
        for (int k = 0; k < times; k++) {
            b->from[out->n] = (uint32_t)i;
            b->records[out->n] = in[i];
            b->records[out->n].partition = PF_BY_KEY;
            b->records[out->n].key = "new";
            b->records[out->n].key_len = 3;
            b->records[out->n++].timestamp += k * 1000;
        }
    }
    return PF_OK;
}

static void before_close(struct pf_filter *base)
{
    ((struct before *)base)->closed = true;
}

static const struct pf_filter_ops before_ops = {
    .n_outputs = 1, .apply = before_apply, .close = before_close};

static void begin_before(const char *const *settings)
{
    first = (struct before){.base = {.ops = &before_ops}};
    w.before = &first.base;
    begin(settings);
    w.before = NULL;
}

static void records_that_a_filter_has_made_go_into_windows(void **state)
{
    (void)state;
    begin_before((settings_list){"feed.window.size", "10s", NULL});
    put("a", 0, "3");
    put("a", 0, "0");
    put("b", 8000, "5"); /* up to 12 s */
    apply();
    assert_int_equal(w.out.n_refused, 0);
    assert_int_equal(w.out.outputs[0].n, 1);
    assert_int_equal(w.out.outputs[0].from[0], 2);
    assert_int_equal(w.out.outputs[0].records[0].partition, 0);
    assert_result(0, "{\"key\":\"new\",\"start\":\"2026-11-26T09:00:00.000Z\","
                     "\"end\":\"2026-11-26T09:00:10.000Z\",\"count\":5}");
    world_close(&w);
    assert_true(first.closed);
}

static void what_it_refuses_is_refused_in_order_with_what_is_late(void **state)
{
    (void)state;
    begin_before((settings_list){"feed.window.size", "10s", "feed.window.ahead",
                                 "5s", NULL});
    put("a", 30000, "1");
    put("a", 0, "x");
    put("a", 0, "3"); /* late, three times */
    put("a", 30000, "x");
    put("a", 30000, "7"); /* the last is too far ahead */
    apply();
    assert_int_equal(w.out.n_refused, 4);
    assert_refused(0, "x", "it is x");
    assert_refused(1, "late", "");
    assert_refused(2, "x", "");
    assert_refused(3, "ahead", "6 s past");
    for (size_t i = 0; i < 4; i++)
        assert_ptr_equal(w.out.refusals[i].record, &records[i + 1]);
    put("a", 0, "end");
    assert_int_equal(world_apply(&w, records, 1), PF_END);
}

/* A record that is corrected and sent again must not be counted twice. */
static void
one_result_of_no_use_keeps_its_record_out_of_all_windows(void **state)
{
    (void)state;
    begin_before((settings_list){"feed.window.size", "10s", "feed.window.ahead",
                                 "5s", NULL});
    put("a", 0, "7"); /* the last is too far ahead */
    put("a", 0, "2");
    put("a", 10000, "1");
    apply();
    assert_int_equal(w.out.n_refused, 1);
    assert_refused(0, "ahead", "6 s past");
    assert_int_equal(w.out.outputs[0].n, 1);
    assert_result(0, "{\"key\":\"new\",\"start\":\"2026-11-26T09:00:00.000Z\","
                     "\"end\":\"2026-11-26T09:00:10.000Z\",\"count\":2}");
}

static void what_it_refuses_is_not_refused_again(void **state)
{
    int64_t from;

    (void)state;
    begin_before((settings_list){"feed.window.size", "10s", NULL});
    put("a", 0, "1");
    put("a", 0, "x");
    put("a", 0, "0");
    apply();
    assert_int_equal(w.out.n_refused, 1);
    assert_int_equal(world_assign(&w, 0, 3, metadata(), &from), PF_OK);
    assert_int_equal(from, 0);
    next_offset = 0;
    put("a", 0, "1");
    put("a", 0, "x");
    put("a", 0, "0");
    put("a", 0, "x");
    apply();
    assert_int_equal(w.out.n_refused, 1);
    assert_ptr_equal(w.out.refusals[0].record, &records[3]);
}

static void new_keys_need_a_single_partition(void **state)
{
    static const settings_list settings = {"feed.window.size", "1s", NULL};
    int64_t from;

    (void)state;
    w.conf.windows.rekeyed = true;
    begin(settings);
    assert_int_equal(world_assign(&w, 1, 0, NULL, &from), PF_CONFIG);
    world_close(&w);
    w.conf.windows.partitions = 2;
    assert_int_equal(world_check(&w, settings), PF_CONFIG);
    assert_contains(w.err.text, "feed.key: the input has several partitions");
    w.conf.windows.partitions = 1;
    w.conf.windows.rekeyed = false;
}

/* ---------------------------------------------------------------- idle */

static bool is_at_end;

static bool at_end(const struct pf_source *source, const char *topic,
                   int32_t partition)
{
    assert_null(source);
    assert_string_equal(topic, "t");
    assert_int_equal(partition, 0);
    return is_at_end;
}

/* Wait until the filter wants to be woken, and wake it. */
static void wake_when_due(void)
{
    while (w.filter->ops->due_ms(w.filter) > pf_now_ms())
        ;
    assert_int_equal(w.filter->ops->wake(w.filter, false, &w.out, &w.err),
                     PF_OK);
}

static void where_nothing_comes_windows_close_if_that_is_wanted(void **state)
{
    int64_t from, due;

    (void)state;
    w.conf.windows.at_end = at_end;
    begin((settings_list){"feed.window.size", "10s", "feed.window.advance",
                          "5s", "feed.window.grace", "1s", "feed.window.idle",
                          "20ms", NULL});
    assert_int_equal(w.filter->ops->due_ms(w.filter), INT64_MAX);
    put("a", 7000, NULL);
    due = pf_now_ms() + 20;
    apply();
    assert_in_range(w.filter->ops->due_ms(w.filter), due, due + 1000);
    is_at_end = true;
    wake_when_due(); /* perhaps others have kept us from reading */
    assert_int_equal(w.out.outputs[0].n, 0);
    assert_true(w.filter->ops->due_ms(w.filter) > pf_now_ms());
    put("a", 7001, NULL);
    apply();
    for (int i = 0; i < 3; i++) {
        wake_when_due();
        assert_int_equal(w.out.outputs[0].n, 0);
        is_at_end = false;
    }
    is_at_end = true;
    wake_when_due();
    assert_int_equal(w.out.outputs[0].n, 2);
    assert_result(1, "{\"key\":\"a\",\"start\":\"2026-11-26T09:00:05.000Z\","
                     "\"end\":\"2026-11-26T09:00:15.000Z\",\"count\":2,"
                     "\"idle\":true}");
    assert_int_equal(w.filter->ops->due_ms(w.filter), INT64_MAX);
    assert_contains(metadata(), "windows cut=-1 time=1795683616000 ");
    assert_int_equal(world_assign(&w, 0, 2, metadata(), &from), PF_OK);
    assert_int_equal(from, 2);
    put("a", 7500, NULL); /* its windows are closed after a restart, too */
    put("a", 20000, NULL);
    apply();
    assert_refused(0, "late", "stream time is 2026-11-26T09:00:16.000Z");
    assert_int_equal(w.out.n_refused, 1);
    w.conf.windows.at_end = NULL;
}

static void by_default_they_stay_open_at_the_end_too(void **state)
{
    (void)state;
    begin((settings_list){"feed.window.size", "10s", NULL});
    put("a", 0, NULL);
    apply();
    assert_int_equal(w.filter->ops->due_ms(w.filter), INT64_MAX);
    assert_int_equal(w.filter->ops->wake(w.filter, true, &w.out, NULL), PF_OK);
    assert_int_equal(w.out.outputs[0].n, 0);
}

/* ------------------------------------------------------ partitions, memory */

static void partitions_do_not_see_each_other(void **state)
{
    int64_t from;

    (void)state;
    begin((settings_list){"feed.window.size", "10s", NULL});
    assert_int_equal(world_assign(&w, 5, 0, NULL, &from), PF_OK);
    put("a", 0, NULL);
    put("a", 0, NULL)->partition = 5;
    put("a", 10000, NULL);
    put("a", 1, NULL)->partition = 5;
    apply();
    assert_int_equal(w.out.outputs[0].n, 1);
    assert_int_equal(w.out.outputs[0].records[0].partition, 0);
    w.filter->ops->revoked(w.filter, "t", 0);
    put("a", 10000, NULL)->partition = 5;
    apply();
    assert_int_equal(w.out.outputs[0].n, 1);
    assert_int_equal(w.out.outputs[0].records[0].partition, 5);
    assert_result(0, "{\"key\":\"a\",\"start\":\"2026-11-26T09:00:00.000Z\","
                     "\"end\":\"2026-11-26T09:00:10.000Z\",\"count\":2}");
    assert_int_equal(world_metric(&w, PF_WINDOW_OPEN), 1);
}

/* What is mapped for large pages (flag hg), proc(5): malloc() does not know. */
static size_t large_pages(void)
{
    FILE *maps = fopen("/proc/self/smaps", "r");
    size_t kb = 0, size = 0;
    char line[1024];

    assert_non_null(maps);
    while (fgets(line, sizeof line, maps)) {
        sscanf(line, "Size: %zu", &size);
        if (!strncmp(line, "VmFlags:", 8) && strstr(line, " hg"))
            kb += size;
    }
    fclose(maps);
    return kb << 10;
}

static size_t memory(void)
{
    struct mallinfo2 now = mallinfo2();

    return now.uordblks + now.hblkhd + large_pages();
}

/* A record of each key up to n_keys. */
static void put_keys(unsigned n_keys)
{
    char key[24];

    for (unsigned i = 0; i < n_keys; i++) {
        snprintf(key, sizeof key, "device-%u", i);
        put(key, i % 9000, "{\"price\":4.56}");
        apply();
    }
}

static void a_hundred_thousand_open_windows_take_25_mb(void **state)
{
    size_t before, open;

    (void)state;
    begin((settings_list){"feed.window.size", "10s", "feed.window.aggregates",
                          "count, sum(.price), ohlc(.price)", NULL});
    before = memory();
    put_keys(100000);
    open = memory();
    assert_in_range(open - before, 0, 25 << 20);
    put_keys(100000); /* these have their windows */
    assert_int_equal(memory(), open);
    assert_int_equal(world_metric(&w, PF_WINDOW_OPEN), 100000);
    put("a", 10000, "{\"price\":1}");
    apply();
    assert_int_equal(w.out.outputs[0].n, 100000);
    put("a", 10000, "{\"price\":1}");
    apply();
    put_keys(0);
    assert_in_range(memory() - before, 0, 26 << 20);
}

/* There are so many that those which come soon are fetched in advance. */
static void many_keys_in_batches_are_counted_right(void **state)
{
    static unsigned expected[6000];
    static char keys[64][16];
    const struct pf_output *out = &w.out.outputs[0];

    (void)state;
    begin((settings_list){"feed.window.size", "10s", NULL});
    for (uint64_t i = 0; i < 60000; i++) {
        unsigned key = (unsigned)(pf_prng_at(11, i) % COUNT(expected));

        expected[key]++;
        snprintf(keys[n], sizeof *keys, "%u", key);
        put(keys[n], key, NULL);
        if (n == COUNT(records) || i == 59999)
            apply();
    }
    assert_true(world_metric(&w, PF_WINDOW_OPEN) > 5900);
    put("end", 10000, NULL);
    apply();
    for (size_t i = 0; i < out->n; i++) {
        const char *value = out->records[i].value;
        unsigned key = (unsigned)strtoul(out->records[i].key, NULL, 10);
        const char *count = memmem(value, out->records[i].value_len,
                                   "\"count\":", 8);

        assert_int_equal(strtoul(count + 8, NULL, 10), expected[key]);
        expected[key] = 0;
    }
    for (size_t i = 0; i < COUNT(expected); i++)
        assert_int_equal(expected[i], 0);
}

#define TEST(name) cmocka_unit_test_teardown(name, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_window_becomes_a_result_when_its_end_and_the_grace_are_over),
        TEST(candles_have_the_prices_by_event_time),
        TEST(hopping_windows_have_a_record_each),
        TEST(what_comes_too_late_is_refused_with_its_window),
        TEST(one_outlier_does_not_close_everything),
        TEST(times_that_no_window_has_are_refused),
        TEST(any_time_is_in_a_window_or_refused),
        TEST(a_record_without_use_is_refused_and_says_why),
        TEST(a_record_without_timestamp_has_no_time_to_compare),
        TEST(a_key_of_any_bytes_is_a_string),
        TEST(a_key_that_is_json_can_stay_so),
        TEST(a_member_is_the_same_key_however_it_is_escaped),
        TEST(a_member_as_key_needs_a_single_partition),
        TEST(more_keys_than_allowed_end_it),
        TEST(what_is_committed_tells_where_open_windows_begin),
        TEST(what_was_open_is_built_up_again_without_output),
        TEST(a_window_that_is_closed_stays_so),
        TEST(other_settings_and_other_texts_are_refused),
        TEST(records_that_are_gone_are_missed),
        TEST(records_that_a_filter_has_made_go_into_windows),
        TEST(what_it_refuses_is_refused_in_order_with_what_is_late),
        TEST(one_result_of_no_use_keeps_its_record_out_of_all_windows),
        TEST(what_it_refuses_is_not_refused_again),
        TEST(new_keys_need_a_single_partition),
        TEST(where_nothing_comes_windows_close_if_that_is_wanted),
        TEST(by_default_they_stay_open_at_the_end_too),
        TEST(partitions_do_not_see_each_other),
        TEST(many_keys_in_batches_are_counted_right),
        TEST(a_hundred_thousand_open_windows_take_25_mb),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
