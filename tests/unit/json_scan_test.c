/* Scanning JSON: what is JSON, and where a member is. */
#include "unit.h"

#include "json_scan.h"

static enum pf_rc scan(const char *json, struct pf_json_find *find,
                       struct pf_error *err)
{
    return pf_json_scan(json, strlen(json), find, find ? 1 : 0, err);
}

static void takes_json_and_nothing_else(void **state)
{
    static const char *const good[] = {
        "{}",
        "[]",
        "\"\"",
        "0",
        "-0",
        "-12.5e+10",
        "1E2",
        "true",
        "false",
        "null",
        " \t\r\n[ 1 , 2 ] ",
        "{\"a\":{\"b\":[{},[],\"\"]}}",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\"",
        "\"\xc3\xa9\x7f\"",
        "{\"\":1,\"\":2}",
    };
    static const struct {
        const char *json, *why;
    } bad[] = {
        {"", "it ends too early, after 0 bytes"},
        {"  ", "it ends too early"},
        {"{", "it ends too early"},
        {"\"a", "it ends too early"},
        {"tru", "it ends too early"},
        {"trux", "unknown word"},
        {"nul", "it ends too early"},
        {"NaN", "NaN and Infinity are not"},
        {"Infinity", "NaN and Infinity are not"},
        {"-Infinity", "malformed number"},
        {"+1", "no value"},
        {".5", "no value"},
        {"5.", "it ends too early"},
        {"5.x", "malformed number"},
        {"01", "begins with 0"},
        {"1e", "it ends too early"},
        {"0x1", "bytes after the value"},
        {"'a'", "no value"},
        {"{\"a\" 1}", "no colon"},
        {"{\"a\":1,}", "no name in quotes"},
        {"{a:1}", "no name in quotes"},
        {"{\"a\":1 \"b\":2}", "no comma or }"},
        {"{\"a\":1]", "no comma or }"},
        {"[1,]", "no value"},
        {"[1 2]", "no comma or ]"},
        {"[1]]", "bytes after the value"},
        {"{} {}", "bytes after the value"},
        {"\"\n\"", "control byte"},
        {"\"\\x\"", "unknown escape"},
        {"\"\\u12g4\"", "malformed \\u"},
        {"\"\xff\"", "not UTF-8"},
        {"\"\xc3\"", "not UTF-8"},
        {"\"\xc3", "it ends too early"},
        {"\"\xed\xa0\x80\"", "not UTF-8"},
        {"\xef\xbb\xbf{}", "no value"},
        {"// c\n1", "no value"},
    };
    struct pf_error err;

    (void)state;
    for (size_t i = 0; i < COUNT(good); i++)
        if (scan(good[i], NULL, &err))
            fail_msg("%s: %s", good[i], err.text);
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (scan(bad[i].json, NULL, &err) != PF_FORMAT)
            fail_msg("%s was taken", bad[i].json);
        assert_contains(err.text, bad[i].why);
    }
    assert_int_equal(pf_json_scan("1\0", 2, NULL, 0, NULL), PF_FORMAT);
    assert_int_equal(pf_json_scan("\"\\\0\"", 4, NULL, 0, NULL), PF_FORMAT);
}

static void nests_as_deep_as_it_may(void **state)
{
    char json[2 * PF_JSON_DEPTH_MAX + 3];
    struct pf_error err;

    (void)state;
    memset(json, '[', PF_JSON_DEPTH_MAX);
    memset(json + PF_JSON_DEPTH_MAX, ']', PF_JSON_DEPTH_MAX);
    assert_int_equal(pf_json_scan(json, 2 * PF_JSON_DEPTH_MAX, NULL, 0, NULL),
                     PF_OK);
    memset(json, '[', sizeof json);
    assert_int_equal(pf_json_scan(json, sizeof json, NULL, 0, &err), PF_FORMAT);
    assert_contains(err.text, "nested too deeply");
}

static void finds_the_value_that_a_path_names(void **state)
{
    static const struct {
        const char *path, *json, *value; /* NULL: not there */
    } cases[] = {
        {"at", "{\"at\": \"x\"}", "\"x\""},
        {"at", " { \"a\" : 1 , \"at\" : 2.5 , \"b\" : 3 } ", "2.5"},
        {"order.at", "{\"at\": 1, \"order\": {\"x\": 2, \"at\": 3}}", "3"},
        {"order.at", "{\"order\": 1, \"order.at\": 2}", NULL},
        {"order.at", "{\"x\": {\"order\": {\"at\": 1}}}", NULL},
        {"a.b.c", "{\"a\":{\"b\":{\"c\":[1,{}]},\"c\":2}}", "[1,{}]"},
        {"a.b", "{\"a\":[{\"b\":1}]}", NULL},
        {"a", "[{\"a\":1}]", NULL},
        {"a", "{\"aa\":1,\"\":2}", NULL},
        {"a", "{\"a\":1,\"a\":2}", "2"},
        {"a.b", "{\"a\":{\"b\":1},\"a\":{}}", NULL},
        {"a.a", "{\"a\":{\"a\":{\"a\":1}}}", "{\"a\":1}"},
        {"", "{\"\":1}", NULL},
        {"zo\xc3\xab", "{\"zo\xc3\xab\":null}", "null"},
        /* A number is a place in an array, or a name. */
        {"a.0.t", "{\"a\":[{\"t\":1},{\"t\":2}]}", "1"},
        {"a.1.t", "{\"a\":[{\"t\":1},{\"t\":2}],\"t\":3}", "2"},
        {"a.2.t", "{\"a\":[{\"t\":1},{\"t\":2}]}", NULL},
        {"a.1.t", "{\"a\":{\"1\":{\"t\":5}}}", "5"},
        {"0", "[7,8]", "7"},
        {"1", "[[7,9],8]", "8"},
        {"0.1", "[[7,9],8]", "9"},
        {"10", "[0,1,2,3,4,5,6,7,8,9,true]", "true"},
        {"01", "[7,8]", NULL},
        {"a.-", "{\"a\":[1]}", NULL},
        {"a.1x", "{\"a\":[1,2]}", NULL},
        {"a.18446744073709551616", "{\"a\":[1,2]}", NULL},
        {"a.0", "{\"a\":[],\"0\":1}", NULL},
        {"a.0", "{\"a\":[1],\"a\":[]}", NULL},
        {"a.0.0", "{\"a\":[[[1]]]}", "[1]"},
        /* A JSON Pointer. */
        {"/a", "{\"a\":1}", "1"},
        {"/a.b", "{\"a\":{\"b\":2},\"a.b\":1}", "1"},
        {"/data/0/t.x", "{\"data\":[{\"t.x\":1}]}", "1"},
        {"/a~1b/c~0d", "{\"a/b\":{\"c~d\":1}}", "1"},
        {"/~01", "{\"~1\":1,\"/\":2}", "1"},
        {"/~0", "{\"~0\":1}", NULL},
        {"/", "{\"\":1}", "1"},
        {"/a//b", "{\"a\":{\"\":{\"b\":1}}}", "1"},
        {"/a", "{\"/a\":1}", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pf_json_find find;

        assert_int_equal(pf_json_find_init(&find, cases[i].path, NULL), PF_OK);
        assert_int_equal(scan(cases[i].json, &find, NULL), PF_OK);
        if (!cases[i].value != !find.at)
            fail_msg("%s in %s", cases[i].path, cases[i].json);
        if (find.at) {
            assert_int_equal(find.len, strlen(cases[i].value));
            assert_memory_equal(find.at, cases[i].value, find.len);
        }
    }
}

static void tells_where_a_name_may_be_written_otherwise(void **state)
{
    static const struct {
        const char *path, *json;
        bool escaped;
    } cases[] = {
        {"a", "{\"a\":1}", false},
        {"a", "{\"a\":1,\"\\u0061\":2}", true},
        {"a", "{\"\\u0061\":2,\"a\":1}", true},
        {"a", "{\"\\n\":1}", true},
        {"a", "{\"b\":{\"\\u0061\":1},\"a\":\"\\n\"}", false},
        {"a.b", "{\"a\":{\"\\u0062\":1}}", true},
        {"a.b", "{\"c\":{\"\\u0062\":1}}", false},
        {"a.b", "{\"a\":[{\"\\u0062\":1}]}", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pf_json_find find;

        assert_int_equal(pf_json_find_init(&find, cases[i].path, NULL), PF_OK);
        for (int j = 0; j < 2; j++) { /* each scan forgets the last one */
            assert_int_equal(scan("{\"\\u0061\":{\"\\u0062\":1}}", &find, NULL),
                             PF_OK);
            assert_int_equal(scan(cases[i].json, &find, NULL), PF_OK);
            if (find.escaped != cases[i].escaped)
                fail_msg("%s in %s", cases[i].path, cases[i].json);
        }
    }
}

static void an_object_counts_twice_for_libjq(void **state)
{
    static const struct {
        const char *json;
        size_t depth;
    } cases[] = {
        {"1", 0},
        {"[]", 1},
        {"{}", 1},
        {"[[1]]", 2},
        {"{\"a\":1}", 1},
        {"[{}]", 2},
        {"{\"a\":[]}", 3},
        {"{\"a\":{}}", 3},
        {"[{\"a\":[]},[[]]]", 4},
        {"[[],{},[{}]]", 3},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *json = cases[i].json;
        size_t depth = cases[i].depth, len = strlen(json);

        assert_int_equal(
            pf_json_scan_deep(json, len, depth, NULL, 0, NULL, NULL),
            PF_JSON_GOOD);
        if (depth && pf_json_scan_deep(json, len, depth - 1, NULL, 0, NULL,
                                       NULL) != PF_JSON_DEPTH)
            fail_msg("%s is taken at %zu", json, depth - 1);
    }
    assert_int_equal(
        pf_json_scan_deep("\"\\ud83d\\ude00\"", 14, 1, NULL, 0, NULL, NULL),
        PF_JSON_GOOD);
    assert_int_equal(
        pf_json_scan_deep("\"\\ud83dx\"", 9, 1, NULL, 0, NULL, NULL),
        PF_JSON_SYNTAX);
}

static void refuses_a_path_that_is_none(void **state)
{
    static const char *const paths[] = {".", "a.", ".a", "a..b",
                                        "a.b.c.d.e.f.g.h.i"};
    struct pf_json_find find;
    struct pf_error err;

    (void)state;
    for (size_t i = 0; i < COUNT(paths); i++)
        assert_int_equal(pf_json_find_init(&find, paths[i], NULL), PF_FORMAT);
    assert_int_equal(pf_json_find_init(&find, "/a~", &err), PF_FORMAT);
    assert_contains(err.text, "'/a~' has a ~ that is not ~0 or ~1");
    assert_int_equal(pf_json_find_init(&find, "/~2", NULL), PF_FORMAT);
    assert_int_equal(pf_json_find_init(&find, "/a/b/c/d/e/f/g/h/i", &err),
                     PF_FORMAT);
    assert_contains(err.text, "more than 8 names");
    assert_int_equal(pf_json_find_init(&find, "a.b.c.d.e.f.g.h", NULL), PF_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_json_and_nothing_else),
        cmocka_unit_test(nests_as_deep_as_it_may),
        cmocka_unit_test(finds_the_value_that_a_path_names),
        cmocka_unit_test(tells_where_a_name_may_be_written_otherwise),
        cmocka_unit_test(an_object_counts_twice_for_libjq),
        cmocka_unit_test(refuses_a_path_that_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
