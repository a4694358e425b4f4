/* Files as values of libjq's: JSON, JSON Lines and CSV. */
#include "jq_files.h"
#include "jq_test.h"

#include <sys/stat.h>

#include "jq_file.h"
#include "jq_value.h"

static void assert_read(const char *path, const char *text, const char *wanted)
{
    struct pf_buffer out = {0};
    struct pf_error err = {""};
    jv value;

    put(path, text);
    if (pf_jq_file_read(path, &value, &err))
        fail_msg("%s", err.text);
    assert_int_equal(pf_jq_print(value, &out, NULL), PF_OK);
    pf_buffer_put(&out, "", 1);
    assert_string_equal(out.at, wanted);
    pf_buffer_release(&out);
    jv_free(value);
    unlink(path);
}

/* These bytes are refused, with that code and sentence. */
static void assert_bytes_refused(const char *path, const char *bytes,
                                 size_t len, enum pf_rc rc, const char *why)
{
    struct pf_error err = {""};
    jv value;

    put_bytes(path, bytes, len);
    if (pf_jq_file_read(path, &value, &err) != rc)
        fail_msg("%s: not '%s', but '%s'", path, why, err.text);
    assert_contains(err.text, why);
    unlink(path);
}

static void assert_refused(const char *path, const char *text, const char *why)
{
    assert_bytes_refused(path, text, strlen(text), PF_FORMAT, why);
}

static void json_is_its_value(void **state)
{
    (void)state;
    assert_read("a.json", "{\"b\":[1,null],\r\n \"a\":{}}\n",
                "{\"b\":[1,null],\"a\":{}}");
    assert_read("a.JSON", "\xef\xbb\xbf \"x\\u0000\"", "\"x\\u0000\"");
    assert_read("a.b.json", "null", "null");
    assert_read("a.json", "{\"a\":1,\"a\":2}", "{\"a\":2}");
}

static void lines_of_json_are_an_array(void **state)
{
    (void)state;
    assert_read("a.jsonl", "{\"a\":1}\n[]\n\"x\"\n", "[{\"a\":1},[],\"x\"]");
    assert_read("a.ndjson", "1\r\n\r\n \t\r\n2", "[1,2]");
    assert_read("a.jsonl", "\xef\xbb\xbf{}", "[{}]");
}

static void csv_is_an_object_of_rows(void **state)
{
    (void)state;
    assert_read("a.csv", "\xef\xbb\xbfid,x\r\n1,2\r\n",
                "{\"1\":{\"id\":\"1\",\"x\":\"2\"}}");
}

static void numbers_keep_their_digits(void **state)
{
    (void)state;
    if (!numbers_are_exact())
        return;
    assert_read("a.json", "[4.50, 12345678901234567890]",
                "[4.50,12345678901234567890]");
    assert_read("a.jsonl", "4.50\n12345678901234567890\n",
                "[4.50,12345678901234567890]");
}

static void a_mistake_is_named_with_file_and_line(void **state)
{
    (void)state;
    assert_refused("a.json", "{\n\"a\": 1,\n}",
                   "a.json:3: a member has no name in quotes");
    assert_refused("a.json", "{\"a\":\n", "a.json:2: it ends too early");
    assert_refused("a.json", "{}\n{}", "a.json:2: bytes after the value");
    assert_refused("a.jsonl", "1\n\n{\"a\"}\n2\n",
                   "a.jsonl:3: no colon after a member's name, after 4 bytes");
    assert_refused("a.jsonl", "1\n2 3\n", "a.jsonl:2: bytes after the value");
    assert_refused("a.csv", "id,x\n1,2\n3\n",
                   "a.csv:3: it has 1 field, and the first line 2");
}

/* As in records. */
static void what_is_not_json_is_refused(void **state)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"NaN", "NaN and Infinity"},
        {"[-Infinity]", "malformed number"},
        {"5.", ""},
        {"[05]", "begins with 0"},
        {"+5", "no value"},
        {"0x10", "bytes after the value"},
        {".5", "no value"},
        {"[1,]", "no value"},
        {"{\"a\":1,}", "no name in quotes"},
        {"{a:1}", "no name in quotes"},
        {"{'a':1}", "no name in quotes"},
        {"// x\n1", "no value"},
        {"TRUE", "no value"},
        {"\"\x1b\"", "control byte"},
        {"\"\xff\"", "not UTF-8"},
        {"\"\\ud800\"", "half a surrogate pair"},
        {"1 2", "bytes after the value"},
    };
    char deep[600];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_refused("a.json", cases[i].text, cases[i].why);
        assert_refused("a.jsonl", cases[i].text, cases[i].why);
    }
    memset(deep, '[', 300);
    memset(deep + 300, ']', 300);
    assert_bytes_refused("a.json", deep, 600, PF_FORMAT, "nested too deeply");
    assert_bytes_refused("a.json", "1\0", 2, PF_FORMAT, "bytes after");
    assert_bytes_refused("a.jsonl", "1\n\0\n", 4, PF_FORMAT, "a.jsonl:2: no");
}

/* A file that is about to be written has nothing in it: that is not an empty
 * table. */
static void nothing_is_refused(void **state)
{
    static const char *const names[] = {"a.json", "a.jsonl", "a.csv"};

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        assert_refused(names[i], "", "there is nothing in it");
        assert_refused(names[i], "\xef\xbb\xbf\r\n \n",
                       "there is nothing in it");
    }
}

static void what_is_too_long_is_refused(void **state)
{
    char *text = malloc(PF_JQ_FILE_MAX + 1);
    jv value;

    (void)state;
    memset(text, ' ', PF_JQ_FILE_MAX + 1);
    text[0] = '5';
    put_bytes("a.json", text, PF_JQ_FILE_MAX);
    assert_int_equal(pf_jq_file_read("a.json", &value, NULL), PF_OK);
    jv_free(value);
    assert_bytes_refused("a.json", text, PF_JQ_FILE_MAX + 1, PF_FORMAT,
                         "a.json: it is longer than 8388608 bytes");
    free(text);
}

static void only_files_with_a_known_end_are_read(void **state)
{
    struct pf_error err;
    jv value;

    (void)state;
    assert_bytes_refused("a.txt", "1", 1, PF_CONFIG,
                         "a.txt: its name has to end in .json, .jsonl,");
    assert_bytes_refused("json", "1", 1, PF_CONFIG, "its name has to end in");
    assert_int_equal(pf_jq_file_read("none.json", &value, &err), PF_IO);
    assert_string_equal(err.text, "none.json: No such file or directory");
    assert_int_equal(mkdir("a.csv", 0700), 0);
    assert_int_equal(pf_jq_file_read("a.csv", &value, &err), PF_CONFIG);
    assert_contains(err.text, "a.csv: it is not a regular file");
    rmdir("a.csv");
}

static int read_pipe(void)
{
    jv value;

    return (int)pf_jq_file_read("pipe.json", &value, NULL);
}

static void a_pipe_is_refused_and_not_waited_for(void **state)
{
    (void)state;
    assert_int_equal(mkfifo("pipe.json", 0600), 0);
    assert_int_equal(outcome(read_pipe), PF_CONFIG);
    unlink("pipe.json");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_is_its_value),
        cmocka_unit_test(lines_of_json_are_an_array),
        cmocka_unit_test(csv_is_an_object_of_rows),
        cmocka_unit_test(numbers_keep_their_digits),
        cmocka_unit_test(a_mistake_is_named_with_file_and_line),
        cmocka_unit_test(what_is_not_json_is_refused),
        cmocka_unit_test(nothing_is_refused),
        cmocka_unit_test(what_is_too_long_is_refused),
        cmocka_unit_test(only_files_with_a_known_end_are_read),
        cmocka_unit_test(a_pipe_is_refused_and_not_waited_for),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
