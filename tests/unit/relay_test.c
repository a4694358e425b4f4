/* All logs of a feed on standard error, in one process of its own. */
#include "unit.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "clock.h"
#include "relay.h"

static char dir[] = "/tmp/relay_test.XXXXXX";
static int own;      /* to what pf-init would write */
static int read_end; /* of standard error */
static pid_t pid;

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

static void rotate(const char *name)
{
    char older[60];

    snprintf(older, sizeof older, "%.40s.1", name);
    unlink(in_dir(older));
    assert_int_equal(rename(in_dir(name), in_dir(older)), 0);
    append(name, "");
}

static int run_relay(int from, int to)
{
    struct relay *relay = calloc(1, sizeof *relay);
    struct pf_error err;

    signal(SIGPIPE, SIG_IGN);
    if (relay_open(relay, from, to, dir, &err))
        return 1;
    relay_run(relay);
    relay_release(relay);
    free(relay);
    return 0;
}

static int end(void **state)
{
    char command[100];

    (void)state;
    close(own);
    close(read_end);
    snprintf(command, sizeof command, "rm -r %s", dir);
    return system(command);
}

/* The relay ends by itself once nobody writes to the pipe. */
static void assert_ends(void)
{
    int status;

    close(own);
    own = -1;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static char heard[1 << 22];

/* Read until text has come, or the end, for 10 s at most. */
static void hear(const char *text)
{
    int64_t deadline = pf_now_ms() + 10000;
    size_t n = 0;

    *heard = '\0';
    while ((!text || !strstr(heard, text)) && n < sizeof heard - 1) {
        struct pollfd in = {.fd = read_end, .events = POLLIN};
        ssize_t more;

        if (poll(&in, 1, pf_left_ms(deadline)) != 1)
            fail_msg("'%s' has not come: %s", text, heard);
        more = read(read_end, heard + n, sizeof heard - 1 - n);
        if (more <= 0)
            break;
        n += (size_t)more;
        heard[n] = '\0';
    }
    if (text)
        assert_contains(heard, text);
}

static size_t count(const char *text, const char *part)
{
    size_t n = 0;

    while ((text = strstr(text, part))) {
        text += strlen(part);
        n++;
    }
    return n;
}

static void say(const char *text)
{
    assert_int_equal(write(own, text, strlen(text)), strlen(text));
}

static void begin_with(const int out[2])
{
    int pipe_ends[2];

    strcpy(dir + strlen(dir) - 6, "XXXXXX");
    assert_non_null(mkdtemp(dir));
    append("kafka.log", "old\n");
    assert_int_equal(pipe2(pipe_ends, O_CLOEXEC), 0);
    fcntl(pipe_ends[0], F_SETFL, O_NONBLOCK);
    pid = fork();
    if (pid == 0) {
        close(pipe_ends[1]);
        close(out[0]);
        alarm(60);
        _exit(run_relay(pipe_ends[0], out[1]));
    }
    close(pipe_ends[0]);
    close(out[1]);
    own = pipe_ends[1];
    read_end = out[0];
    say("here\n");
    hear("here");
}

static void begin(void)
{
    int out[2];

    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    begin_with(out);
}

static void every_log_is_heard_within_a_second(void **state)
{
    int64_t began;

    (void)state;
    begin();
    say("2026-11-20T22:07:03.274Z info pf-init: broker ready\n");
    hear("{\"time\":\"2026-11-20T22:07:03.274Z\",\"level\":\"info\","
         "\"program\":\"pf-init\",\"message\":\"broker ready\"}\n");
    began = pf_now_ms();
    append("kafka.log", "2026-11-20T22:07:03.274Z WARN x (y)\n");
    hear("\"level\":\"warning\",\"program\":\"kafka\",\"message\":\"x (y)\"}");
    assert_in_range(pf_now_ms() - began, 0, 999);
    append("new.log", "no head\n");
    hear("\"level\":\"info\",\"program\":\"new\",\"message\":\"no head\"}");
    assert_ends();
    assert_null(strstr(heard, "old"));
}

static void a_program_is_named_once(void **state)
{
    (void)state;
    begin();
    append("consumer.log", "2026-11-20T22:07:03.274Z info consumer: a\n"
                           "2026-11-20T22:07:03.274Z info pf-broker: b\n");
    say("2026-11-20T22:07:03.274Z error producer: c\nTraceback (x)\n  File\n");
    assert_ends();
    hear(NULL);
    assert_contains(heard, "\"program\":\"consumer\",\"message\":\"a\"}");
    assert_contains(heard, "\"consumer\",\"message\":\"pf-broker: b\"}");
    assert_contains(heard, "\"error\",\"program\":\"producer\",\"message\":"
                           "\"c\"}");
    assert_contains(heard, "\"error\",\"program\":\"pf-init\",\"message\":"
                           "\"Traceback (x)\\n  File\"}");
}

static void a_stack_trace_is_one_object(void **state)
{
    (void)state;
    begin();
    append("kafka.log", "2026-11-20T22:07:03.274Z ERROR it failed (k.K)\n"
                        "java.lang.IllegalStateException: why\n");
    append("kafka.log", "\tat a.b.c(C.java:1)\nCaused by: java.io.Error\n");
    hear("\"message\":\"it failed (k.K)\\njava.lang.IllegalStateException: "
         "why\\n\\tat a.b.c(C.java:1)\\nCaused by: java.io.Error\"}\n");
    assert_ends();
}

static void what_was_logged_last_is_not_lost(void **state)
{
    (void)state;
    begin();
    append("kafka.log", "one\ntwo without a newline");
    rotate("kafka.log");
    append("kafka.log", ", three");
    assert_ends();
    hear(NULL);
    assert_contains(heard, "\"message\":\"one\"}");
    assert_contains(heard, "\"message\":\"two without a newline, three\"}");
}

/* 4 MB at once, over two rotations: what a log's two files and the one that is
 * being read hold. */
static void a_burst_over_two_rotations_loses_nothing(void **state)
{
    FILE *in;
    char line[200];
    int n = 0;

    (void)state;
    begin();
    kill(pid, SIGSTOP); /* it does not look meanwhile */
    for (int file = 0; file < 3; file++) {
        FILE *out = fopen(in_dir("kafka.log"), "a");

        for (int i = 0; i < 20000; i++)
            fprintf(out, "2026-11-20T22:07:03.274Z INFO line %d x\n", n++);
        fclose(out);
        if (file < 2)
            rotate("kafka.log");
    }
    kill(pid, SIGCONT);
    close(own);
    own = -1;
    in = fdopen(dup(read_end), "r");
    for (int i = 0; i < n; i++) {
        char wanted[40];

        assert_non_null(fgets(line, sizeof line, in));
        snprintf(wanted, sizeof wanted, "\"line %d x\"", i);
        assert_contains(line, wanted);
    }
    assert_null(fgets(line, sizeof line, in));
    fclose(in);
    assert_ends();
}

/* Does the relay hold a file that is deleted? */
static bool holds_deleted(void)
{
    char path[60], target[200];
    bool found = false;

    for (int fd = 0; fd < 20; fd++) {
        ssize_t n;

        snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)pid, fd);
        n = readlink(path, target, sizeof target - 1);
        target[n < 0 ? 0 : n] = '\0';
        found |= strstr(target, "(deleted)") != NULL;
    }
    return found;
}

static bool is_full(void)
{
    int n = 0;

    ioctl(read_end, FIONREAD, &n);
    return n > 50000;
}

static void await(bool (*condition)(void), bool value)
{
    int64_t deadline = pf_now_ms() + 10000;

    while (condition() != value && pf_now_ms() < deadline)
        poll(NULL, 0, 5);
    assert_int_equal(condition(), value);
}

/* Nobody reads standard error: the relay waits, and nobody waits for it. It
 * keeps no more than the log's two files. */
static void without_a_reader_lines_are_dropped_counted_and_said(void **state)
{
    size_t lines = 0, said = 0;
    const char *at;

    (void)state;
    begin();
    for (int file = 0; file < 6; file++) {
        FILE *out = fopen(in_dir("kafka.log"), "a");

        for (int i = 0; i < 5000; i++, lines++)
            fprintf(out, "2026-11-20T22:07:03.274Z INFO line x\n");
        fclose(out);
        await(is_full, true);
        rotate("kafka.log");
        await(holds_deleted, false);
    }
    close(own);
    own = -1;
    hear(NULL);
    assert_ends();
    at = strstr(heard, " lines and 0 whole files of the logs were dropped");
    assert_non_null(at);
    assert_int_equal(count(heard, "were dropped"), 1);
    while (at[-1] != '"')
        at--;
    said = strtoul(at, NULL, 10);
    assert_in_range(said, 10000, lines);
    /* All that is missing, but for a line that was cut in two, is counted. */
    assert_in_range(count(heard, "\"line x\"}\n") + said, lines - 2, lines);
}

static bool has_begun(void)
{
    int n = 0;

    ioctl(read_end, FIONREAD, &n);
    return n > 0;
}

/* The rotations come before the reader's pipe is full, and nothing after. */
static void a_file_deleted_just_before_the_reader_stops_is_let_go(void **state)
{
    static char text[1 << 21];

    (void)state;
    for (size_t n = 0; n + 40 < sizeof text; n += strlen(text + n))
        strcpy(text + n, "2026-11-20T22:07:03.274Z INFO line x\n");
    begin();
    fcntl(read_end, F_SETPIPE_SZ, 1 << 20);
    append("kafka.log", text);
    while (!has_begun())
        sched_yield();
    rotate("kafka.log");
    rotate("kafka.log");
    await(holds_deleted, false);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void hostile_bytes_and_long_lines_are_one_line_each(void **state)
{
    FILE *out;

    (void)state;
    begin();
    out = fopen(in_dir("kafka.log"), "a");
    for (int i = 0; i < 256; i++)
        fputc(i == '\n' ? ' ' : i, out);
    fputc('\n', out);
    for (int i = 0; i < 100000; i++)
        fputc('\x1b', out);
    fclose(out);
    assert_ends();
    hear(NULL);
    assert_int_equal(count(heard, "\n"), 2);
    for (const char *c = heard; *c; c++)
        assert_true((unsigned char)*c >= 0x20 || *c == '\n');
    assert_contains(heard, " bytes more)\"}\n");
}

/* The reader goes away: the relay lives on, and stops when asked. */
static void a_reader_that_goes_away_does_no_harm(void **state)
{
    (void)state;
    begin();
    close(read_end);
    read_end = -1;
    for (int i = 0; i < 1000; i++)
        append("kafka.log", "a line that nobody reads\n");
    say("one\n");
    assert_ends();
}

/* A socket, which cannot be opened by a name, is never waited for either. */
static void a_socket_is_written_without_waiting(void **state)
{
    int out[2];
    size_t lines = 0;

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, out),
                     0);
    begin_with(out);
    for (; lines < 20000; lines++)
        append("kafka.log", "2026-11-20T22:07:03.274Z INFO line x\n");
    close(own);
    own = -1;
    hear(NULL);
    assert_ends();
    assert_int_equal(count(heard, "\"line x\"}\n"), lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(every_log_is_heard_within_a_second, end),
        cmocka_unit_test_teardown(a_program_is_named_once, end),
        cmocka_unit_test_teardown(a_stack_trace_is_one_object, end),
        cmocka_unit_test_teardown(what_was_logged_last_is_not_lost, end),
        cmocka_unit_test_teardown(a_burst_over_two_rotations_loses_nothing,
                                  end),
        cmocka_unit_test_teardown(
            a_file_deleted_just_before_the_reader_stops_is_let_go, end),
        cmocka_unit_test_teardown(
            without_a_reader_lines_are_dropped_counted_and_said, end),
        cmocka_unit_test_teardown(
            hostile_bytes_and_long_lines_are_one_line_each, end),
        cmocka_unit_test_teardown(a_reader_that_goes_away_does_no_harm, end),
        cmocka_unit_test_teardown(a_socket_is_written_without_waiting, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
