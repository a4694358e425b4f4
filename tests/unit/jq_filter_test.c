/* The filter whose work is written in jq. */
#include "jq_under_test.h"

#include <signal.h>

#include "stop.h"

static struct pf_filtered out;

static void apply(const struct pf_record *records, size_t n)
{
    struct pf_error err = {""};

    memset(&out, 0xff, sizeof out);
    if (filter->ops->apply(filter, records, n, &out, &err))
        fail_msg("%s", err.text);
    assert_int_equal(*pf_stats_at(stats, PF_JQ_KEPT) +
                         *pf_stats_at(stats, PF_JQ_DROPPED) + out.n_refused,
                     n);
    assert_int_equal(*pf_stats_at(stats, PF_JQ_MADE), out.outputs[0].n);
    for (size_t i = 0; i <= PF_OUTPUTS_MAX; i++)
        assert_int_equal(out.outputs[i].n, i ? 0 : out.outputs[0].n);
}

#define RECORD(at, text)                                                       \
    {                                                                          \
        .topic = "in", .partition = 3, .offset = at, .timestamp = 1000 + at,   \
        .value = text, .value_len = sizeof(text) - 1, .key = "k", .key_len = 1 \
    }

static void assert_bytes(const void *bytes, size_t len, const char *wanted)
{
    if (len != strlen(wanted) || (len && memcmp(bytes, wanted, len) != 0))
        fail_msg("'%.*s' is not '%s'", (int)len, (const char *)bytes, wanted);
}

/* Output i is from that record, and has this value. */
static void assert_made(size_t i, uint32_t from, const char *value)
{
    const struct pf_record *made = &out.outputs[0].records[i];

    assert_true(i < out.outputs[0].n);
    assert_int_equal(out.outputs[0].from[i], from);
    assert_bytes(made->value, made->value_len, value);
}

static void assert_refused(size_t i, const struct pf_record *record,
                           const char *kind, const char *reason)
{
    assert_true(i < out.n_refused);
    assert_ptr_equal(out.refusals[i].record, record);
    assert_string_equal(out.refusals[i].kind, kind);
    assert_contains(out.refusals[i].reason.text, reason);
}

static const struct pf_record prices[] = {
    RECORD(10, "{\"price\": 4.50}"),
    RECORD(11, " {\"price\":6, \"price\":6.0}\n"),
    RECORD(12, "{\"price\":\"7\"}"),
    RECORD(13, "{}"),
    RECORD(14, "[1]"),
    RECORD(15, "{\"price\":5e0}"),
};

static void where_keeps_records_as_they_are(void **state)
{
    static const char *const programs[] = {".price > 5",
                                           ".price | . > 5"}; /* with libjq */

    for (size_t i = 0; i < COUNT(programs); i++) {
        SET("feed.where", programs[i]);
        open_filter();
        apply(prices, COUNT(prices));
        assert_int_equal(out.outputs[0].n, 2);
        assert_made(0, 1, " {\"price\":6, \"price\":6.0}\n");
        assert_made(1, 2, "{\"price\":\"7\"}");
        assert_memory_equal(&out.outputs[0].records[0], &prices[1],
                            sizeof prices[1]);
        assert_int_equal(out.n_refused, 1);
        assert_refused(0, &prices[4], "where", "Cannot index array with");
        close_filter(state);
    }
}

static void map_makes_none_to_many(void **state)
{
    static const struct pf_record records[] = {
        RECORD(0, "[1,[2],\"x\"]"),     RECORD(1, "[]"),
        RECORD(2, "[\"a\\u0000\"]"),    RECORD(3, "7"),
        RECORD(4, "[1,2,{\"bad\":1}]"),
    };

    (void)state;
    SET("feed.map",
        ".[] | if (.bad? // false) then error(\"why\\u001b\") else . end");
    open_filter();
    apply(records, COUNT(records));
    assert_int_equal(out.outputs[0].n, 4);
    assert_made(0, 0, "1");
    assert_made(1, 0, "[2]");
    assert_made(2, 0, "\"x\"");
    assert_made(3, 2, "\"a\\u0000\"");
    assert_int_equal(out.n_refused, 2);
    assert_refused(0, &records[3], "map", "Cannot iterate over number (7)");
    assert_refused(1, &records[4], "map", "why\x1b");
    assert_int_equal(out.outputs[0].records[3].offset, 2);
    assert_int_equal(out.outputs[0].records[3].partition, 3);
    assert_int_equal(out.outputs[0].records[3].timestamp, 1002);
    assert_ptr_equal(out.outputs[0].records[3].key, records[2].key);
    assert_int_equal(*pf_stats_at(stats, PF_JQ_DROPPED), 1);
}

static void what_is_not_json_is_refused_whatever_the_program(void **state)
{
    static const struct pf_record records[] = {
        RECORD(0, ""),
        RECORD(1, "{\"a\":"),
        RECORD(2, "{} {}"),
        RECORD(3, "\"\\ud800\""),
    };
    static const char *const names[] = {"feed.where", "feed.map", "feed.key",
                                        "feed.time"};

    for (size_t i = 0; i < COUNT(names); i++) {
        SET(names[i], "5");
        open_filter();
        apply(records, COUNT(records));
        assert_int_equal(out.n_refused, 4);
        assert_refused(0, &records[0], "empty", "no JSON at all");
        assert_string_equal(out.refusals[1].kind, "truncated");
        assert_string_equal(out.refusals[2].kind, "trailing");
        assert_string_equal(out.refusals[3].kind, "syntax");
        close_filter(state);
    }
}

static void keys_are_text_or_json(void **state)
{
    static const struct pf_record records[] = {
        RECORD(0, "{\"k\":\"x\\n\"}"),
        RECORD(1, "{\"k\":\"plain\"}"),
        RECORD(2, "{\"k\":{\"b\":1,\"a\":[]}}"),
        RECORD(3, "{\"k\":null}"),
        RECORD(4, "{}"),
        RECORD(5, "{\"k\":12}"),
        RECORD(6, "{\"k\":\"\"}"),
        RECORD(7, "{\"k\":false}"),
        RECORD(8, "[]"),
    };
    static const char *const keys[] = {
        "x\n", "plain", "{\"b\":1,\"a\":[]}", NULL, NULL, "12", "", "false"};
    static const char *const programs[] = {".k", "(.k)"};

    for (size_t i = 0; i < COUNT(programs); i++) {
        SET("feed.key", programs[i]);
        open_filter();
        apply(records, COUNT(records));
        assert_int_equal(out.outputs[0].n, COUNT(keys));
        for (size_t j = 0; j < COUNT(keys); j++) {
            const struct pf_record *made = &out.outputs[0].records[j];

            assert_int_equal(made->partition, PF_BY_KEY);
            assert_ptr_equal(made->value, records[j].value);
            assert_int_equal(made->key == NULL, keys[j] == NULL);
            assert_bytes(made->key, made->key_len, keys[j] ? keys[j] : "");
        }
        assert_refused(0, &records[8], "key", "Cannot index array with");
        close_filter(state);
    }
}

static void times_are_numbers_or_text(void **state)
{
    static const struct pf_record records[] = {
        RECORD(0, "{\"t\":1793606400}"),
        RECORD(1, "{\"t\":1793606400.25}"),
        RECORD(2, "{\"t\":1793606400250}"),
        RECORD(3, "{\"t\":1793606400250999}"),
        RECORD(4, "{\"t\":\"2026-11-02T09:00:00.250+01:00\"}"),
        RECORD(5, "{\"t\":\"1793606400250\"}"),
        RECORD(6, "{\"t\":0}"),
        RECORD(7, "{\"t\":null}"),
        RECORD(8, "{\"t\":-5}"),
        RECORD(9, "{\"t\":\"1969-12-31T23:59:59Z\"}"),
        RECORD(10, "{\"t\":[1]}"),
        RECORD(11, "{\"t\":\"\"}"),
    };
    static const int64_t times[] = {1793606400000,
                                    1793606400250,
                                    1793606400250,
                                    1793606400250,
                                    1793606400250,
                                    1793606400250,
                                    0};

    (void)state;
    SET("feed.time", ".t");
    open_filter();
    apply(records, COUNT(records));
    assert_int_equal(out.outputs[0].n, COUNT(times));
    for (size_t i = 0; i < COUNT(times); i++)
        assert_int_equal(out.outputs[0].records[i].timestamp, times[i]);
    assert_int_equal(out.n_refused, 5);
    assert_refused(0, &records[7], "time", "null is not a time");
    assert_contains(out.refusals[1].reason.text, "'-5' is not a time");
    assert_refused(2, &records[9], "time",
                   "'1969-12-31T23:59:59Z' is before 1970");
    assert_contains(out.refusals[3].reason.text, "'[1]' is not a time");
    assert_contains(out.refusals[4].reason.text, "'' is not a time");
}

/* feed.key and feed.time are of what feed.map has made. */
static void all_four_work_together(void **state)
{
    static const struct pf_record records[] = {
        RECORD(0, "{\"ok\":true,\"at\":5,\"items\":[{\"id\":\"a\"},"
                  "{\"id\":\"b\"}]}"),
        RECORD(1, "{\"ok\":false,\"items\":5}"),
        RECORD(2, "{\"ok\":true,\"at\":6,\"items\":[{\"id\":\"c\"},{}]}"),
        RECORD(3, "{\"ok\":true,\"at\":7,\"items\":[{\"id\":\"d\"}]}"),
    };

    (void)state;
    SET("feed.where", ".ok", "feed.map", ".items[]", "feed.key",
        ".id // error(\"no id\")", "feed.time", "$record.value.at");
    open_filter();
    apply(records, COUNT(records));
    assert_int_equal(out.outputs[0].n, 3);
    assert_made(0, 0, "{\"id\":\"a\"}");
    assert_made(1, 0, "{\"id\":\"b\"}");
    assert_made(2, 3, "{\"id\":\"d\"}");
    assert_bytes(out.outputs[0].records[1].key, 1, "b");
    assert_bytes(out.outputs[0].records[2].key, 1, "d");
    assert_int_equal(out.outputs[0].records[2].timestamp, 7000);
    assert_int_equal(out.n_refused, 1);
    assert_refused(0, &records[2], "key", "no id");
}

static void record_is_what_kafka_has_of_it(void **state)
{
    static const struct pf_header list[] = {
        {"a", "1", 1}, {"b", NULL, 0}, {"a", "\xff\x1b", 2}};
    static const struct pf_headers headers = {list, COUNT(list)};
    struct pf_record records[] = {RECORD(5, "{\"x\":1}"), RECORD(6, "2")};

    (void)state;
    records[0].headers = &headers;
    records[0].header_at = pf_headers_at;
    records[1].key = NULL;
    records[1].timestamp = -1;
    records[1].topic = NULL;
    SET("feed.map", "$record");
    open_filter();
    apply(records, 2);
    assert_made(0, 0,
                "{\"topic\":\"in\",\"partition\":3,\"offset\":5,"
                "\"timestamp\":1005,\"key\":\"k\",\"headers\":{\"a\":"
                "\"\xef\xbf\xbd\\u001b\",\"b\":null},\"value\":{\"x\":1}}");
    assert_made(1, 1,
                "{\"topic\":null,\"partition\":3,\"offset\":6,"
                "\"timestamp\":null,\"key\":null,\"headers\":{},"
                "\"value\":2}");
    assert_ptr_equal(out.outputs[0].records[0].headers, &headers);
}

static void tombstones_pass_where_and_are_refused_by_the_rest(void **state)
{
    static const char *const names[] = {"feed.map", "feed.key", "feed.time"};
    static const struct pf_record grave = {
        .offset = 9, .key = "k", .key_len = 1};

    SET("feed.where", "false");
    open_filter();
    apply(&grave, 1);
    assert_int_equal(out.outputs[0].n, 1);
    assert_memory_equal(&out.outputs[0].records[0], &grave, sizeof grave);
    close_filter(state);
    for (size_t i = 0; i < COUNT(names); i++) {
        SET(names[i], "5");
        open_filter();
        apply(&grave, 1);
        assert_refused(0, &grave, "tombstone", "no value (a tombstone)");
        close_filter(state);
        SET(names[i], "5", "feed.tombstones", "pass");
        open_filter();
        apply(&grave, 1);
        assert_memory_equal(&out.outputs[0].records[0], &grave, sizeof grave);
        close_filter(state);
        SET(names[i], "5", "feed.tombstones", "drop");
        open_filter();
        apply(&grave, 1);
        assert_int_equal(out.outputs[0].n + out.n_refused, 0);
        close_filter(state);
    }
}

static void a_result_that_is_too_deep_is_refused(void **state)
{
    static const struct pf_record records[] = {RECORD(0, "300"),
                                               RECORD(1, "3")};
    static const char *const names[] = {"feed.map", "feed.key"};

    for (size_t i = 0; i < COUNT(names); i++) {
        SET(names[i], "reduce range(.) as $i (.; [.])");
        open_filter();
        apply(records, 2);
        assert_int_equal(out.n_refused, 1);
        assert_refused(0, &records[0], i ? "key" : "map",
                       "a result is nested more than 256 deep");
        assert_int_equal(out.outputs[0].n, 1);
        close_filter(state);
    }
}

static void a_record_that_takes_too_long_is_refused(void **state)
{
    static const struct pf_record records[] = {RECORD(0, "1"), RECORD(1, "2"),
                                               RECORD(2, "3"), RECORD(3, "2")};

    (void)state;
    SET("feed.map", "if . == 2 then repeat(1) else . end", "feed.jq.timeout.ms",
        "50");
    open_filter();
    apply(records, COUNT(records));
    assert_int_equal(out.outputs[0].n, 2);
    assert_made(0, 0, "1");
    assert_made(1, 2, "3");
    assert_int_equal(out.n_refused, 2);
    assert_refused(1, &records[3], "limit",
                   "feed.map: it takes more than 50 ms of processor time");
}

static int end_while_records_take_too_long(void)
{
    static const struct pf_record records[] = {RECORD(0, "1"), RECORD(1, "1"),
                                               RECORD(2, "1")};
    struct pf_error err;

    SET("feed.map", "def f: f; f", "feed.jq.timeout.ms", "10");
    pf_stop_init(&err);
    kill(getpid(), SIGTERM);
    while (pf_wait(-1, 0, 1000) != PF_END)
        ;
    open_filter();
    return filter->ops->apply(filter, records, 3, &out, &err) == PF_END ? 0 : 1;
}

static void a_stop_does_not_wait_for_all_of_them(void **state)
{
    (void)state;
    assert_int_equal(outcome(end_while_records_take_too_long), 0);
}

static void batches_may_be_of_any_size(void **state)
{
    static struct pf_record many[5000];
    static char texts[COUNT(many)][16];

    SET("feed.map", ".[]", "feed.key", "tostring");
    for (size_t i = 0; i < COUNT(many); i++) {
        snprintf(texts[i], sizeof texts[i], "[%zu,%zu]", i, i + 1);
        many[i] = (struct pf_record){.value = texts[i],
                                     .value_len = strlen(texts[i])};
    }
    open_filter();
    for (size_t n = 0; n <= COUNT(many); n += 2500) {
        assert_int_equal(filter->ops->apply(filter, many, n, &out, NULL),
                         PF_OK);
        assert_int_equal(out.outputs[0].n, 2 * n);
        for (uint32_t i = 0; i < 2 * n; i++) {
            const struct pf_record *made = &out.outputs[0].records[i];
            char wanted[16];

            snprintf(wanted, sizeof wanted, "%u", i / 2 + i % 2);
            assert_made(i, i / 2, wanted);
            assert_bytes(made->key, made->key_len, wanted);
        }
    }
    close_filter(state);
}

static void without_a_program_there_is_no_filter(void **state)
{
    (void)state;
    SET("feed.tombstones", "drop");
    open_filter();
    assert_null(filter);
}

static void a_mistake_names_setting_and_line(void **state)
{
    struct pf_error err;

    (void)state;
    SET("feed.map", ".a", "feed.key", ". |\nfoo");
    assert_int_equal(pf_jq_conf_check(&all.jq, &settings, &err), PF_CONFIG);
    assert_string_equal(err.text, "a.properties:7: feed.key: line 2: foo/0 is "
                                  "not defined");
    SET("feed.key", "file:/nowhere");
    assert_int_equal(pf_jq_conf_check(&all.jq, &settings, &err), PF_CONFIG);
    assert_string_equal(err.text, "a.properties:7: feed.key: /nowhere: No such "
                                  "file or directory");
}

static void the_clock_is_refused_where_a_record_may_come_again(void **state)
{
    struct pf_error err;

    (void)state;
    SET("feed.map", ".at = now");
    assert_int_equal(pf_jq_conf_check(&all.jq, &settings, &err), PF_OK);
    all.jq.pure = true;
    assert_int_equal(pf_jq_conf_check(&all.jq, &settings, &err), PF_CONFIG);
    assert_contains(err.text, "a.properties:7: feed.map: now is not for");
    all.jq.pure = false;
}

/* The hash with these settings. */
static uint64_t hash_with(const char *const *values)
{
    uint64_t hash;

    set(values);
    open_filter();
    hash = pf_jq_filter_hash(filter);
    close_filter(NULL);
    return hash;
}

/* A text that moves to another setting, or is cut elsewhere, is not the same.
 */
static void other_programs_have_another_hash(void **state)
{
    static const char *const some[][7] = {
        {"feed.where", ".a"},
        {"feed.where", ".b"},
        {"feed.map", ".a"},
        {"feed.key", ".a"},
        {"feed.time", ".a"},
        {"feed.where", ".a", "feed.map", ".a"},
        {"feed.where", ".a.a", "feed.map", "."},
        {"feed.where", ".a", "feed.map", ".a.b"},
        {"feed.where", ".a", "feed.tombstones", "drop"},
    };
    uint64_t hashes[COUNT(some)];

    (void)state;
    for (size_t i = 0; i < COUNT(some); i++) {
        hashes[i] = hash_with(some[i]);
        assert_true(hashes[i]);
        assert_true(hashes[i] == hash_with(some[i]));
        for (size_t j = 0; j < i; j++)
            assert_true(hashes[j] != hashes[i]);
    }
    assert_true(hashes[0] ==
                hash_with((const char *const[]){
                    "feed.where", ".a", "feed.jq.timeout.ms", "2000", NULL}));
}

#define TEST(name) cmocka_unit_test_teardown(name, close_filter)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(where_keeps_records_as_they_are),
        TEST(map_makes_none_to_many),
        TEST(what_is_not_json_is_refused_whatever_the_program),
        TEST(keys_are_text_or_json),
        TEST(times_are_numbers_or_text),
        TEST(all_four_work_together),
        TEST(record_is_what_kafka_has_of_it),
        TEST(tombstones_pass_where_and_are_refused_by_the_rest),
        TEST(a_result_that_is_too_deep_is_refused),
        TEST(a_record_that_takes_too_long_is_refused),
        TEST(a_stop_does_not_wait_for_all_of_them),
        TEST(batches_may_be_of_any_size),
        TEST(without_a_program_there_is_no_filter),
        TEST(a_mistake_names_setting_and_line),
        TEST(the_clock_is_refused_where_a_record_may_come_again),
        TEST(other_programs_have_another_hash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
