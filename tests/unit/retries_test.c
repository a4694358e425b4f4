/* What a worker's log says is tried again, however the log is written. */
#include "retries.h"

#include "buffer.h"
#include "unit.h"

#define RETRY(name)                                                      \
    "2026-11-27T13:42:31.833Z WARN ExactlyOnceWorkerSourceTask{id=" name \
    "-0} failed to poll records from SourceTask. Will retry operation. " \
    "(org.apache.kafka.connect.runtime.AbstractWorkerSourceTask)\n"
#define TRACE(text) "a.B: " text "\n\tat x\nCaused by: c.D: why\n\tat y\n"
#define OTHER "2026-11-27T13:42:31.900Z INFO it goes on (a.B)\n"

struct world {
    char dir[64], path[80], old[80];
    struct retries *retries;
    struct pf_buffer told; /* "NAME=TRACE" each */
};

static void append(const char *path, const char *text)
{
    FILE *file = fopen(path, "a");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int make_world(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    struct pf_error err;

    assert_non_null(w);
    strcpy(w->dir, "/tmp/retries-test-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    snprintf(w->path, sizeof w->path, "%s/log", w->dir);
    snprintf(w->old, sizeof w->old, "%s/log.1", w->dir);
    append(w->path, RETRY("old") TRACE("long ago") OTHER);
    assert_int_equal(retries_new(w->path, &w->retries, &err), PF_OK);
    *state = w;
    return 0;
}

static int free_world(void **state)
{
    struct world *w = *state;

    retries_free(w->retries);
    pf_buffer_release(&w->told);
    unlink(w->path);
    unlink(w->old);
    rmdir(w->dir);
    free(w);
    return 0;
}

static void take(void *context, const char *name, const char *trace)
{
    pf_buffer_printf(context, "%s=%s", name, trace);
}

/* What is told of after one look. */
static const char *look(struct world *w)
{
    pf_buffer_release(&w->told);
    retries_look(w->retries, take, &w->told);
    pf_buffer_put(&w->told, "", 1);
    return w->told.at;
}

static void a_retry_has_its_connector_and_its_trace(void **state)
{
    struct world *w = *state;

    assert_string_equal(look(w), ""); /* what was there is over */
    append(w->path, OTHER RETRY("a-b") TRACE("one") OTHER);
    assert_string_equal(look(w), "a-b=" TRACE("one"));
    append(w->path, RETRY("c") TRACE("two") RETRY("d") TRACE("three") OTHER);
    assert_string_equal(look(w), "c=" TRACE("two") "d=" TRACE("three"));
    assert_string_equal(look(w), "");
}

static void the_last_one_is_told_once_the_log_is_still(void **state)
{
    struct world *w = *state;

    append(w->path, RETRY("a") "a.B: one\n\tat");
    assert_string_equal(look(w), "");
    append(w->path, " x\nCaused by: c.D: why\n\tat y\n");
    assert_string_equal(look(w), "");
    assert_string_equal(look(w), "a=" TRACE("one"));
    assert_string_equal(look(w), "");
}

static void a_new_file_at_its_path_is_read_from_its_beginning(void **state)
{
    struct world *w = *state;

    append(w->path, RETRY("a") TRACE("one"));
    assert_int_equal(rename(w->path, w->old), 0);
    assert_string_equal(look(w), "");
    append(w->old, OTHER RETRY("b") TRACE("two"));
    append(w->path, OTHER RETRY("c") TRACE("three") OTHER);
    assert_string_equal(
        look(w), "a=" TRACE("one") "b=" TRACE("two") "c=" TRACE("three"));
    assert_int_equal(truncate(w->path, 0), 0);
    append(w->path, RETRY("d") TRACE("four") OTHER);
    assert_string_equal(look(w), "d=" TRACE("four"));
}

static void a_log_that_comes_later_is_read_from_its_beginning(void **state)
{
    struct world *w = *state;
    struct pf_error err;

    unlink(w->path);
    retries_free(w->retries);
    assert_int_equal(retries_new(w->path, &w->retries, &err), PF_OK);
    assert_string_equal(look(w), "");
    append(w->path, RETRY("a") TRACE("one") OTHER);
    assert_string_equal(look(w), "a=" TRACE("one"));
}

static void what_is_no_retry_is_none(void **state)
{
    static const char *const lines[] = {
        "2026-11-27T13:42:31.833Z WARN WorkerSourceTask{id=a-0} is started\n",
        "2026-11-27T13:42:31.833Z WARN failed to poll records from "
        "SourceTask. Will retry\n",
        "2026-11-27T13:42:31.833Z WARN SourceTask{id=-0} failed to poll "
        "records from SourceTask\n",
        "2026-11-27T13:42:31.833Z WARN SourceTask{id=a-0 failed to poll "
        "records from SourceTask\n",
        "SourceTask{id=a-0} failed to poll records from SourceTask\n",
        "2026-11-27T13:42:31.833Z WARN SourceTask{id="
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "-0} failed to poll records from SourceTask\n",
        "\n",
    };
    struct world *w = *state;

    for (size_t i = 0; i < COUNT(lines); i++) {
        append(w->path, lines[i]);
        append(w->path, TRACE("one") OTHER);
        assert_string_equal(look(w), "");
    }
}

static void a_line_and_a_trace_without_end_take_little_memory(void **state)
{
    struct world *w = *state;
    char line[4096];
    FILE *file;

    memset(line, 'x', sizeof line);
    append(w->path, RETRY("a"));
    file = fopen(w->path, "a");
    assert_non_null(file);
    for (int i = 0; i < 100; i++)
        assert_int_equal(fwrite(line, 1, sizeof line, file), sizeof line);
    for (int i = 0; i < 20000; i++)
        assert_true(fputs("\n\tat a.b.c.D", file) >= 0);
    assert_int_equal(fclose(file), 0);
    append(w->path, "\n" OTHER);
    for (int i = 0; i < 10 && !*look(w); i++)
        ; /* one look reads only so much */
    assert_true(w->told.n > 8000 && w->told.n < 70000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_world, free_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_retry_has_its_connector_and_its_trace),
        TEST(the_last_one_is_told_once_the_log_is_still),
        TEST(a_new_file_at_its_path_is_read_from_its_beginning),
        TEST(a_log_that_comes_later_is_read_from_its_beginning),
        TEST(what_is_no_retry_is_none),
        TEST(a_line_and_a_trace_without_end_take_little_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
