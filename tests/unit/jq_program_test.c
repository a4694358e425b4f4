/* Programs in jq: compiled, run, refused and stopped. */
#include "jq_test.h"

#include <signal.h>
#include <sys/resource.h>
#include <time.h>

#include "jq_value.h"

static struct pf_jq *open_program(const char *text, struct pf_jq_watch *watch)
{
    struct pf_error err = {""};
    struct pf_jq *jq;

    if (pf_jq_open(text, "feed.map", false, watch, &jq, &err))
        fail_msg("%s: %s", text, err.text);
    return jq;
}

/* Run it; what comes out, each result with a blank after it, or the code and
 * the reason at its end. */
static const char *run(struct pf_jq *jq, const char *json, const char *record)
{
    static struct pf_buffer out;
    struct pf_error err = {""};
    enum pf_rc rc;
    jv result;

    out.n = 0;
    pf_jq_start(jq, jv_parse(json), jv_parse(record));
    while (!(rc = pf_jq_next(jq, &result, &err))) {
        assert_int_equal(pf_jq_print(result, &out, NULL), PF_OK);
        pf_buffer_text(&out, " ");
        jv_free(result);
    }
    if (rc != PF_END)
        pf_buffer_printf(&out, "%s: %s", pf_rc_text(rc), err.text);
    pf_buffer_put(&out, "", 1);
    return out.at;
}

static void assert_runs(const char *program, const char *json,
                        const char *wanted)
{
    struct pf_jq *jq = open_program(program, NULL);

    assert_string_equal(run(jq, json, "null"), wanted);
    pf_jq_close(jq);
}

static void gives_results_in_their_order(void **state)
{
    (void)state;
    assert_runs(".", "{\"a\":1}", "{\"a\":1} ");
    assert_runs(".[]", "[1,[2],\"x\"]", "1 [2] \"x\" ");
    assert_runs("empty", "1", "");
    assert_runs("{z:.a, y:.b, a:1}", "{\"a\":5,\"b\":null}",
                "{\"z\":5,\"y\":null,\"a\":1} ");
    assert_runs("[limit(2; repeat(1))]", "1", "[1,1] ");
    assert_runs("select(.a > 1)", "{\"a\":1}", "");
    assert_runs("def f: . + 1; f | f", "1", "3 ");
    assert_runs("def env: 5; env", "1", "5 ");
    assert_runs("{env, input, halt: .env}", "{\"env\":1}",
                "{\"env\":1,\"input\":null,\"halt\":1} ");
}

static void one_program_runs_many_times(void **state)
{
    struct pf_jq *jq = open_program(".[] | if . > 2 then error(\"above\") "
                                    "else . end",
                                    NULL);

    (void)state;
    for (int i = 0; i < 100; i++) {
        assert_string_equal(run(jq, "[1,2]", "null"), "1 2 ");
        assert_string_equal(run(jq, "[1,3,1]", "null"),
                            "1 malformed input: above");
        pf_jq_start(jq, jv_parse("[1,2]"), jv_null()); /* and not to its end */
    }
    pf_jq_close(jq);
}

static void numbers_that_are_not_touched_keep_their_digits(void **state)
{
    (void)state;
    if (!numbers_are_exact())
        return;
    assert_runs("{p:.price, id}",
                "{\"id\":12345678901234567890,\"price\":4.50}",
                "{\"p\":4.50,\"id\":12345678901234567890} ");
}

static void a_refusal_says_what_the_program_says(void **state)
{
    (void)state;
    assert_runs("error(\"why\")", "1", "malformed input: why");
    assert_runs("error(\"\\u001b[1m\\n\xc3\xa9\")", "1",
                "malformed input: \x1b[1m\n\xc3\xa9");
    assert_runs("error({a: [1]})", "1", "malformed input: {\"a\":[1]}");
    assert_runs(".[]", "5", "malformed input: Cannot iterate over number (5)");
    assert_runs("1, error(\"x\"), 2", "1", "1 malformed input: x");
    assert_runs("try error(\"x\") catch .", "1", "\"x\" ");
    assert_runs(".a?", "5", "");
    if (numbers_are_exact()) /* to 1.6 it is like empty */
        assert_runs("error(null)", "1", "malformed input: null");
}

static void record_is_there_if_it_is_mentioned(void **state)
{
    struct pf_jq *with = open_program("[.x, $record.topic] # $record\n", NULL);
    struct pf_jq *without = open_program(".x # $records", NULL);

    (void)state;
    assert_true(pf_jq_wants_record(with));
    assert_false(pf_jq_wants_record(without));
    assert_string_equal(run(with, "{\"x\":1}", "{\"topic\":\"t\"}"),
                        "[1,\"t\"] ");
    assert_string_equal(run(without, "{\"x\":1}", "{\"topic\":\"t\"}"), "1 ");
    pf_jq_close(with);
    pf_jq_close(without);
    assert_runs("$record # \\", "5", "null ");
    assert_runs("def f: $record; path(.a), f", "{\"a\":1}", "[\"a\"] null ");
}

static void variables_are_what_is_given(void **state)
{
    struct pf_jq_source source;
    struct pf_error err = {""};
    struct pf_jq *jq;

    (void)state;
    assert_int_equal(
        pf_jq_source_read("[$a[.x], $b, $record, {$b}]", &source, &err), PF_OK);
    for (int i = 0; i < 3; i++) {
        jv variables = jv_parse("{\"a\":{\"u\":[1]}}");

        variables = jv_object_set(variables, jv_string("b"), jv_number(i));
        if (pf_jq_compile(&source, "feed.map", true, variables, NULL, &jq,
                          &err))
            fail_msg("%s", err.text);
        assert_string_equal(run(jq, "{\"x\":\"u\"}", "5"),
                            i == 0   ? "[[1],0,5,{\"b\":0}] "
                            : i == 1 ? "[[1],1,5,{\"b\":1}] "
                                     : "[[1],2,5,{\"b\":2}] ");
        pf_jq_close(jq);
    }
    assert_int_equal(pf_jq_compile(&source, "feed.map", true,
                                   jv_parse("{\"a\":1}"), NULL, &jq, &err),
                     PF_CONFIG);
    assert_contains(err.text, "$b is not defined");
    pf_jq_source_release(&source);
}

static void assert_refused(const char *program, const char *why)
{
    struct pf_jq *jq = (struct pf_jq *)&why;
    struct pf_error err = {""};

    if (pf_jq_open(program, "feed.map", false, NULL, &jq, &err) != PF_CONFIG)
        fail_msg("%s was taken", program);
    assert_ptr_equal(jq, &why);
    assert_contains(err.text, why);
}

static void a_mistake_has_its_line(void **state)
{
    (void)state;
    assert_refused(".a ==", "syntax error");
    assert_refused(".a |\n.b ==\n\n", "line ");
    assert_refused(". |\n  foo(1)", "line 2: foo/1 is not defined");
    assert_refused("$x", "$x is not defined");
    assert_refused(".a)", "syntax error");
    assert_refused(".a) | (.b, $record", "syntax error");
    assert_refused("(.a", "syntax error");
    assert_refused(" # nothing\n", "no program");
    assert_refused("$record |\nfoo", "line 2: foo/0 is not defined");
}

static void a_file_is_named_with_its_line(void **state)
{
    char path[] = "/tmp/pf-jq-XXXXXX", program[64], wanted[64];
    int fd = mkstemp(path);
    struct pf_jq *jq;

    (void)state;
    assert_true(fd >= 0);
    snprintf(program, sizeof program, "file:%s", path);
    assert_int_equal(write(fd, "# adds\n.a + 1\n", 14), 14);
    jq = open_program(program, NULL);
    assert_string_equal(run(jq, "{\"a\":1}", "null"), "2 ");
    pf_jq_close(jq);
    assert_int_equal(write(fd, "| foo\n", 6), 6);
    snprintf(wanted, sizeof wanted, "%s:3: foo/0 is not defined", path);
    assert_refused(program, wanted);
    assert_int_equal(write(fd, "\0", 1), 1);
    snprintf(wanted, sizeof wanted, "%s: a NUL in it", path);
    assert_refused(program, wanted);
    assert_int_equal(ftruncate(fd, 2 << 20), 0);
    assert_refused(program, "longer than");
    close(fd);
    unlink(path);
    assert_refused(program, "No such file");
    assert_refused("file:/", "Is a directory");
}

static void what_is_not_for_records_is_refused(void **state)
{
    static const char *const programs[] = {
        "env.HOME",
        "$ENV.HOME",
        "$ ENV",
        "$ # a comment\nENV",
        "input",
        "[., inputs]",
        "input_filename",
        "input_line_number",
        "halt",
        "\"x\" | halt_error",
        "halt_error(1)",
        "\"m\" | modulemeta",
        "get_search_list",
        "def f: [env]; f",
        "$record, env",
        "import \"m\" as m; m::f",
        "include \"m\"; f",
        "# a\n  module {}; 1",
    };
    static const char *const reasons[] = {"not for records", "$ENV",
                                          "no modules"};

    (void)state;
    for (size_t i = 0; i < COUNT(programs); i++) {
        struct pf_error err = {""};
        bool known = false;
        struct pf_jq *jq;

        if (pf_jq_open(programs[i], "", false, NULL, &jq, &err) != PF_CONFIG)
            fail_msg("%s was taken", programs[i]);
        for (size_t j = 0; j < COUNT(reasons); j++)
            known |= strstr(err.text, reasons[j]) != NULL;
        if (!known)
            fail_msg("%s: %s", programs[i], err.text);
    }
}

/* Open it as one that must not use the clock. */
static enum pf_rc check_pure(const char *program, struct pf_error *err)
{
    struct pf_jq *jq = NULL;
    enum pf_rc rc = pf_jq_open(program, "", true, NULL, &jq, err);

    pf_jq_close(jq);
    return rc;
}

static void the_clock_is_refused_where_it_would_matter(void **state)
{
    static const char *const programs[] = {"now", "{at: (now | todate)}",
                                           "5 | localtime",
                                           "5 | strflocaltime(\"%Y\")"};
    struct pf_error err;

    (void)state;
    for (size_t i = 0; i < COUNT(programs); i++) {
        pf_jq_close(open_program(programs[i], NULL));
        if (check_pure(programs[i], &err) != PF_CONFIG)
            fail_msg("%s was taken", programs[i]);
        assert_contains(err.text, "not for records: the same record has to");
    }
    assert_int_equal(check_pure("{now, a: (5 | todate)}, $record", &err),
                     PF_OK);
    assert_int_equal(check_pure("env", NULL), PF_CONFIG);
    assert_int_equal(check_pure("file:/nowhere", NULL), PF_CONFIG);
}

static void debug_goes_to_the_log_escaped(void **state)
{
    struct pf_jq *jq = open_program("(debug, stderr) | .a", NULL);
    struct heard heard;
    const char *text, *out;

    (void)state;
    begin_to_listen(&heard);
    out = run(jq, "{\"a\":\"\xc2\x9b\\u001b\"}", "null");
    text = end_to_listen(&heard);
    assert_string_equal(out, "\"\xc2\x9b\\u001b\" \"\xc2\x9b\\u001b\" ");
    assert_contains(text, "feed.map: debug: {\"a\":\"\\xc2\\x9b\\u001b\"}");
    assert_ptr_equal(strstr(text, "debug:"), strrchr(text, 'd')); /* once */
    pf_jq_close(jq);
}

static void true_is_what_select_takes(void **state)
{
    static const struct {
        const char *program;
        bool is_true;
    } cases[] = {
        {"true", true},     {"false", false},       {"null", false},
        {"0", true},        {"\"\"", true},         {"[]", true},
        {"empty", false},   {"false, null", false}, {"false, 1", true},
        {"1, error", true}, {".[] == 2", true},     {".[] == 9", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pf_jq *jq = open_program(cases[i].program, NULL);
        bool is_true = !cases[i].is_true;

        assert_int_equal(
            pf_jq_is_true(jq, jv_parse("[1,2]"), jv_null(), &is_true, NULL),
            PF_OK);
        if (is_true != cases[i].is_true)
            fail_msg("%s", cases[i].program);
        pf_jq_close(jq);
    }
}

static void one_result_is_one(void **state)
{
    struct pf_jq *one = open_program(".[]", NULL);
    struct pf_error err;
    jv result;

    (void)state;
    assert_int_equal(pf_jq_one(one, jv_parse("[7]"), jv_null(), &result, NULL),
                     PF_OK);
    assert_int_equal((int)jv_number_value(result), 7);
    jv_free(result);
    assert_int_equal(pf_jq_one(one, jv_parse("[]"), jv_null(), &result, &err),
                     PF_FORMAT);
    assert_string_equal(err.text, "it has no result");
    assert_int_equal(
        pf_jq_one(one, jv_parse("[1,2]"), jv_null(), &result, &err), PF_FORMAT);
    assert_string_equal(err.text, "it has more than one result");
    assert_int_equal(pf_jq_one(one, jv_parse("5"), jv_null(), &result, &err),
                     PF_FORMAT);
    assert_contains(err.text, "Cannot iterate");
    pf_jq_close(one);
}

/* Each of these would go on for ever. After it, the next record has all of its
 * time again. */
static void a_program_that_does_not_end_is_stopped(void **state)
{
    static const char *const programs[] = {
        "if . then . else def f: f; f end",
        "if . then . else def f: 1 + f; f end",
        "if . then . else [repeat(1)] end",
        "if . then . else last(repeat(1)) end",
        "if . then . else (repeat(1) | select(false)) end",
    };
    struct pf_jq_limits limits = {.time_ms = 50, .memory = 1 << 30};
    struct pf_jq_watch *watch;

    (void)state;
    assert_int_equal(pf_jq_watch_open(&limits, &watch, NULL), PF_OK);
    pf_jq_watch_begin(watch);
    for (size_t i = 0; i < COUNT(programs); i++) {
        struct pf_jq *jq = open_program(programs[i], watch);

        for (int j = 0; j < 2; j++) {
            pf_jq_watch_record(watch);
            assert_string_equal(run(jq, "false", "null"),
                                "value out of range: it takes more than 50 ms "
                                "of processor time");
            pf_jq_watch_record(watch);
            assert_string_equal(run(jq, "true", "null"), "true ");
        }
        pf_jq_close(jq);
    }
    pf_jq_watch_end(watch);
    pf_jq_watch_close(watch);
}

static int64_t processor_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* How long libjq takes for that many steps. */
static int64_t time_steps(struct pf_jq *jq, struct pf_jq_watch *watch, long n)
{
    int64_t begin = processor_ms();
    char json[24], wanted[32];

    pf_jq_watch_record(watch);
    snprintf(json, sizeof json, "%ld", n);
    snprintf(wanted, sizeof wanted, "%ld ", n - 1);
    assert_string_equal(run(jq, json, "null"), wanted);
    return processor_ms() - begin;
}

static void each_record_has_all_of_the_time(void **state)
{
    struct pf_jq_limits limits = {.time_ms = 300, .memory = 1 << 30};
    struct pf_jq_watch *watch;
    int64_t begin;
    struct pf_jq *jq;
    long steps = 1000;

    (void)state;
    assert_int_equal(pf_jq_watch_open(&limits, &watch, NULL), PF_OK);
    jq = open_program("last(range(.))", watch);
    pf_jq_watch_begin(watch);
    while (time_steps(jq, watch, steps) < 50)
        steps *= 2;
    for (begin = processor_ms(); processor_ms() < begin + 400;)
        time_steps(jq, watch, steps);
    pf_jq_watch_end(watch);
    pf_jq_close(jq);
    pf_jq_watch_close(watch);
}

/* Also if each single one comes at once. */
static void results_that_do_not_end_are_stopped(void **state)
{
    struct pf_jq_limits limits = {.time_ms = 50, .memory = 1 << 30};
    struct pf_jq_watch *watch;
    struct pf_error err;
    struct pf_jq *jq;
    enum pf_rc rc;
    jv result;

    (void)state;
    assert_int_equal(pf_jq_watch_open(&limits, &watch, NULL), PF_OK);
    jq = open_program("repeat(1)", watch);
    pf_jq_watch_begin(watch);
    pf_jq_watch_record(watch);
    pf_jq_start(jq, jv_null(), jv_null());
    while (!(rc = pf_jq_next(jq, &result, &err)))
        jv_free(result);
    pf_jq_watch_end(watch);
    assert_int_equal(rc, PF_RANGE);
    pf_jq_close(jq);
    pf_jq_watch_close(watch);
}

static void a_program_that_takes_too_much_memory_is_stopped(void **state)
{
    struct pf_jq_limits limits = {.time_ms = 60000, .memory = 32 << 20};
    struct pf_jq_watch *watch;
    struct pf_jq *jq;

    (void)state;
    assert_int_equal(pf_jq_watch_open(&limits, &watch, NULL), PF_OK);
    jq = open_program("if . then . else [repeat([1, \"abc\"])] end", watch);
    pf_jq_watch_begin(watch);
    for (int i = 0; i < 3; i++) {
        pf_jq_watch_record(watch);
        assert_string_equal(run(jq, "false", "null"),
                            "value out of range: it takes more than 32 MB of "
                            "memory");
        pf_jq_watch_record(watch);
        assert_string_equal(run(jq, "true", "null"), "true ");
    }
    pf_jq_watch_end(watch);
    pf_jq_close(jq);
    pf_jq_watch_close(watch);
}

/* One match takes less than Oniguruma allows it, but there are many. The text
 * is made at once: the time must not be over before it is searched. */
#define ENDLESS "((\"a\" * 300 + \"c\") * 100 + \"b\") | test(\"a*a*a*b\")"

static int run_what_does_not_return(void)
{
    struct pf_jq_limits limits = {
        .time_ms = 100, .memory = 1 << 30, .ends = true};
    struct pf_jq_watch *watch;

    if (pf_jq_watch_open(&limits, &watch, NULL))
        return 2;
    pf_jq_watch_begin(watch);
    pf_jq_watch_record(watch);
    run(open_program(ENDLESS, watch), "null", "null");
    return 3;
}

static void a_function_that_does_not_return_ends_the_process(void **state)
{
    struct heard heard;
    int code;

    (void)state;
    begin_to_listen(&heard);
    code = outcome(run_what_does_not_return);
    assert_contains(end_to_listen(&heard), "does not return");
    assert_int_equal(code, 1);
}

#ifndef __SANITIZE_ADDRESS__ /* with it the limit is off */
static int run_what_takes_all_at_once(void)
{
    struct pf_jq_limits limits = {
        .time_ms = 1000, .memory = 16 << 20, .ends = true};
    struct pf_jq_watch *watch;

    signal(SIGABRT, SIG_DFL); /* they are cmocka's */
    signal(SIGSEGV, SIG_DFL);
    if (pf_jq_watch_open(&limits, &watch, NULL))
        return 2;
    pf_jq_watch_begin(watch);
    pf_jq_watch_record(watch);
    run(open_program("[] | .[1e8] = 1 | length", watch), "null", "null");
    return 3;
}

static void memory_for_all_at_once_is_not_given(void **state)
{
    struct pf_jq_limits limits = {
        .time_ms = 1000, .memory = 16 << 20, .ends = true};
    struct rlimit before, within, after;
    struct pf_jq_watch *watch;
    struct heard heard;
    int code;

    (void)state;
    begin_to_listen(&heard);
    code = outcome(run_what_takes_all_at_once);
    end_to_listen(&heard);
    assert_true(code < 0); /* by a signal */

    /* Others have what they had. */
    assert_int_equal(pf_jq_watch_open(&limits, &watch, NULL), PF_OK);
    getrlimit(RLIMIT_AS, &before);
    pf_jq_watch_begin(watch);
    getrlimit(RLIMIT_AS, &within);
    pf_jq_watch_end(watch);
    getrlimit(RLIMIT_AS, &after);
    pf_jq_watch_close(watch);
    assert_true(within.rlim_cur > limits.memory + PF_JQ_SPARE);
    assert_true(within.rlim_cur < before.rlim_cur);
    assert_true(after.rlim_cur == before.rlim_cur);
}
#endif

/* What others send is not from the timer. */
static void a_signal_from_elsewhere_does_nothing(void **state)
{
    struct pf_jq_limits limits = {.time_ms = 50, .memory = 1 << 30};
    struct pf_jq_watch *watch;

    (void)state;
    assert_int_equal(pf_jq_watch_open(&limits, &watch, NULL), PF_OK);
    for (int i = 0; i < 100; i++)
        raise(SIGVTALRM);
    assert_int_equal(pf_jq_watch_look(watch, NULL), PF_OK);
    pf_jq_watch_close(watch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_results_in_their_order),
        cmocka_unit_test(one_program_runs_many_times),
        cmocka_unit_test(numbers_that_are_not_touched_keep_their_digits),
        cmocka_unit_test(a_refusal_says_what_the_program_says),
        cmocka_unit_test(record_is_there_if_it_is_mentioned),
        cmocka_unit_test(variables_are_what_is_given),
        cmocka_unit_test(a_mistake_has_its_line),
        cmocka_unit_test(a_file_is_named_with_its_line),
        cmocka_unit_test(what_is_not_for_records_is_refused),
        cmocka_unit_test(the_clock_is_refused_where_it_would_matter),
        cmocka_unit_test(debug_goes_to_the_log_escaped),
        cmocka_unit_test(true_is_what_select_takes),
        cmocka_unit_test(one_result_is_one),
        cmocka_unit_test(a_program_that_does_not_end_is_stopped),
        cmocka_unit_test(each_record_has_all_of_the_time),
        cmocka_unit_test(results_that_do_not_end_are_stopped),
        cmocka_unit_test(a_program_that_takes_too_much_memory_is_stopped),
        cmocka_unit_test(a_function_that_does_not_return_ends_the_process),
#ifndef __SANITIZE_ADDRESS__
        cmocka_unit_test(memory_for_all_at_once_is_not_given),
#endif
        cmocka_unit_test(a_signal_from_elsewhere_does_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
