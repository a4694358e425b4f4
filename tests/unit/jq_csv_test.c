/* Tables in CSV, to look things up in. */
#include "unit.h"

#include "jq_csv.h"
#include "jq_value.h"

/* What a table becomes, as JSON. */
static void assert_table(const char *csv, const char *wanted)
{
    struct pf_buffer out = {0};
    struct pf_error err = {""};
    size_t line;
    jv table;

    if (pf_jq_csv(csv, strlen(csv), &table, &line, &err))
        fail_msg("%s: %zu: %s", csv, line, err.text);
    assert_int_equal(pf_jq_print(table, &out, NULL), PF_OK);
    pf_buffer_put(&out, "", 1);
    assert_string_equal(out.at, wanted);
    pf_buffer_release(&out);
    jv_free(table);
}

static void rows_are_found_by_their_first_field(void **state)
{
    static const char wanted[] = "{\"d1\":{\"id\":\"d1\",\"owner\":\"ann\"},"
                                 "\"d2\":{\"id\":\"d2\",\"owner\":\"bob\"}}";

    (void)state;
    assert_table("id,owner\nd1,ann\nd2,bob\n", wanted);
    assert_table("id,owner\nd1,ann\nd2,bob", wanted);
    assert_table("id,owner\r\nd1,ann\r\nd2,bob\r\n", wanted);
    assert_table("\n\r\nid,owner\n\nd1,ann\n\r\nd2,bob\n\n\n", wanted);
    assert_table("\"id\",\"owner\"\n\"d1\",ann\nd2,\"bob\"", wanted);
    assert_table("id,owner\n", "{}");
    assert_table("ip\n10.0.0.1\n10.0.0.2",
                 "{\"10.0.0.1\":{\"ip\":\"10.0.0.1\"},"
                 "\"10.0.0.2\":{\"ip\":\"10.0.0.2\"}}");
}

static void fields_are_strings_as_they_are(void **state)
{
    (void)state;
    assert_table("k,v\n007,1e3\n 7 , true\nnull,\n,x\n",
                 "{\"007\":{\"k\":\"007\",\"v\":\"1e3\"},"
                 "\" 7 \":{\"k\":\" 7 \",\"v\":\" true\"},"
                 "\"null\":{\"k\":\"null\",\"v\":\"\"},"
                 "\"\":{\"k\":\"\",\"v\":\"x\"}}");
    assert_table("k,v\n\"a,b\",\"say \"\"no\"\"\"\nc,\"x\ny\r\n\"\n\"\",\"\"",
                 "{\"a,b\":{\"k\":\"a,b\",\"v\":\"say \\\"no\\\"\"},"
                 "\"c\":{\"k\":\"c\",\"v\":\"x\\ny\\r\\n\"},"
                 "\"\":{\"k\":\"\",\"v\":\"\"}}");
    assert_table("k,v\n\xc3\xa9,\xf0\x9f\x98\x80\x01\t;\n",
                 "{\"\xc3\xa9\":{\"k\":\"\xc3\xa9\","
                 "\"v\":\"\xf0\x9f\x98\x80\\u0001\\t;\"}}");
}

static void what_is_not_a_table_is_refused_with_its_line(void **state)
{
    static const struct {
        const char *csv;
        size_t len, line; /* len 0: up to a NUL */
        const char *why;
    } cases[] = {
        {"", 0, 1, "column 1 has no name"},
        {"id,,x\n1,2,3\n", 0, 1, "column 2 has no name"},
        {"\nid,x,id\n1,2,3\n", 0, 2, "two columns have the name 'id'"},
        {"id;owner\n1;2\n", 0, 1, "the only column is 'id;owner'"},
        {"id\towner\n", 0, 1, "the only column is 'id\\towner'"},
        {"id,x\n1,2\n3\n", 0, 3, "it has 1 field, and the first line 2"},
        {"id,x\n\n1,2,3\n", 0, 3, "it has 3 fields, and the first line 2"},
        {"id,x\n\"\n\",2\n3,4,5\n", 0, 4, "it has 3 fields"},
        {"id,x\n1,\"\n\n\",3\n", 0, 2, "it has 3 fields"},
        {"id,x\n1,2\n1,3\n", 0, 3, "'1', is that of an earlier line"},
        {"id,x\n1,a\"b\n", 0, 2, "a quote within a field"},
        {"id,x\n1,\"a\"b\n", 0, 2, "more after the quotes"},
        {"id,x\n1,\"a\n\n", 0, 2, "in quotes that does not end"},
        {"id,x\n\n1,\"a\"\"", 0, 3, "in quotes that does not end"},
        {"id,x\r1,2\r", 0, 1, "a carriage return"},
        {"id,x\n1,2\r", 0, 2, "a carriage return"},
        {"id,x\n1,\xff\n", 0, 2, "not UTF-8"},
        {"id,x\n1,\"\xed\xa0\x80\"\n", 0, 2, "not UTF-8"},
        {"id,x\n1,\xc3", 0, 2, "not UTF-8"},
        {"id,\xff\n", 0, 1, "not UTF-8"},
        {"id,x\n1,a\0b\n", 11, 2, "or has a NUL"},
        {"id,x\n1,\"\0\"\n", 11, 2, "or has a NUL"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t len = cases[i].len ? cases[i].len : strlen(cases[i].csv);
        struct pf_error err = {""};
        size_t line = 0;
        jv table;

        if (pf_jq_csv(cases[i].csv, len, &table, &line, &err) != PF_FORMAT)
            fail_msg("%s was taken", cases[i].csv);
        assert_contains(err.text, cases[i].why);
        if (line != cases[i].line)
            fail_msg("'%s' is in line %zu, not %zu", err.text, cases[i].line,
                     line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_found_by_their_first_field),
        cmocka_unit_test(fields_are_strings_as_they_are),
        cmocka_unit_test(what_is_not_a_table_is_refused_with_its_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
