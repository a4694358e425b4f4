/* JSON into libjq, and out of it. */
#include "jq_test.h"

#include "jq_value.h"

/* What is printed of these bytes. */
static const char *print(const char *json, struct pf_buffer *out)
{
    struct pf_error err = {""};
    jv value;

    if (pf_jq_check(json, strlen(json), NULL, 0, &err))
        fail_msg("%s: %s", json, err.text);
    assert_int_equal(pf_jq_parse(json, strlen(json), &value, NULL), PF_OK);
    out->n = 0;
    assert_int_equal(pf_jq_print(value, out, NULL), PF_OK);
    jv_free(value);
    pf_buffer_put(out, "", 1);
    return out->at;
}

static void assert_printed(const char *json, const char *wanted)
{
    struct pf_buffer out = {0};

    assert_string_equal(print(json, &out), wanted);
    pf_buffer_release(&out);
}

static void prints_values_as_jq_does(void **state)
{
    static const char *const same[] = {
        "null",
        "true",
        "false",
        "0",
        "-1",
        "123456789",
        "\"\"",
        "[]",
        "{}",
        "[[],{},\"\",null,[1,[2]]]",
        "{\"b\":1,\"a\":{\"d\":2,\"c\":[true,false]}}",
        "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0000\\u001f\\u007f/\"",
        "\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"",
        "{\"\":{\"\\n\":\"\\u0000\"}}",
    };
    struct pf_buffer out = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(same); i++) {
        jv value = jv_dump_string(jv_parse(same[i]), 0);

        assert_string_equal(print(same[i], &out), same[i]);
        assert_string_equal(out.at, jv_string_value(value));
        jv_free(value);
    }
    pf_buffer_release(&out);
    assert_printed(" { \"b\" : 1 ,\n\"a\":[ ] } ", "{\"b\":1,\"a\":[]}");
    assert_printed("\"\\ud83d\\ude00\\u00e9\\/\"",
                   "\"\xf0\x9f\x98\x80\xc3\xa9/\"");
}

static void of_members_with_one_name_the_last_counts(void **state)
{
    (void)state;
    assert_printed("{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":3,\"b\":2}");
    assert_printed("{\"a\":1,\"\\u0061\":2}", "{\"a\":2}");
}

static void numbers_keep_their_digits(void **state)
{
    (void)state;
    if (!numbers_are_exact())
        return;
    assert_printed("[4.50,12345678901234567890,0.30000000000000004,-0.0]",
                   "[4.50,12345678901234567890,0.30000000000000004,-0.0]");
    assert_printed("[1e2,1E-2,0e0]", "[1E+2,0.01,0]");
}

static void what_is_not_json_has_a_word_and_a_sentence(void **state)
{
    static const struct {
        const char *json;
        size_t len; /* 0: its own */
        const char *word, *why;
    } cases[] = {
        {"", 0, "empty", "no JSON at all"},
        {" \n", 0, "empty", "no JSON at all"},
        {"{\"a\":", 0, "truncated", "it ends too early"},
        {"\"\\ud83d", 0, "truncated", "it ends too early"},
        {"{a:1}", 0, "syntax", "no name in quotes"},
        {"'a'", 0, "syntax", "no value"},
        {"\xef\xbb\xbf{}", 0, "syntax", "no value"},
        {"\"\xff\"", 0, "syntax", "not UTF-8"},
        {"\"\xed\xa0\x80\"", 0, "syntax", "not UTF-8"},
        {"\"\\ud800\"", 0, "syntax", "half a surrogate pair"},
        {"\"\\udc00x\"", 0, "syntax", "half a surrogate pair"},
        {"{\"\\udc00\":1}", 0, "syntax", "half a surrogate pair"},
        {"\"\n\"", 0, "syntax", "control byte"},
        {"{\"a\":\"\0\"}", 9, "syntax", "control byte"},
        {"\0", 1, "syntax", "no value"},
        {"{} {}", 0, "trailing", "bytes after the value"},
        {"{}\0", 3, "trailing", "bytes after the value"},
        {"[NaN]", 0, "number", "NaN"},
        {"[5.]", 0, "number", "malformed number"},
        {"01", 0, "number", "begins with 0"},
        {"nan", 0, "syntax", "unknown word"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t len = cases[i].len ? cases[i].len : strlen(cases[i].json);
        struct pf_error err = {""};
        const char *word = pf_jq_check(cases[i].json, len, NULL, 0, &err);

        if (!word)
            fail_msg("%s was taken", cases[i].json);
        assert_string_equal(word, cases[i].word);
        assert_contains(err.text, cases[i].why);
    }
}

/* n times open, then as often close. */
static size_t nest(char *text, size_t n, const char *open, const char *close)
{
    char *at = text;

    for (size_t i = 0; i < n; i++)
        at = stpcpy(at, open);
    at = stpcpy(at, *open == '{' ? "1" : "");
    for (size_t i = 0; i < n; i++)
        at = stpcpy(at, close);
    return (size_t)(at - text);
}

static void brackets_are_nested_as_deep_as_libjq_takes_them(void **state)
{
    static char text[16384];
    static const struct {
        size_t most;
        const char *open, *close;
    } cases[] = {{256, "[", "]"}, {128, "{\"a\":", "}"}};
    struct pf_buffer out = {0};
    jv value;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t len = nest(text, cases[i].most, cases[i].open, cases[i].close);

        assert_string_equal(print(text, &out), text);
        len = nest(text, cases[i].most + 1, cases[i].open, cases[i].close);
        assert_string_equal(pf_jq_check(text, len, NULL, 0, NULL), "depth");
        len = nest(text, 1000, cases[i].open, cases[i].close);
        assert_string_equal(pf_jq_check(text, len, NULL, 0, NULL), "depth");
    }
    nest(text, 256, "[", "]");
    value = jv_array_append(jv_array(), jv_parse(text));
    assert_int_equal(pf_jq_print(value, &out, NULL), PF_RANGE);
    jv_free(value);
    nest(text, 128, "{\"a\":", "}");
    value = jv_object_set(jv_object(), jv_string("a"), jv_parse(text));
    assert_int_equal(pf_jq_print(value, &out, NULL), PF_RANGE);
    jv_free(value);
    pf_buffer_release(&out);
}

static void text_is_the_bytes_of_a_string(void **state)
{
    struct pf_buffer out = {0};
    jv string = jv_string_sized("a\0\"\n", 4), number = jv_number(5);

    (void)state;
    assert_int_equal(pf_jq_print_text(string, &out, NULL), PF_OK);
    assert_int_equal(out.n, 4);
    assert_memory_equal(out.at, "a\0\"\n", 4);
    assert_int_equal(pf_jq_print_text(number, &out, NULL), PF_OK);
    assert_int_equal(out.n, 5);
    assert_int_equal(out.at[4], '5');
    jv_free(string);
    pf_buffer_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prints_values_as_jq_does),
        cmocka_unit_test(of_members_with_one_name_the_last_counts),
        cmocka_unit_test(numbers_keep_their_digits),
        cmocka_unit_test(what_is_not_json_has_a_word_and_a_sentence),
        cmocka_unit_test(brackets_are_nested_as_deep_as_libjq_takes_them),
        cmocka_unit_test(text_is_the_bytes_of_a_string),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
