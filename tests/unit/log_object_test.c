/* Records of logs as lines of JSON, whatever bytes they are made of. */
#include "unit.h"

#include <json-c/json.h>

#include "log_object.h"
#include "prng.h"

static char buf[LOG_OBJECT_SIZE];

static size_t write_text(const char *text, size_t n, uint64_t cut)
{
    return log_object_write(buf, &(struct log_record){.time_ms = 1795212423274,
                                                      .level = PF_LOG_WARNING,
                                                      .program = "kafka",
                                                      .program_n = 5,
                                                      .text = text,
                                                      .n = n,
                                                      .cut = cut});
}

/* The message of the object in buf, as json-c reads it. */
static struct json_object *read_object(size_t n, const char **ret)
{
    struct json_tokener *tokener = json_tokener_new_ex(5);
    struct json_object *object;

    assert_int_equal(buf[n - 1], '\n');
    assert_null(memchr(buf, '\n', n - 1));
    json_tokener_set_flags(tokener,
                           JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    object = json_tokener_parse_ex(tokener, buf, (int)n);
    assert_non_null(object);
    json_tokener_free(tokener);
    *ret = json_object_get_string(json_object_object_get(object, "message"));
    return object;
}

static void assert_message(const char *text, size_t text_n, const char *wanted)
{
    const char *message;
    struct json_object *object = read_object(write_text(text, text_n, 0),
                                             &message);

    assert_string_equal(message, wanted);
    json_object_put(object);
}

static void says_when_how_bad_who_and_what(void **state)
{
    static const char wanted[] =
        "{\"time\":\"2026-11-20T22:07:03.274Z\",\"level\":\"warning\","
        "\"program\":\"kafka\",\"message\":\"a \\\"b\\\" \\\\c\\n\\td\"}\n";

    (void)state;
    assert_int_equal(write_text("a \"b\" \\c\n\td", 11, 0), strlen(wanted));
    assert_memory_equal(buf, wanted, strlen(wanted));
}

static void what_could_control_a_terminal_is_escaped(void **state)
{
    (void)state;
    assert_message("a\0b\r", 4, "a\\x00b\\x0d");
    assert_message("\x1b[2J\x7f", 5, "\\x1b[2J\\x7f");
    assert_message("caf\xc3\xa9 \xf0\x9f\x98\x80", 10,
                   "caf\xc3\xa9 \xf0\x9f\x98\x80");
    assert_message("\xff\xc3(", 3, "\\xff\\xc3(");
    assert_message("\xc2\x9b", 2, "\\xc2\\x9b"); /* CSI as one character */
    assert_message("\xe2\x80\xae", 3, "\\xe2\\x80\\xae"); /* right to left */
    assert_message("\xe2\x80\xa8", 3, "\\xe2\\x80\\xa8"); /* a line's end */
    assert_message("\xed\xa0\x80", 3, "\\xed\\xa0\\x80"); /* half a pair */
    assert_message("cut \xe2\x82", 6, "cut \\xe2\\x82");
}

static void every_sequence_of_bytes_becomes_valid_json(void **state)
{
    static char text[LOG_OBJECT_SIZE];
    uint64_t at = 0;

    (void)state;
    for (int round = 0; round < 300; round++) {
        size_t n = pf_prng_at(7, at++) % sizeof text;
        struct json_object *object;
        const char *message;

        for (size_t i = 0; i < n; i++)
            text[i] = (char)pf_prng_at(7, at++);
        object = read_object(write_text(text, n, 0), &message);
        for (const char *c = message; *c; c++)
            assert_true((unsigned char)*c >= 0x20 || *c == '\n' || *c == '\t');
        json_object_put(object);
    }
}

/* For characters that take 1, 2 and 5 bytes as JSON. */
static void a_long_message_is_cut_and_says_by_how_much(void **state)
{
    static char text[20000];
    static const int bytes[] = {'x', '"', 1};

    (void)state;
    for (size_t i = 0; i < COUNT(bytes); i++) {
        struct json_object *object;
        const char *message, *mark;
        size_t n, shown;

        memset(text, bytes[i], sizeof text);
        n = write_text(text, sizeof text, 1000);
        assert_in_range(n, LOG_OBJECT_SIZE - 100, LOG_OBJECT_SIZE);
        object = read_object(n, &message);
        mark = strstr(message, "... (");
        assert_non_null(mark);
        shown = (size_t)(mark - message) / (bytes[i] == 1 ? 4 : 1);
        assert_int_equal(strtoul(mark + 5, NULL, 10),
                         sizeof text - shown + 1000);
        assert_non_null(strstr(mark, " bytes more)"));
        json_object_put(object);
    }
}

static void a_hostile_name_fits_too(void **state)
{
    static char name[1000], text[20000];
    struct log_record record = {.program = name,
                                .program_n = sizeof name,
                                .text = text,
                                .n = sizeof text,
                                .cut = UINT64_MAX / 2};
    struct json_object *object;
    const char *message;
    size_t n;

    (void)state;
    memset(name, 0xff, sizeof name);
    n = log_object_write(buf, &record);
    assert_in_range(n, 1, LOG_OBJECT_SIZE);
    object = read_object(n, &message);
    json_object_put(object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_when_how_bad_who_and_what),
        cmocka_unit_test(what_could_control_a_terminal_is_escaped),
        cmocka_unit_test(every_sequence_of_bytes_becomes_valid_json),
        cmocka_unit_test(a_long_message_is_cut_and_says_by_how_much),
        cmocka_unit_test(a_hostile_name_fits_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
