/* Logs in a directory: their names, their ends, and what is added to them while
 * supervisord rotates them. */
#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "log_file.h"
#include "log_files.h"
#include "log_follow.h"
#include "log_tail.h"

#define HEAD "2026-11-26T12:00:00.000Z "

struct world {
    char run[40];
    char path[WEB_LOG_PATH]; /* of x.log */
    int dir;
    struct pf_log_follow *follow;
    struct web_log_lines lines;
    char text[60000];
};

static int make_world(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    char path[80];

    strcpy(w->run, "/tmp/pf-logs-XXXXXX");
    assert_non_null(mkdtemp(w->run));
    snprintf(path, sizeof path, "%s/log", w->run);
    assert_int_equal(mkdir(path, 0700), 0);
    w->dir = open(path, O_RDONLY | O_DIRECTORY);
    assert_true(w->dir >= 0);
    assert_true(web_log_path(w->run, "x", w->path));
    w->lines = (struct web_log_lines){
        .least = PF_LOG_DEBUG, .limit = 1000, .size = 1000000};
    *state = w;
    return 0;
}

static int remove_world(void **state)
{
    struct world *w = *state;
    char command[80];

    pf_log_follow_close(w->follow);
    web_log_lines_clear(&w->lines);
    close(w->dir);
    snprintf(command, sizeof command, "rm -r %s", w->run);
    assert_int_equal(system(command), 0);
    free(w);
    return 0;
}

/* Append to a file of the directory. */
static void append(const struct world *w, const char *file, const char *text)
{
    int fd = openat(w->dir, file, O_WRONLY | O_CREAT | O_APPEND, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

/* As supervisord does it: x.log becomes x.log.1, and is begun again. */
static void rotate(const struct world *w)
{
    assert_int_equal(renameat(w->dir, "x.log", w->dir, "x.log.1"), 0);
    append(w, "x.log", "");
}

/* The texts of the lines, each with '|' after it; they are then taken. */
static const char *texts(struct world *w)
{
    size_t used = 0;

    *w->text = '\0';
    for (size_t i = 0; i < w->lines.n; i++) {
        const struct pf_log_line *line = web_log_lines_at(&w->lines, i);

        used += (size_t)snprintf(w->text + used, sizeof w->text - used, "%.*s|",
                                 (int)line->n, line->text);
    }
    web_log_lines_clear(&w->lines);
    return w->text;
}

static int64_t tail(struct world *w)
{
    struct pf_error err;
    int64_t next = -1;

    web_log_lines_clear(&w->lines);
    assert_int_equal(web_log_tail(w->path, &w->lines, &next, &err), PF_OK);
    return next;
}

static void follow(struct world *w, int64_t next)
{
    assert_int_equal(pf_log_follow_open(w->path, next, &w->follow, NULL),
                     PF_OK);
}

static const char *added(struct world *w)
{
    pf_log_follow_read(w->follow, web_log_lines_take, &w->lines);
    return texts(w);
}

static void only_plain_logs_of_the_directory_are_opened(void **state)
{
    static const char *const names[] = {
        "..", ".",   "",      "a/x",  "../x",  "link", "pipe", "dir",
        "X",  "a.b", "log/x", "none", "x.log", "x\n",  "x%2e"};
    struct world *w = *state;
    struct web_log_file files[WEB_LOGS];
    struct stat st;
    char path[WEB_LOG_PATH], name[WEB_LOG_NAME + 1];
    int fd;

    append(w, "x.log", "a\n");
    append(w, "supervisord.log", "");
    append(w, "x.log.1", "");
    append(w, "X.log", "");
    append(w, ".log", "");
    append(w, "a.b.log", "");
    assert_int_equal(mkdirat(w->dir, "dir.log", 0700), 0);
    assert_int_equal(mkfifoat(w->dir, "pipe.log", 0600), 0);
    assert_int_equal(symlinkat("x.log", w->dir, "link.log"), 0);
    snprintf(path, sizeof path, "%s/x.log", w->run); /* beside the directory */
    close(open(path, O_CREAT, 0600));

    assert_int_equal(web_logs_list(w->run, files), 2);
    assert_string_equal(files[0].name, "supervisord");
    assert_string_equal(files[1].name, "x");
    assert_int_equal(files[1].size, 2);
    assert_true(files[1].changed_ms > 1700000000000);

    for (size_t i = 0; i < COUNT(names); i++)
        if (web_log_path(w->run, names[i], path) &&
            pf_log_open(path, false, &st) >= 0)
            fail_msg("'%s' was opened", names[i]);
    memset(name, 'a', sizeof name);
    name[WEB_LOG_NAME] = '\0';
    assert_false(web_log_path(w->run, name, path));
    name[WEB_LOG_NAME - 1] = '\0';
    assert_true(web_log_path(w->run, name, path));
    fd = pf_log_open(w->path, true, &st);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(web_logs_list("/nonexistent", files), 0);
}

static void more_logs_than_there_is_room_for_are_left_out(void **state)
{
    struct world *w = *state;
    struct web_log_file files[WEB_LOGS];
    char file[20];

    for (int i = 0; i < WEB_LOGS + 5; i++) {
        snprintf(file, sizeof file, "n%d.log", i);
        append(w, file, "");
    }
    assert_int_equal(web_logs_list(w->run, files), WEB_LOGS);
}

static void the_end_of_a_log_is_its_last_lines(void **state)
{
    struct world *w = *state;
    struct pf_error err;
    int64_t next;

    assert_int_equal(web_log_tail(w->path, &w->lines, &next, &err), PF_IO);
    assert_string_equal(err.text, "there is no log of that name");
    append(w, "x.log", "");
    assert_int_equal(tail(w), 0);
    assert_string_equal(texts(w), "");
    append(w, "x.log", HEAD "error 1\n\tof 1\n" HEAD "info 2\nnot");
    assert_int_equal(tail(w), 71);
    assert_string_equal(texts(w), "1|\tof 1|2|");

    w->lines.least = PF_LOG_WARNING;
    tail(w);
    assert_string_equal(texts(w), "1|\tof 1|");
    w->lines.limit = 1;
    tail(w);
    assert_string_equal(texts(w), "\tof 1|");
}

/* Of 2 MB, however far back it is. */
static void a_rare_line_is_found_far_back(void **state)
{
    struct world *w = *state;
    int64_t size;

    append(w, "x.log", HEAD "info first\n" HEAD "error one\n");
    for (int i = 0; i < 2000; i++) {
        char line[1000];

        snprintf(line, sizeof line, HEAD "info %0900d\n", i);
        append(w, "x.log", line);
    }
    append(w, "x.log", HEAD "error two\n");
    w->lines.least = PF_LOG_ERROR;
    size = tail(w);
    assert_string_equal(texts(w), "one|two|");
    w->lines.limit = 1;
    assert_int_equal(tail(w), size);
    assert_string_equal(texts(w), "two|");

    w->lines.least = PF_LOG_DEBUG;
    w->lines.limit = 100;
    tail(w);
    assert_int_equal(w->lines.n, 100);
    assert_int_equal(web_log_lines_at(&w->lines, 0)->n, 900);
    assert_memory_equal(web_log_lines_at(&w->lines, 0)->text + 896, "1901", 4);
}

/* What goes on with a line that was not looked at has no level: it is looked
 * at. */
static void a_long_stack_trace_has_its_level(void **state)
{
    struct world *w = *state;

    append(w, "x.log", HEAD "error it fell\n");
    for (int i = 0; i < 10000; i++)
        append(w, "x.log", "\tat somewhere in some class of some package\n");
    w->lines.limit = 5;
    tail(w);
    assert_int_equal(w->lines.n, 5);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(web_log_lines_at(&w->lines, i)->level, PF_LOG_ERROR);
}

static void the_end_goes_back_into_the_renamed_file(void **state)
{
    struct world *w = *state;

    append(w, "x.log", HEAD "error a\n" HEAD "info b");
    rotate(w);
    append(w, "x.log", "c\n" HEAD "info d\n");
    tail(w);
    assert_string_equal(texts(w), "a|bc|d|");
    w->lines.limit = 2;
    tail(w);
    assert_string_equal(texts(w), "bc|d|");
}

static void memory_is_bounded_by_lines_and_bytes(void **state)
{
    struct world *w = *state;

    w->lines.size = 8;
    append(w, "x.log", "1\n22\n333\n4444\n");
    tail(w);
    assert_int_equal(w->lines.left_out, 2);
    assert_string_equal(texts(w), "333|4444|");
}

static void what_is_added_comes_once(void **state)
{
    struct world *w = *state;

    append(w, "x.log", HEAD "error old\n");
    follow(w, -1);
    assert_string_equal(added(w), "");
    append(w, "x.log", "\tat old\n" HEAD "info ne");
    pf_log_follow_read(w->follow, web_log_lines_take, &w->lines);
    assert_int_equal(web_log_lines_at(&w->lines, 0)->level, PF_LOG_ERROR);
    assert_string_equal(texts(w), "\tat old|");
    assert_string_equal(added(w), "");
    append(w, "x.log", "w\n");
    assert_string_equal(added(w), "new|");
    assert_string_equal(added(w), "");
}

static void a_line_that_is_under_way_is_followed_from_its_begin(void **state)
{
    struct world *w = *state;

    append(w, "x.log", "one\n" HEAD "info tw");
    follow(w, -1);
    append(w, "x.log", "o\n");
    assert_string_equal(added(w), "two|");
}

static void following_goes_on_where_the_end_was_seen(void **state)
{
    struct world *w = *state;
    int64_t next;

    append(w, "x.log", "one\ntwo\nthr");
    next = tail(w);
    assert_int_equal(next, 8);
    assert_string_equal(texts(w), "one|two|");
    append(w, "x.log", "ee\nfour\n");
    follow(w, next);
    assert_string_equal(added(w), "three|four|");
    pf_log_follow_close(w->follow);

    rotate(w);
    append(w, "x.log", "five\n");
    follow(w, next); /* it was in the file that is renamed now */
    assert_string_equal(added(w), "three|four|five|");
    pf_log_follow_close(w->follow);

    follow(w, 1000000); /* it is nowhere */
    assert_string_equal(added(w), "");
}

static void a_rotation_neither_loses_nor_repeats_a_line(void **state)
{
    struct world *w = *state;

    append(w, "x.log", "0\n");
    follow(w, -1);
    append(w, "x.log", "1\n");
    assert_string_equal(added(w), "1|");
    append(w, "x.log", "2\n3"); /* not read yet when it is renamed */
    rotate(w);
    append(w, "x.log", "33\n4\n");
    assert_string_equal(added(w), "2|333|4|");
    assert_string_equal(added(w), "");

    /* Where the new file is not there yet. */
    append(w, "x.log", "5\n");
    assert_int_equal(renameat(w->dir, "x.log", w->dir, "x.log.1"), 0);
    assert_string_equal(added(w), "5|");
    assert_string_equal(added(w), "");
    append(w, "x.log", "6\n");
    assert_string_equal(added(w), "6|");
}

static void two_rotations_at_once_lose_nothing(void **state)
{
    struct world *w = *state;
    const struct timespec later[] = {{2000000001, 0}, {2000000001, 0}};

    append(w, "x.log", "0\n");
    follow(w, -1);
    append(w, "x.log", "1\n");
    rotate(w);
    append(w, "x.log", "2\n");
    assert_int_equal(utimensat(w->dir, "x.log", later, 0), 0);
    rotate(w);
    append(w, "x.log", "3\n");
    assert_string_equal(added(w), "1|2|3|");
    assert_string_equal(added(w), "");
}

static void an_older_file_is_not_read_again(void **state)
{
    struct world *w = *state;
    const struct timespec earlier[] = {{1000000000, 0}, {1000000000, 0}};

    append(w, "x.log.1", "old\n");
    assert_int_equal(utimensat(w->dir, "x.log.1", earlier, 0), 0);
    append(w, "x.log", "0\n");
    follow(w, -1);
    append(w, "x.log", "1\n");
    assert_int_equal(unlinkat(w->dir, "x.log", 0), 0); /* supervisorctl clear */
    append(w, "x.log", "2\n");
    assert_string_equal(added(w), "1|2|");
}

static void a_log_that_was_cut_is_read_from_its_begin(void **state)
{
    struct world *w = *state;
    int fd;

    append(w, "x.log", "one\ntwo\nthr");
    follow(w, -1);
    fd = openat(w->dir, "x.log", O_WRONLY | O_TRUNC);
    assert_int_equal(write(fd, "new\n", 4), 4);
    close(fd);
    assert_string_equal(added(w), "new|");
}

/* 3 MB that come between two looks. */
static void one_look_reads_only_so_much(void **state)
{
    struct world *w = *state;
    char line[1001];
    unsigned looks = 0;
    uint64_t seen = 0;

    append(w, "x.log", "0\n");
    follow(w, -1);
    memset(line, 'a', 999);
    memcpy(line + 999, "\n", 2);
    for (int i = 0; i < 3000; i++)
        append(w, "x.log", line);
    w->lines.limit = 200;
    do {
        uint64_t lines;

        pf_log_follow_read(w->follow, web_log_lines_take, &w->lines);
        lines = w->lines.left_out + w->lines.n;
        assert_true(w->lines.n <= 200);
        assert_true(lines <= 263);
        assert_true(lines || seen == 3000);
        seen += lines;
        web_log_lines_clear(&w->lines);
    } while (seen < 3000 && ++looks < 100);
    assert_int_equal(seen, 3000);
    assert_int_equal(looks, 11);
    assert_string_equal(added(w), "");
}

int main(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, make_world, remove_world)
    const struct CMUnitTest tests[] = {
        TEST(only_plain_logs_of_the_directory_are_opened),
        TEST(more_logs_than_there_is_room_for_are_left_out),
        TEST(the_end_of_a_log_is_its_last_lines),
        TEST(a_rare_line_is_found_far_back),
        TEST(a_long_stack_trace_has_its_level),
        TEST(the_end_goes_back_into_the_renamed_file),
        TEST(memory_is_bounded_by_lines_and_bytes),
        TEST(what_is_added_comes_once),
        TEST(a_line_that_is_under_way_is_followed_from_its_begin),
        TEST(following_goes_on_where_the_end_was_seen),
        TEST(a_rotation_neither_loses_nor_repeats_a_line),
        TEST(two_rotations_at_once_lose_nothing),
        TEST(an_older_file_is_not_read_again),
        TEST(a_log_that_was_cut_is_read_from_its_begin),
        TEST(one_look_reads_only_so_much),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
