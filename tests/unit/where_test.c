/* Expressions in jq, in a process of their own. */
#include "unit.h"

#include <sys/resource.h>

#include "where.h"
#include "where_child.h"

static struct web_where *open_where(const char *expression)
{
    struct web_where *where = NULL;
    struct pf_error err = {""};

    if (web_where_open(expression, &where, &err))
        fail_msg("%s: %s", expression, err.text);
    return where;
}

static struct pf_record record_of(const char *value)
{
    return (struct pf_record){.topic = "t",
                              .partition = 2,
                              .offset = 17,
                              .timestamp = 1764140662000,
                              .value = value,
                              .value_len = value ? strlen(value) : 0};
}

/* What it says: "yes", "no", or why it cannot say. */
static const char *say(struct web_where *where, const struct pf_record *record)
{
    static struct pf_error err;
    bool is_true;
    enum pf_rc rc = web_where_is_true(where, record, &is_true, &err);

    if (rc == PF_FORMAT)
        return err.text;
    assert_int_equal(rc, PF_OK);
    return is_true ? "yes" : "no";
}

static const char *say_of(struct web_where *where, const char *value)
{
    struct pf_record record = record_of(value);

    return say(where, &record);
}

static void assert_says(const char *expression, const char *value,
                        const char *wanted)
{
    struct web_where *where = open_where(expression);

    assert_string_equal(say_of(where, value), wanted);
    web_where_close(where);
}

static void is_true_where_a_result_is_neither_false_nor_null(void **state)
{
    (void)state;
    assert_says(".price > 5", "{\"price\": 5.01}", "yes");
    assert_says(".price > 5", "{\"price\": 5.00}", "no");
    assert_says("empty", "1", "no");
    assert_says("false, null, 0", "1", "yes");
    assert_says(". == null", NULL, "yes");
    assert_says("def f: 5;\nf == . # and so on", "5", "yes");
}

static void says_why_it_cannot_say(void **state)
{
    struct web_where *where = open_where(".a.b");

    (void)state;
    assert_string_equal(say_of(where, ""), "no JSON at all");
    assert_contains(say_of(where, "{\"a\": \"x\"}"),
                    "Cannot index string with");
    assert_string_equal(say_of(where, "{\"a\": {\"b\": 1}}"), "yes");
    web_where_close(where);
}

static void
one_that_is_plain_has_a_process_only_where_libjq_has_to_say(void **state)
{
    struct web_where *where = open_where(".price > 5");

    (void)state;
    assert_string_equal(say_of(where, "{\"price\": 5.01}"), "yes");
    assert_string_equal(say_of(where, "{\"price\": 5.00}"), "no");
    assert_contains(say_of(where, ""), "no JSON at all");
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* there is none */
    assert_string_equal(say_of(where, "{\"pr\\u0069ce\": 5.01}"), "yes");
    assert_contains(say_of(where, "[1]"), "Cannot index array with");
    assert_string_equal(say_of(where, NULL), "no");
    assert_int_equal(waitpid(-1, NULL, WNOHANG), 0); /* there is one */
    web_where_close(where);
}

static void record_is_as_in_pf_processor(void **state)
{
    static const struct pf_header list[] = {{"trace", "a1", 2},
                                            {"none", NULL, 0}};
    const struct pf_headers headers = {list, COUNT(list)};
    struct pf_record record = record_of("{\"a\": 1}");
    struct web_where *where = open_where(
        "$record == {topic: \"t\", partition: 2, offset: 17, "
        "timestamp: 1764140662000, key: \"k\\u0000\", "
        "headers: {trace: \"a1\", none: null}, value: {a: 1}}");

    (void)state;
    record.key = "k";
    record.key_len = 2;
    record.headers = &headers;
    record.header_at = pf_headers_at;
    assert_string_equal(say(where, &record), "yes");
    record.offset++;
    assert_string_equal(say(where, &record), "no");
    web_where_close(where);

    where = open_where("$record.key == null and $record.headers == {}");
    assert_string_equal(say_of(where, NULL), "yes");
    web_where_close(where);
}

static void values_of_any_size_are_asked_about(void **state)
{
    struct web_where *where = open_where("length");
    size_t len = 3000000;
    char *value = malloc(len + 1);

    (void)state;
    memset(value, 'x', len);
    value[0] = value[len - 1] = '"';
    value[len] = '\0';
    assert_string_equal(say_of(where, value), "yes");
    assert_string_equal(say_of(where, "null"), "yes");
    free(value);
    web_where_close(where);
}

static void a_mistake_is_said_with_its_line(void **state)
{
    static const char *const cases[][2] = {
        {".a\n| (.b", "line 2: "},
        {".a ==", "syntax error"},
        {"nothing", "nothing/0 is not defined"},
        {"# no more", "there is no program in it"},
        {"env", "env is not for records"},
        {"$ENV.PATH", "$ENV"},
        {"input_filename == \"x\"", "input_filename is not for records"},
        {"input", "input is not for records"},
        {"include \"x\"; .", "there are no modules"},
        {"import \"x\" as x; .", "there are no modules"},
        {"get_search_list", "there are no modules"},
        {"file:/etc/passwd", "syntax error"},
        {" file:/etc/passwd", "syntax error"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct web_where *where = NULL;
        struct pf_error err = {""};

        assert_int_equal(web_where_open(cases[i][0], &where, &err), PF_CONFIG);
        assert_contains(err.text, cases[i][1]);
        assert_null(where);
    }
}

static void an_expression_that_is_too_long_is_refused(void **state)
{
    char text[WEB_WHERE_MAX + 2];
    struct web_where *where;
    struct pf_error err;

    (void)state;
    memset(text, ' ', sizeof text);
    text[0] = '.';
    text[WEB_WHERE_MAX + 1] = '\0';
    assert_int_equal(web_where_open(text, &where, &err), PF_CONFIG);
    assert_contains(err.text, "longer than 2000 bytes");
    text[WEB_WHERE_MAX] = '\0';
    where = open_where(text);
    web_where_close(where);
}

/* Processor time of all children that have ended, in ms. */
static int64_t children_ms(void)
{
    struct rusage usage;

    getrusage(RUSAGE_CHILDREN, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
           (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
}

/* Whatever becomes of the first record, the second one is asked about. */
static void assert_survives(const char *expression, const char *why)
{
    struct web_where *where = open_where(expression);
    int64_t before = children_ms();

    assert_contains(say_of(where, "1"), why);
    assert_string_equal(say_of(where, "2"), "yes");
    web_where_close(where);
    assert_true(children_ms() - before < 4000);
}

static void
what_never_ends_is_stopped_and_the_next_record_asked_about(void **state)
{
    (void)state;
    assert_survives("if . == 1 then (def f: f; f) else true end",
                    "it takes "); /* how long depends on the machine */
    assert_survives("if . == 1 then last(repeat(1)) else true end",
                    "it takes ");
}

static void
what_eats_memory_is_stopped_and_the_next_record_asked_about(void **state)
{
    (void)state;
    assert_survives("if . == 1 then [repeat(\"0123456789\")] else true end",
                    "it takes ");
    /* A function that is written in C. */
    assert_survives("if . == 1 then \"x\" * 1e9 else true end", "");
}

static void
what_ends_libjq_is_said_and_the_next_record_asked_about(void **state)
{
    (void)state;
    assert_survives("if . == 1 then (.[2e9] = 1) else true end", "");
    assert_survives("if . == 1 then [limit(1e5; repeat(\"a\"))] | add | "
                    "test(\"(a*)*b\") | not else true end",
                    "");
}

/* A file of /proc of our only child. */
static const char *read_of_child(const char *name)
{
    static char text[8192];
    char path[64];
    FILE *file;

    snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof text, file));
    fclose(file);
    snprintf(path, sizeof path, "/proc/%d/%s", atoi(text), name);
    file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

static void it_has_nothing_of_our_environment_and_no_files(void **state)
{
    struct web_where *where;

    (void)state;
    setenv("PF_SECRET", "do not tell", 1);
    where = open_where("$record.offset == 17");
    assert_string_equal(say_of(where, "1"), "yes");
    assert_string_equal(read_of_child("environ"), "");
    assert_contains(read_of_child("limits"),
                    "Max open files            0                    0  ");
    assert_string_equal(read_of_child("cmdline"), WEB_WHERE_CHILD);
    web_where_close(where);
}

static void the_process_ends_with_the_expression(void **state)
{
    struct web_where *where = open_where(". | .");

    (void)state;
    assert_string_equal(say_of(where, "1"), "yes");
    web_where_close(where);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* there is none */
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_true_where_a_result_is_neither_false_nor_null),
        cmocka_unit_test(says_why_it_cannot_say),
        cmocka_unit_test(
            one_that_is_plain_has_a_process_only_where_libjq_has_to_say),
        cmocka_unit_test(record_is_as_in_pf_processor),
        cmocka_unit_test(values_of_any_size_are_asked_about),
        cmocka_unit_test(a_mistake_is_said_with_its_line),
        cmocka_unit_test(an_expression_that_is_too_long_is_refused),
        cmocka_unit_test(
            what_never_ends_is_stopped_and_the_next_record_asked_about),
        cmocka_unit_test(
            what_eats_memory_is_stopped_and_the_next_record_asked_about),
        cmocka_unit_test(
            what_ends_libjq_is_said_and_the_next_record_asked_about),
        cmocka_unit_test(it_has_nothing_of_our_environment_and_no_files),
        cmocka_unit_test(the_process_ends_with_the_expression),
    };

    (void)argc;
    if (web_where_is_child(argv))
        return web_where_child();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
