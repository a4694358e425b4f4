/* Records as the API shows them. */
#include "unit.h"

#include "record_json.h"
#include "text_json.h"

#define MOST 16

static struct web_record kept;

static int teardown(void **state)
{
    (void)state;
    web_record_release(&kept);
    return 0;
}

/* The JSON of record, until the next call. */
static const char *json_of(const struct pf_record *record)
{
    static char text[100000];
    struct json_object *json;

    web_record_keep(&kept, record, MOST);
    json = web_record_json(&kept);
    assert_non_null(json);
    snprintf(text, sizeof text, "%s",
             json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN));
    json_object_put(json);
    return text;
}

/* What is shown of a value. */
static const char *value_of(const void *value, size_t n)
{
    const struct pf_record record = {
        .timestamp = -1, .value = value, .value_len = n};
    static char shown[100000];
    const char *at = strstr(json_of(&record), "\"value\":");

    snprintf(shown, sizeof shown, "%.*s",
             (int)(strstr(at, ",\"headers\"") - at) - 8, at + 8);
    return shown;
}

#define VALUE(text) value_of(text, sizeof(text) - 1)

static void shows_a_record_with_all_it_has(void **state)
{
    const struct pf_header headers[] = {
        {"id", "\x00\xff", 2}, {"empty", "", 0}, {"none", NULL, 0}};
    const struct pf_headers list = {headers, COUNT(headers)};
    const struct pf_record record = {
        .partition = 3,
        .offset = INT64_C(9007199254740993),
        .timestamp = INT64_C(1793610000250),
        .key = "k",
        .key_len = 1,
        .value = "{\"price\": 1.00}",
        .value_len = 15,
        .headers = &list,
        .header_at = pf_headers_at,
    };

    (void)state;
    assert_string_equal(
        json_of(&record),
        "{\"partition\":3,\"offset\":9007199254740993,"
        "\"time\":\"2026-11-02T09:00:00.250Z\",\"timestamp_type\":\"create\","
        "\"key\":{\"text\":\"k\",\"size\":1},"
        "\"value\":{\"text\":\"{\\\"price\\\": 1.00}\",\"size\":15},"
        "\"headers\":[{\"name\":{\"text\":\"id\",\"size\":2},"
        "\"value\":{\"hex\":\"00ff\",\"size\":2}},"
        "{\"name\":{\"text\":\"empty\",\"size\":5},"
        "\"value\":{\"text\":\"\",\"size\":0}},"
        "{\"name\":{\"text\":\"none\",\"size\":4},\"value\":null}]}");
}

static void shows_a_record_that_has_nothing(void **state)
{
    const struct pf_record record = {.timestamp = -1};

    (void)state;
    assert_string_equal(json_of(&record),
                        "{\"partition\":0,\"offset\":0,\"time\":null,"
                        "\"timestamp_type\":\"none\",\"key\":null,"
                        "\"value\":null,\"headers\":[]}");
}

static void bytes_are_text_only_if_all_of_them_are(void **state)
{
    (void)state;
    assert_string_equal(VALUE(""), "{\"text\":\"\",\"size\":0}");
    assert_string_equal(VALUE("\x1b[2J\x7f"),
                        "{\"text\":\"\\u001b[2J\x7f\",\"size\":5}");
    assert_string_equal(VALUE("<script>"),
                        "{\"text\":\"<script>\",\"size\":8}");
    assert_string_equal(VALUE("a\0b"), "{\"hex\":\"610062\",\"size\":3}");
    assert_string_equal(VALUE("\xff\xfe"), "{\"hex\":\"fffe\",\"size\":2}");
    assert_string_equal(VALUE("\xc0\x80"), "{\"hex\":\"c080\",\"size\":2}");
    assert_string_equal(VALUE("\xed\xa0\x80"),
                        "{\"hex\":\"eda080\",\"size\":3}");
    assert_string_equal(VALUE("0123456789abcdef\xff"),
                        "{\"hex\":\"30313233343536373839616263646566\","
                        "\"size\":17,\"cut\":true}");
}

static void a_cut_splits_no_character(void **state)
{
    (void)state;
    assert_string_equal(VALUE("0123456789abcdef"),
                        "{\"text\":\"0123456789abcdef\",\"size\":16}");
    assert_string_equal(VALUE("0123456789abcdefg"),
                        "{\"text\":\"0123456789abcdef\",\"size\":17,"
                        "\"cut\":true}");
    assert_string_equal(VALUE("0123456789abcde\xc3\xa4"),
                        "{\"text\":\"0123456789abcde\",\"size\":17,"
                        "\"cut\":true}");
    assert_string_equal(VALUE("0123456789abc\xf0\x9f\x92\xb6"),
                        "{\"text\":\"0123456789abc\",\"size\":17,"
                        "\"cut\":true}");
    assert_string_equal(VALUE("0123456789ab\xf0\x9f\x92\xb6z"),
                        "{\"text\":\"0123456789ab\xf0\x9f\x92\xb6\","
                        "\"size\":17,\"cut\":true}");
}

/* However many there are, and however long, the answer stays small. */
static void headers_are_shown_up_to_a_limit(void **state)
{
    static struct pf_header headers[1000];
    struct pf_headers list = {headers, COUNT(headers)};
    const struct pf_record record = {
        .timestamp = -1, .headers = &list, .header_at = pf_headers_at};

    (void)state;
    for (size_t i = 0; i < COUNT(headers); i++)
        headers[i] = (struct pf_header){"", NULL, 0};
    assert_contains(json_of(&record), "\"headers_left\":900}");

    /* Twice MOST bytes: the third is cut, and shown as such. */
    for (size_t i = 0; i < COUNT(headers); i++)
        headers[i] = (struct pf_header){"name", "01234567", 8};
    assert_contains(json_of(&record), "{\"text\":\"0123\",\"size\":8,"
                                      "\"cut\":true}}],\"headers_left\":997}");
}

static void a_copy_is_used_again(void **state)
{
    (void)state;
    VALUE("0123456789abcdef");
    assert_string_equal(VALUE("x"), "{\"text\":\"x\",\"size\":1}");
    assert_string_equal(value_of(NULL, 0), "null");
}

static void says_when_the_broker_has_set_the_time(void **state)
{
    const struct pf_record record = {.timestamp = 0, .appended = true};

    (void)state;
    assert_contains(json_of(&record), "\"time\":\"1970-01-01T00:00:00.000Z\","
                                      "\"timestamp_type\":\"append\"");
}

/* Producers set times as they like, such as in microseconds. */
static void a_time_beyond_all_calendars_is_unknown(void **state)
{
    struct json_object *last = web_time_json(INT64_C(253402300799999));

    (void)state;
    assert_string_equal(json_object_get_string(last),
                        "9999-12-31T23:59:59.999Z");
    json_object_put(last);
    assert_null(web_time_json(INT64_C(253402300800000)));
    assert_null(web_time_json(INT64_MAX));
    assert_null(web_time_json(-1));
}

static void names_from_elsewhere_are_always_text(void **state)
{
    struct json_object *bad = web_name_json("a\xff\n");

    (void)state;
    assert_string_equal(json_object_get_string(bad), "a\\xff\\n");
    json_object_put(bad);
    assert_null(web_name_json(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_a_record_with_all_it_has),
        cmocka_unit_test(shows_a_record_that_has_nothing),
        cmocka_unit_test(bytes_are_text_only_if_all_of_them_are),
        cmocka_unit_test(a_cut_splits_no_character),
        cmocka_unit_test(headers_are_shown_up_to_a_limit),
        cmocka_unit_test(a_copy_is_used_again),
        cmocka_unit_test(says_when_the_broker_has_set_the_time),
        cmocka_unit_test(a_time_beyond_all_calendars_is_unknown),
        cmocka_unit_test(names_from_elsewhere_are_always_text),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
