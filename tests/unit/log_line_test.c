/* Lines of the programs' logs, as they write them, and as nobody should. */
#include "unit.h"

#include <time.h>

#include "log_line.h"

static const struct pf_log_line none = {.time_ms = -1, .level = PF_LOG_INFO};

static void assert_text(const char *at, size_t n, const char *wanted)
{
    assert_int_equal(n, strlen(wanted));
    assert_memory_equal(at, wanted, n);
}

static void reads_when_and_how_bad_in_every_form(void **state)
{
    static const struct {
        const char *line, *text;
        enum pf_log_level level;
    } lines[] = {
        {"2026-11-20T22:07:03.274Z info consumer: first: price",
         "consumer: first: price", PF_LOG_INFO},
        {"2026-11-20T22:07:03.274Z warning pf-broker: x", "pf-broker: x",
         PF_LOG_WARNING},
        {"2026-11-20T22:07:03.274Z INFO Registered (kafka.zk.Client)",
         "Registered (kafka.zk.Client)", PF_LOG_INFO},
        {"2026-11-20T23:07:03.274+01:00 FATAL [Server id=0] x",
         "[Server id=0] x", PF_LOG_ERROR},
        {"2026-11-20 22:07:03,274 WARN exited: kafka", "exited: kafka",
         PF_LOG_WARNING},
        {"2026-11-20 22:07:03,274 CRIT could not", "could not", PF_LOG_ERROR},
        {"2026-11-20 22:07:03.274 UTC [77] FATAL:  no role", "no role",
         PF_LOG_ERROR},
    };

    (void)state;
    setenv("TZ", "UTC", 1);
    tzset();
    for (size_t i = 0; i < COUNT(lines); i++) {
        struct pf_log_line line = none;

        assert_true(
            pf_log_line_read(lines[i].line, strlen(lines[i].line), &line));
        assert_true(line.time_ms == INT64_C(1795212423274));
        assert_int_equal(line.level, lines[i].level);
        assert_text(line.text, line.n, lines[i].text);
    }
}

static void what_has_no_head_keeps_what_the_line_before_said(void **state)
{
    static const char *const lines[] = {
        "",
        "x",
        "2026-11-20",
        "2026-11-20T22:07:03.274Z",
        "2026-13-20T22:07:03.274Z info y",
        "2026-11-20T24:07:03.274Z info y",
        "9999999-11-20T22:07:03.274Z info y",
        "\xff\xfe\x01",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(lines); i++) {
        struct pf_log_line line = {.time_ms = 7, .level = PF_LOG_ERROR};

        assert_false(pf_log_line_read(lines[i], strlen(lines[i]), &line));
        assert_true(line.time_ms == 7);
        assert_int_equal(line.level, PF_LOG_ERROR);
        assert_text(line.text, line.n, lines[i]);
    }
}

static void last_words_have_a_level(void **state)
{
    static const struct {
        const char *line;
        enum pf_log_level level;
    } lines[] = {
        {"Exception in thread \"main\" java.lang.Error", PF_LOG_ERROR},
        {"Error: Could not find or load x", PF_LOG_ERROR},
        {"Traceback (most recent call last):", PF_LOG_ERROR},
        {"OpenJDK 64-Bit Server VM warning: x", PF_LOG_WARNING},
        {"anything", PF_LOG_INFO},
        {"", PF_LOG_INFO},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(lines); i++)
        assert_int_equal(
            pf_log_line_guess(lines[i].line, strlen(lines[i].line)),
            lines[i].level);
}

static bool continues(const char *line)
{
    return pf_log_line_continues(line, strlen(line));
}

static void lines_of_a_stack_trace_continue_the_one_before(void **state)
{
    static const char *const lines[] = {
        "java.lang.IllegalStateException",
        "java.net.BindException: Address already in use",
        "org.apache.kafka.common.errors.TimeoutException: late",
        "scala.MatchError: x",
        "a.b.Outer$InnerError: x",
        "\tat kafka.Kafka$.main(Kafka.scala:1)",
        "\t... 7 more",
        "Caused by: java.lang.Error",
        " a blank",
    };
    static const char *const others[] = {
        "",
        "x",
        "127.0.0.1: no route",
        "Caused by nothing",
        "java.lang.String: no",
        "NotQualifiedException: no",
        "java.lang.Exceptional: no",
        "java.lang.Exception, no",
        "2026-11-20T22:07:03.274Z ERROR java.lang.Exception: has a time (x)",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(lines); i++)
        assert_true(continues(lines[i]));
    for (size_t i = 0; i < COUNT(others); i++)
        assert_false(continues(others[i]));
}

static void a_name_is_taken_off_once(void **state)
{
    static const char *const without[] = {"",    ": x",    "a b: x", "a:x",
                                          "abc", "Abc: x", "a:"};
    struct pf_log_line line = {.text = "pf-broker: topic: x", .n = 19};
    const char *name;

    (void)state;
    assert_int_equal(pf_log_line_take_name(&line, &name), 9);
    assert_text(name, 9, "pf-broker");
    assert_text(line.text, line.n, "topic: x");
    for (size_t i = 0; i < COUNT(without); i++) {
        line = (struct pf_log_line){.text = without[i],
                                    .n = strlen(without[i])};
        assert_int_equal(pf_log_line_take_name(&line, &name), 0);
        assert_text(line.text, line.n, without[i]);
    }
}

/* Each prefix of a line, in a block of exactly that size for the sanitizers. */
static void reads_no_byte_beyond_the_line(void **state)
{
    static const char *const lines[] = {
        "2026-11-20T22:07:03.274Z info pf-consumer: x",
        "2026-11-20 22:07:03,274 INFO x",
        "java.lang.Exception: x",
        "Exception in thread ",
        "Caused by: x",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(lines); i++) {
        for (size_t n = 0; n <= strlen(lines[i]); n++) {
            char *copy = malloc(n ? n : 1);
            struct pf_log_line line = none;
            const char *name;

            memcpy(copy, lines[i], n);
            pf_log_line_read(copy, n, &line);
            assert_true(line.text + line.n == copy + n);
            pf_log_line_take_name(&line, &name);
            assert_true(line.text + line.n == copy + n);
            pf_log_line_continues(copy, n);
            pf_log_line_guess(copy, n);
            free(copy);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_when_and_how_bad_in_every_form),
        cmocka_unit_test(what_has_no_head_keeps_what_the_line_before_said),
        cmocka_unit_test(last_words_have_a_level),
        cmocka_unit_test(lines_of_a_stack_trace_continue_the_one_before),
        cmocka_unit_test(a_name_is_taken_off_once),
        cmocka_unit_test(reads_no_byte_beyond_the_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
