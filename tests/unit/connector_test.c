/* What is said of a connector, and when it is tried again. */
#include "connector.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "advice.h"
#include "unit.h"

static struct connector *connector;
static char path[] = "/tmp/connector-test-XXXXXX";

static int setup(void **state)
{
    (void)state;
    connector = connector_new("films");
    return connector ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    connector_free(connector);
    return 0;
}

static bool judge(const char *status, int64_t now_ms)
{
    struct json_object *parsed = json_tokener_parse(status);
    bool again;

    assert_non_null(parsed);
    again = connector_judge(connector, parsed, now_ms);
    json_object_put(parsed);
    return again;
}

static const char runs[] = "{\"connector\":{\"state\":\"RUNNING\"},"
                           "\"tasks\":[{\"id\":0,\"state\":\"RUNNING\"}]}";
static const char failed[] =
    "{\"connector\":{\"state\":\"RUNNING\"},\"tasks\":[{\"id\":0,\"state\":"
    "\"FAILED\",\"trace\":\"a.B: it stops\\n\\tat x\\nCaused by: c.D: one\\n"
    "\\tat y\\nCaused by: e.F: permission denied for table films\\n\\tat "
    "z\"}]}";

static void a_pause_doubles_up_to_a_minute(void **state)
{
    struct again again = {0};
    const int pauses_s[] = {1, 2, 4, 8, 16, 32, 60, 60};

    (void)state;
    for (size_t i = 0; i < COUNT(pauses_s); i++) {
        assert_int_equal(again_later(&again, 5000), pauses_s[i] * 1000);
        assert_int_equal(again.at_ms, 5000 + pauses_s[i] * 1000);
    }
}

static void
a_trace_is_its_first_line_its_last_cause_and_what_helps(void **state)
{
    (void)state;
    assert_true(judge(failed, 1));
    assert_string_equal(
        connector->failed.text,
        "connector films: task 0 failed: a.B: it stops; its cause: e.F: "
        "permission denied for table films; GRANT SELECT ON that-table TO "
        "its-user, or ALTER DEFAULT PRIVILEGES for tables to come");
}

static void a_failure_counts_until_it_has_run_for_a_while(void **state)
{
    (void)state;
    assert_true(judge(failed, 1000));
    again_later(&connector->restart, 1000);
    assert_false(judge(failed, 1999));
    assert_true(judge(failed, 2000));
    assert_false(judge(runs, 3000));
    assert_string_not_equal(connector->failed.text, "");
    assert_false(judge(runs, 13000));
    assert_string_not_equal(connector->failed.text, "");
    assert_false(judge(runs, 13001));
    assert_string_equal(connector->failed.text, "");
}

/* Debezium tries for ever to start, and the worker says that it runs. */
static void what_is_tried_again_and_again_is_named_once_and_is_ill(void **state)
{
    static const char trace[] =
        "a.B: it cannot start\n\tat x\nCaused by: c.D: password "
        "authentication failed for user \"capture\"\n";
    struct heard heard;
    const char *said;

    (void)state;
    begin_to_listen(&heard);
    connector_retries(connector, trace, 1000);
    connector_retries(connector, trace, 2000);
    said = end_to_listen(&heard);
    assert_non_null(strstr(said, "connector films: a task is tried again and "
                                 "again: a.B: it cannot start; its cause: c.D: "
                                 "password authentication failed"));
    assert_null(strstr(strstr(said, "films") + 1, "films"));
    assert_false(judge(runs, 2500));
    assert_non_null(strstr(connector->failed.text, "correct the password"));
    assert_false(judge(runs, 32000));
    assert_string_not_equal(connector->failed.text, "");
    assert_false(judge(runs, 32001));
    assert_string_equal(connector->failed.text, "");
    /* What has failed is more than that. */
    connector_retries(connector, trace, 33000);
    assert_true(judge(failed, 33000));
    assert_non_null(strstr(connector->failed.text, "task 0 failed"));
}

static void after_a_minute_the_next_failure_is_the_first_again(void **state)
{
    (void)state;
    again_later(&connector->restart, 0);
    again_later(&connector->restart, 0);
    judge(runs, 1000);
    judge(runs, 61000);
    assert_int_equal(connector->restart.pause_ms, 2000);
    judge(runs, 61001);
    assert_int_equal(connector->restart.pause_ms, 0);
}

static void a_connector_without_tasks_does_not_run_yet(void **state)
{
    (void)state;
    judge("{\"connector\":{\"state\":\"RUNNING\"},\"tasks\":[]}", 1000);
    assert_int_equal(connector->well_ms, 0);
    assert_string_equal(connector->failed.text, "");
}

static void
a_refusal_is_what_is_between_its_first_and_its_last_line(void **state)
{
    char text[200];

    (void)state;
    assert_string_equal(
        connector_refusal(
            "Connector configuration is invalid and contains the "
            "following 2 error(s):\nA is missing\nB is wrong\nYou "
            "can also find the above list of errors at x",
            text, sizeof text),
        "A is missing; B is wrong");
    /* Of a long one only the begin comes. */
    assert_string_equal(
        connector_refusal("Connector configuration is invalid and contains the "
                          "following 9 error(s):\nA is missing\nB is wr",
                          text, sizeof text),
        "A is missing; B is wr");
    assert_string_equal(connector_refusal("No such class", text, sizeof text),
                        "No such class");
}

static void read_file(const char *text, bool is_new)
{
    FILE *out = fopen(path, "w");

    assert_non_null(out);
    fputs(text, out);
    fclose(out);
    assert_int_equal(connector_read(connector, path), is_new);
}

static void only_an_edited_file_is_new(void **state)
{
    (void)state;
    close(mkstemp(path));
    read_file("{\"a\": \"1\"}", true);
    assert_string_equal(connector->refused.text, "");
    connector->is_put = true;
    read_file("{\"a\": \"1\"}", false);
    assert_true(connector->is_put);
    read_file("{\"a\": 2}", true);
    assert_false(connector->is_put);
    unlink(path);
}

static void a_file_that_cannot_be_used_is_named_with_its_line(void **state)
{
    static const char *const cases[][2] = {
        {"{\n\"a\": 1,\n}", "connectors/films.json: line 3: "},
        {"{\"a\":\n", "connectors/films.json: it ends in the middle"},
        {"[]", "connectors/films.json: it is not an object of settings"},
        {"{}\n{}",
         "connectors/films.json: line 2: there is more after its end"},
        {"{\"config\": {}}",
         "connectors/films.json: config: its value is not a "
         "text; the file is what is within \"config\""},
    };

    (void)state;
    snprintf(path, sizeof path, "/tmp/connector-test-XXXXXX");
    close(mkstemp(path));
    for (size_t i = 0; i < COUNT(cases); i++) {
        read_file(cases[i][0], true);
        assert_non_null(strstr(connector->refused.text, cases[i][1]));
    }
    unlink(path);
    assert_true(connector_read(connector, path));
    assert_non_null(strstr(connector->refused.text, "No such file"));
    assert_false(connector_read(connector, path));
}

static void
one_that_the_worker_does_not_know_any_more_is_put_again(void **state)
{
    (void)state;
    connector->text = strdup("{}");
    connector->is_put = true;
    connector->listed_ms = 1000;
    assert_true(judge(failed, 1000));
    assert_false(connector_miss(connector, 1500)); /* it was put just now */
    assert_true(connector->is_put);
    assert_string_equal(connector->failed.text, "");
    assert_true(judge(failed, 1600)); /* at once, as if it had never failed */
    assert_true(connector_miss(connector, 7000));
    assert_false(connector->is_put);
    assert_false(connector_miss(connector, 7500));
}

static void without_a_file_it_is_only_forgotten(void **state)
{
    (void)state;
    connector->is_put = true;
    connector->listed_ms = 1000;
    judge(failed, 1000);
    assert_false(connector_miss(connector, 7000));
    assert_string_equal(connector->failed.text, "");
}

static void what_helps_is_the_more_exact_one(void **state)
{
    (void)state;
    assert_string_equal(advice("all is well"), "");
    assert_string_equal(
        advice("Access denied; you need (at least one of) the "
               "BINLOG MONITOR privilege(s) for this operation"),
        "GRANT BINLOG MONITOR ON *.* TO its-user");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pause_doubles_up_to_a_minute),
        cmocka_unit_test_setup_teardown(
            a_trace_is_its_first_line_its_last_cause_and_what_helps, setup,
            teardown),
        cmocka_unit_test_setup_teardown(
            a_failure_counts_until_it_has_run_for_a_while, setup, teardown),
        cmocka_unit_test_setup_teardown(
            what_is_tried_again_and_again_is_named_once_and_is_ill, setup,
            teardown),
        cmocka_unit_test_setup_teardown(
            after_a_minute_the_next_failure_is_the_first_again, setup,
            teardown),
        cmocka_unit_test_setup_teardown(
            a_connector_without_tasks_does_not_run_yet, setup, teardown),
        cmocka_unit_test(
            a_refusal_is_what_is_between_its_first_and_its_last_line),
        cmocka_unit_test_setup_teardown(only_an_edited_file_is_new, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            a_file_that_cannot_be_used_is_named_with_its_line, setup, teardown),
        cmocka_unit_test_setup_teardown(
            one_that_the_worker_does_not_know_any_more_is_put_again, setup,
            teardown),
        cmocka_unit_test_setup_teardown(without_a_file_it_is_only_forgotten,
                                        setup, teardown),
        cmocka_unit_test(what_helps_is_the_more_exact_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
