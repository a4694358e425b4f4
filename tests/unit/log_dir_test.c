/* Logs are read over their rotations, as supervisord rotates them. */
#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "log_dir.h"

static char dir[] = "/tmp/log_dir_test.XXXXXX";
static struct log_dir logs;
static uint64_t files;

static const char *in_dir(const char *name)
{
    static char path[2][100];
    static int i;

    snprintf(path[i ^= 1], sizeof path[0], "%s/%s", dir, name);
    return path[i];
}

static void append(const char *name, const char *text)
{
    FILE *out = fopen(in_dir(name), "a");

    assert_non_null(out);
    fputs(text, out);
    fclose(out);
}

/* As supervisor/loggers.py does it. */
static void rotate(void)
{
    unlink(in_dir("a.log.1"));
    assert_int_equal(rename(in_dir("a.log"), in_dir("a.log.1")), 0);
    append("a.log", "");
}

static struct log_trail *trail(const char *name)
{
    for (size_t i = 0; i < logs.n; i++)
        if (!strcmp(logs.trails[i].name, name))
            return &logs.trails[i];
    return NULL;
}

/* All that the log has now, in pieces of 3 bytes. */
static const char *read_log(const char *name)
{
    static char text[10000];
    size_t n = 0, more;

    log_dir_look(&logs);
    while ((more = log_dir_read(&logs, trail(name), text + n, 3, &files)))
        n += more;
    text[n] = '\0';
    return text;
}

static const char *read_all(void)
{
    return read_log("a");
}

static void begin(void)
{
    strcpy(dir + strlen(dir) - 6, "XXXXXX");
    assert_non_null(mkdtemp(dir));
    append("a.log", "old\n");
    append("a.log.1", "older\n");
    append("other", "no log\n");
    append(".log", "nameless\n");
    files = 0;
    assert_int_equal(log_dir_open(dir, &logs, NULL), PF_OK);
    assert_int_equal(logs.n, 1);
}

static int end(void **state)
{
    char command[100];

    (void)state;
    log_dir_release(&logs);
    snprintf(command, sizeof command, "rm -r %s", dir);
    return system(command);
}

static void a_log_is_read_from_its_end_on(void **state)
{
    (void)state;
    begin();
    assert_string_equal(read_all(), "");
    append("a.log", "new\n");
    assert_string_equal(read_all(), "new\n");
    append("a.log", "no newline");
    assert_string_equal(read_all(), "no newline");
    assert_string_equal(read_all(), "");
}

static void a_new_log_is_read_from_its_beginning(void **state)
{
    (void)state;
    begin();
    append("b.log", "first\n");
    log_dir_look(&logs);
    assert_int_equal(logs.n, 2);
    assert_string_equal(read_log("b"), "first\n");
}

static void a_rotation_loses_nothing(void **state)
{
    (void)state;
    begin();
    for (int i = 0; i < 5; i++) {
        append("a.log", "one\n");
        assert_string_equal(read_all(), "one\n");
        append("a.log", "two\n");
        rotate();
        append("a.log", "three\n");
        assert_string_equal(read_all(), "two\nthree\n");
        rotate();
        assert_string_equal(read_all(), "");
    }
    assert_int_equal(files, 0);
}

static void two_rotations_between_two_looks_lose_nothing(void **state)
{
    (void)state;
    begin();
    for (int i = 0; i < 5; i++) {
        append("a.log", "one\n");
        rotate();
        append("a.log", "two\n");
        rotate();
        append("a.log", "three\n");
        assert_string_equal(read_all(), "one\ntwo\nthree\n");
    }
    assert_int_equal(files, 0);
}

/* On some file systems each new file then has the number of a deleted one. */
static void more_rotations_lose_whole_files_which_are_counted(void **state)
{
    (void)state;
    begin();
    for (int i = 1; i <= 5; i++) {
        append("a.log", "one\n");
        rotate();
        append("a.log", "lost\n");
        rotate();
        append("a.log", "lost too\n");
        rotate();
        append("a.log", "four\n");
        rotate();
        append("a.log", "five\n");
        assert_string_equal(read_all(), "one\nfour\nfive\n");
        assert_int_equal(files, 2 * i);
    }
}

static void a_log_that_begins_with_rotations_is_read_from_where_it_is(void **s)
{
    (void)s;
    begin();
    unlink(in_dir("a.log"));
    unlink(in_dir("a.log.1"));
    log_dir_release(&logs);
    assert_int_equal(log_dir_open(dir, &logs, NULL), PF_OK);
    assert_int_equal(logs.n, 0);
    append("a.log", "one\n");
    rotate();
    append("a.log", "two\n");
    log_dir_look(&logs);
    assert_string_equal(read_all(), "one\ntwo\n");
    rotate();
    append("a.log", "three\n");
    assert_string_equal(read_all(), "three\n");
    assert_int_equal(files, 0);
}

#define PER_FILE 200
#define LINES (PER_FILE * 500)

static int write_and_rotate(void)
{
    for (int i = 0; i < LINES; i += PER_FILE) {
        FILE *out = fopen(in_dir("a.log"), "a");

        for (int j = 0; j < PER_FILE; j++) {
            fprintf(out, "%08d\n", i + j);
            fflush(out);
        }
        fclose(out);
        if (i + PER_FILE < LINES)
            rotate();
    }
    return 0;
}

/* Somebody writes and rotates all the time: only whole files are missing, and
 * each of them is counted. */
static void a_race_loses_whole_files_at_most(void **state)
{
    int expected = 0, lost = 0;
    char text[9 * PER_FILE];
    int status;
    pid_t pid;

    (void)state;
    begin();
    pid = fork();
    if (pid == 0)
        _exit(write_and_rotate());
    while (expected + lost < LINES) {
        size_t n = 0;

        log_dir_look(&logs);
        while (n < 9) /* a line */
            n += log_dir_read(&logs, trail("a"), text + n, 9 - n, &files);
        text[8] = '\0';
        while (atoi(text) != expected + lost && lost < LINES)
            lost += PER_FILE;
        assert_int_equal(atoi(text), expected + lost);
        expected++;
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_equal(lost, files * PER_FILE);
}

static void between_rename_and_create_it_waits(void **state)
{
    (void)state;
    begin();
    append("a.log", "one\n");
    unlink(in_dir("a.log.1"));
    rename(in_dir("a.log"), in_dir("a.log.1"));
    assert_string_equal(read_all(), "one\n");
    append("a.log", "two\n");
    assert_string_equal(read_all(), "two\n");
}

static void an_emptied_log_is_read_from_its_beginning(void **state)
{
    (void)state;
    begin();
    append("a.log", "long before\n");
    assert_string_equal(read_all(), "long before\n");
    assert_int_equal(truncate(in_dir("a.log"), 0), 0);
    append("a.log", "new\n");
    assert_string_equal(read_all(), "new\n");
    /* `supervisorctl clear` */
    unlink(in_dir("a.log"));
    append("a.log", "cleared\n");
    assert_string_equal(read_all(), "cleared\n");
    assert_int_equal(files, 0);
}

/* What is not read is kept for as long as its file is there, and no longer. */
static void what_is_deleted_unread_is_counted(void **state)
{
    (void)state;
    begin();
    append("a.log", "1\n2\n3\n");
    log_dir_look(&logs);
    assert_int_equal(log_dir_skip(&logs, trail("a"), &files), 0);
    rotate();
    append("a.log", "4\n");
    log_dir_look(&logs);
    assert_int_equal(log_dir_skip(&logs, trail("a"), &files), 0);
    rotate();
    append("a.log", "5\n");
    log_dir_look(&logs);
    assert_int_equal(log_dir_skip(&logs, trail("a"), &files), 3);
    assert_int_equal(log_dir_skip(&logs, trail("a"), &files), 0);
    assert_string_equal(read_all(), "4\n5\n");
    assert_int_equal(files, 0);
}

static void what_is_not_a_plain_log_does_no_harm(void **state)
{
    (void)state;
    begin();
    assert_int_equal(mkfifo(in_dir("fifo.log"), 0600), 0);
    assert_int_equal(mkdir(in_dir("dir.log"), 0700), 0);
    assert_int_equal(symlink("/dev/zero", in_dir("zero.log")), 0);
    append("012345678901234567890123456789012345678901234567890123456789.log",
           "a long name\n");
    log_dir_look(&logs);
    for (size_t i = 0; i < logs.n; i++) {
        char buf[10];

        assert_int_equal(
            log_dir_read(&logs, &logs.trails[i], buf, sizeof buf, &files), 0);
    }
    for (int i = 0; i < 2 * LOGS_MAX; i++) {
        char name[32];

        snprintf(name, sizeof name, "many-%d.log", i);
        append(name, "x");
    }
    log_dir_look(&logs);
    assert_int_equal(logs.n, LOGS_MAX);
}

static void a_missing_directory_is_named(void **state)
{
    struct pf_error err;

    (void)state;
    begin();
    log_dir_release(&logs);
    assert_int_equal(log_dir_open("/nonexistent/log", &logs, &err), PF_IO);
    assert_contains(err.text, "/nonexistent/log");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_log_is_read_from_its_end_on, end),
        cmocka_unit_test_teardown(a_new_log_is_read_from_its_beginning, end),
        cmocka_unit_test_teardown(a_rotation_loses_nothing, end),
        cmocka_unit_test_teardown(two_rotations_between_two_looks_lose_nothing,
                                  end),
        cmocka_unit_test_teardown(
            more_rotations_lose_whole_files_which_are_counted, end),
        cmocka_unit_test_teardown(
            a_log_that_begins_with_rotations_is_read_from_where_it_is, end),
        cmocka_unit_test_teardown(a_race_loses_whole_files_at_most, end),
        cmocka_unit_test_teardown(between_rename_and_create_it_waits, end),
        cmocka_unit_test_teardown(an_emptied_log_is_read_from_its_beginning,
                                  end),
        cmocka_unit_test_teardown(what_is_deleted_unread_is_counted, end),
        cmocka_unit_test_teardown(what_is_not_a_plain_log_does_no_harm, end),
        cmocka_unit_test_teardown(a_missing_directory_is_named, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
