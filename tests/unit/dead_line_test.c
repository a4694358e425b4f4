/* A dead letter as a line of JSON: what it has can be had from it again. */
#include "unit.h"

#include "dead_letters.h"
#include "dead_line.h"

static const struct pf_header own[] = {
    {"trace", "a/b", 3}, {"none", NULL, 0}, {"n\xff", "\0", 1}};
static const struct pf_headers own_headers = {.at = own, .n = COUNT(own)};

/* The line of a dead letter of *record; free() it. */
static char *line_of(const struct pf_record *record)
{
    struct pf_dead_letters dead = {0};
    struct pf_output output;
    char *line = NULL;
    size_t len;

    assert_int_equal(pf_dead_letters_make(
                         &dead, &(struct pf_batch){.records = record, .n = 1},
                         &(struct pf_refusal){record, "type", {"no \"x\""}}, 1,
                         &output, NULL),
                     PF_OK);
    assert_int_equal(pf_dead_line_make(output.records, &line, &len, NULL),
                     PF_OK);
    assert_int_equal(strlen(line), len);
    pf_dead_letters_release(&dead);
    return line;
}

static void assert_line(const struct pf_record *record, const char *expected)
{
    char *line = line_of(record);

    assert_string_equal(line, expected);
    free(line);
}

static void text_is_text_and_anything_else_is_base64(void **state)
{
    (void)state;
    assert_line(&(struct pf_record){.topic = "prices",
                                    .partition = 2,
                                    .offset = INT64_C(9007199254740993),
                                    .timestamp = 1500000000123,
                                    .key = "k\xff",
                                    .key_len = 2,
                                    .value = "{\"\x1b\": \"\xc3\xa9\"}\n",
                                    .value_len = 12,
                                    .headers = &own_headers,
                                    .header_at = pf_headers_at},
                "{\"kind\":\"type\",\"reason\":\"no \\\"x\\\"\","
                "\"topic\":\"prices\",\"partition\":2,"
                "\"offset\":9007199254740993,\"timestamp\":1500000000123,"
                "\"key_base64\":\"a/8=\","
                "\"value\":\"{\\\"\\u001b\\\": \\\"\xc3\xa9\\\"}\\n\","
                "\"headers\":[{\"name\":\"trace\",\"value\":\"a/b\"},"
                "{\"name\":\"none\",\"value\":null},"
                "{\"name_base64\":\"bv8=\",\"value_base64\":\"AA==\"}]}");
}

static void headers_are_those_of_a_line_or_only_ascii(void **state)
{
    static const struct pf_header some[] = {
        {"n", "\xc3\xa9", 2}, {"n", "", 0}, {"\xc3\xa9", "\x1b\x7f", 2}};
    static const struct pf_headers all = {.at = some, .n = COUNT(some)};
    const struct pf_record record = {.headers = &all,
                                     .header_at = pf_headers_at};
    char *text = pf_dead_line_headers(&record, false);
    char *ascii = pf_dead_line_headers(&record, true);
    char *none = pf_dead_line_headers(&(struct pf_record){0}, true);

    (void)state;
    assert_string_equal(text, "[{\"name\":\"n\",\"value\":\"\xc3\xa9\"},"
                              "{\"name\":\"n\",\"value\":\"\"},"
                              "{\"name\":\"\xc3\xa9\",\"value\":"
                              "\"\\u001b\x7f\"}]");
    assert_string_equal(ascii, "[{\"name\":\"n\",\"value_base64\":\"w6k=\"},"
                               "{\"name\":\"n\",\"value\":\"\"},"
                               "{\"name_base64\":\"w6k=\",\"value\":"
                               "\"\\u001b\x7f\"}]");
    assert_string_equal(none, "[]");
    free(text);
    free(ascii);
    free(none);
}

static void nothing_is_null_and_empty_is_empty(void **state)
{
    (void)state;
    assert_line(&(struct pf_record){.topic = "t", .timestamp = -1},
                "{\"kind\":\"type\",\"reason\":\"no \\\"x\\\"\",\"topic\":"
                "\"t\",\"partition\":0,\"offset\":0,\"timestamp\":null,"
                "\"key\":null,\"value\":null,\"headers\":[]}");
    assert_line(&(struct pf_record){.topic = "t", .key = "", .value = ""},
                "{\"kind\":\"type\",\"reason\":\"no \\\"x\\\"\",\"topic\":"
                "\"t\",\"partition\":0,\"offset\":0,\"timestamp\":0,"
                "\"key\":\"\",\"value\":\"\",\"headers\":[]}");
}

static void base64_is_that_of_the_rfc(void **state)
{
    /* RFC 4648, section 10, with a byte in front that is not UTF-8. */
    static const struct {
        const char *bytes, *text;
    } pairs[] = {
        {"\xff", "/w=="},
        {"\xff"
         "f",
         "/2Y="},
        {"\xff"
         "fo",
         "/2Zv"},
        {"\xff"
         "foo",
         "/2Zvbw=="},
        {"\xfb\xef\xbe", "++++"},
    };
    char part[60];

    (void)state;
    for (size_t i = 0; i < COUNT(pairs); i++) {
        char *line = line_of(&(struct pf_record){
            .value = pairs[i].bytes, .value_len = strlen(pairs[i].bytes)});

        snprintf(part, sizeof part, "\"value_base64\":\"%s\",", pairs[i].text);
        assert_contains(line, part);
        free(line);
    }
}

/* What a line says is what the dead letter said that it was made of. */
static void a_line_that_is_read_is_the_dead_letter_again(void **state)
{
    static const struct pf_record records[] = {
        {.topic = "prices",
         .partition = 2,
         .offset = INT64_C(9007199254740993),
         .timestamp = 1500000000123,
         .key = "k\xff",
         .key_len = 2,
         .value = "{\"\x1b\": \"\xc3\xa9\"}\n",
         .value_len = 12,
         .headers = &own_headers,
         .header_at = pf_headers_at},
        {.topic = "t", .timestamp = -1},
        {.topic = "t", .key = "", .value = "a\0b", .value_len = 3},
        {.topic = "t\xff", .value = "\xff\xff", .value_len = 2},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(records); i++) {
        char *line = line_of(&records[i]), *again = NULL;
        struct pf_dead_line letter;
        size_t len;

        assert_int_equal(pf_dead_line_read(line, strlen(line), &letter, NULL),
                         PF_OK);
        assert_int_equal(!letter.record.key, !records[i].key);
        assert_int_equal(!letter.record.value, !records[i].value);
        assert_int_equal(letter.record.value_len, records[i].value_len);
        if (records[i].value)
            assert_memory_equal(letter.record.value, records[i].value,
                                records[i].value_len);
        assert_int_equal(pf_dead_line_make(&letter.record, &again, &len, NULL),
                         PF_OK);
        assert_string_equal(again, line);
        pf_dead_line_release(&letter);
        free(again);
        free(line);
    }
}

static void what_is_not_such_a_line_is_refused(void **state)
{
    static const char *const lines[] = {
        "",
        "{",
        "[]",
        "{}",
        "null",
        "{\"kind\":\"ty",
        "{\"kind\":1,\"reason\":\"r\",\"topic\":\"t\",\"partition\":0,"
        "\"offset\":0,\"timestamp\":0,\"key\":null,\"value\":3,\"headers\":[]}",
        "{\"kind\":\"k\",\"reason\":\"r\",\"topic\":\"t\",\"partition\":0,"
        "\"offset\":0,\"timestamp\":0,\"key\":null,\"value_base64\":\"a\","
        "\"headers\":[]}",
        "{\"kind\":\"k\",\"reason\":\"r\",\"topic\":\"t\",\"partition\":0,"
        "\"offset\":0,\"timestamp\":0,\"key\":null,\"value_base64\":\"a===\","
        "\"headers\":[]}",
        "{\"kind\":\"k\",\"reason\":\"r\",\"topic\":\"t\",\"partition\":0,"
        "\"offset\":0,\"timestamp\":0,\"key\":null,\"value\":null,"
        "\"headers\":[{\"name\":null,\"value\":null}]}",
        "{\"kind\":\"k\",\"reason\":\"r\",\"topic\":\"t\",\"partition\":0,"
        "\"offset\":0,\"timestamp\":0,\"key\":null,\"value\":null,"
        "\"headers\":[null]}",
    };
    struct pf_dead_line letter;
    struct pf_error err;

    (void)state;
    for (size_t i = 0; i < COUNT(lines); i++) {
        assert_int_equal(
            pf_dead_line_read(lines[i], strlen(lines[i]), &letter, &err),
            PF_FORMAT);
        assert_contains(err.text, "it is not a dead letter");
    }
}

static void another_record_is_not_a_line(void **state)
{
    char *line = NULL;
    size_t len;

    (void)state;
    assert_int_equal(
        pf_dead_line_make(&(struct pf_record){.value = "x", .value_len = 1},
                          &line, &len, NULL),
        PF_FORMAT);
    assert_null(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_text_and_anything_else_is_base64),
        cmocka_unit_test(headers_are_those_of_a_line_or_only_ascii),
        cmocka_unit_test(nothing_is_null_and_empty_is_empty),
        cmocka_unit_test(base64_is_that_of_the_rfc),
        cmocka_unit_test(a_line_that_is_read_is_the_dead_letter_again),
        cmocka_unit_test(what_is_not_such_a_line_is_refused),
        cmocka_unit_test(another_record_is_not_a_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
