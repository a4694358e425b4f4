/* The console: whole lines, to a pipe that is full, closed, or a file. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "clock.h"
#include "console_sink.h"
#include "stop.h"

/* A named pipe, and a console that prints to it. */
struct world {
    char dir[40], path[60];
    int fd; /* to read from */
    struct pf_sink *sink;
    struct pf_error err;
    size_t taken;
    uint64_t arrived, ticket;
};

static int make_world(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    strcpy(w->dir, "/tmp/pf-console-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    snprintf(w->path, sizeof w->path, "%s/pipe", w->dir);
    assert_int_equal(mkfifo(w->path, 0600), 0);
    w->fd = open(w->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(w->fd >= 0);
    assert_int_equal(pf_console_sink_open(w->path, &w->sink, &w->err), PF_OK);
    signal(SIGPIPE, SIG_IGN); /* as pf_stop_init() does */
    *state = w;
    return 0;
}

static int remove_world(void **state)
{
    struct world *w = *state;

    pf_sink_close(w->sink);
    if (w->fd >= 0)
        close(w->fd);
    unlink(w->path);
    rmdir(w->dir);
    free(w);
    return 0;
}

static enum pf_rc put(struct world *w, const char *value, size_t len)
{
    struct pf_record record = {.value = value, .value_len = len};

    return w->sink->ops->write(w->sink, &record, 1, ++w->ticket, &w->taken,
                               &w->err);
}

static enum pf_rc flush(struct world *w, int timeout_ms)
{
    struct pf_arrival arrival;
    enum pf_rc rc = w->sink->ops->flush(w->sink, timeout_ms, &arrival, &w->err);

    /* Whatever has arrived is through, and nothing else. */
    assert_true(arrival.through == PF_TICKET_ALL || rc != PF_OK);
    if (w->ticket && arrival.through != PF_TICKET_ALL)
        assert_true(arrival.through <= arrival.records);
    w->arrived = arrival.records;
    return rc;
}

static void prints_each_value_on_a_line(void **state)
{
    static const struct pf_record records[] = {
        {.value = "one", .value_len = 3},
        {.value = "", .value_len = 0},
        {.value = NULL, .value_len = 0},
        {.value = "two", .value_len = 3},
    };
    struct world *w = *state;
    char buf[100] = "";

    assert_int_equal(
        w->sink->ops->write(w->sink, records, 4, 4, &w->taken, &w->err), PF_OK);
    assert_int_equal(w->taken, 4);
    assert_int_equal(read(w->fd, buf, sizeof buf), -1); /* not yet */
    assert_int_equal(flush(w, 0), PF_OK);
    assert_int_equal(w->arrived, 4);
    assert_int_equal(read(w->fd, buf, sizeof buf), 10);
    assert_string_equal(buf, "one\n\n\ntwo\n");
    assert_int_equal(flush(w, 0), PF_OK); /* nothing to do */
}

/* Fill the pipe, and then the sink, with lines of len bytes. Returns how
 * many lines the sink took. */
static uint64_t fill(struct world *w, size_t len)
{
    char line[200];
    uint64_t lines = 0;

    assert_true(len < sizeof line);
    for (;;) {
        snprintf(line, sizeof line, "%0*d", (int)len, (int)lines);
        if (put(w, line, len) == PF_AGAIN && flush(w, 0) == PF_AGAIN &&
            put(w, line, len) == PF_AGAIN)
            return lines;
        lines += w->taken;
    }
}

static void
a_pipe_that_nobody_reads_makes_flush_wait_and_nothing_else(void **state)
{
    struct world *w = *state;
    uint64_t lines = fill(w, 29), arrived;
    int64_t begin = pf_now_ms();

    assert_true(lines > w->arrived);
    assert_int_equal(flush(w, 0), PF_AGAIN);
    assert_in_range(pf_now_ms() - begin, 0, 500);
    arrived = w->arrived;
    begin = pf_now_ms();
    assert_int_equal(flush(w, 60), PF_AGAIN);
    assert_in_range(pf_now_ms() - begin, 59, 900);
    assert_int_equal(w->arrived, arrived);
}

/* Read until n lines of len bytes have come, each the next number, while the
 * sink is being flushed. */
static void read_lines(struct world *w, uint64_t n, size_t len)
{
    uint64_t seen = 0;
    char line[200];
    size_t used = 0;

    while (seen < n) {
        char buf[1000];
        ssize_t got = read(w->fd, buf, sizeof buf);

        flush(w, 0);
        for (ssize_t i = 0; i < got; i++) {
            assert_true(used < sizeof line);
            line[used++] = buf[i];
            if (buf[i] != '\n')
                continue;
            assert_int_equal(used, len + 1);
            assert_int_equal(strtol(line, NULL, 10), seen);
            seen++;
            used = 0;
        }
    }
    assert_int_equal(used, 0);
}

static void goes_on_where_it_was_when_somebody_reads_again(void **state)
{
    struct world *w = *state;
    uint64_t lines = fill(w, 29);

    read_lines(w, lines, 29);
    assert_int_equal(flush(w, 0), PF_OK);
    assert_int_equal(w->arrived, lines);

    lines = fill(w, 150); /* and all its room is there again */
    read_lines(w, lines, 150);
    assert_int_equal(flush(w, 0), PF_OK);
}

static void a_line_counts_when_all_of_it_is_written(void **state)
{
    struct world *w = *state;
    size_t len = 65536; /* with its end one byte more than the pipe holds */
    char *line = malloc(len), *got = malloc(len + 1);
    size_t used = 0;

    assert_int_equal(fcntl(w->fd, F_SETPIPE_SZ, 65536), 65536);
    memset(line, 'x', len);
    assert_int_equal(put(w, line, len), PF_OK);
    assert_int_equal(flush(w, 0), PF_AGAIN);
    assert_int_equal(w->arrived, 0);
    while (used < len + 1) {
        ssize_t n = read(w->fd, got + used, len + 1 - used);

        if (n > 0)
            used += (size_t)n;
        flush(w, 0);
    }
    assert_int_equal(w->arrived, 1);
    assert_memory_equal(got, line, len);
    assert_int_equal(got[len], '\n');

    assert_int_equal(put(w, "short", 5), PF_OK);
    assert_int_equal(flush(w, 0), PF_OK);
    assert_int_equal(read(w->fd, got, len), 6);
    free(line);
    free(got);
}

static void a_reader_that_has_gone_ends_it(void **state)
{
    struct world *w = *state;

    assert_int_equal(put(w, "one", 3), PF_OK);
    assert_int_equal(flush(w, 0), PF_OK);
    close(w->fd);
    w->fd = -1;
    assert_int_equal(put(w, "two", 3), PF_OK);
    assert_int_equal(flush(w, 1000), PF_END);
    assert_int_equal(w->arrived, 1);
    assert_string_equal(w->err.text, "console: its reader has closed it");
}

/* What the console asks the kernel to write, a look at each call. */
static struct {
    size_t calls, bytes;
    size_t longest;   /* bytes of one call */
    bool broken_line; /* one call did not end with a line's end */
} written;

ssize_t write(int fd, const void *buf, size_t len)
{
    written.calls++;
    written.bytes += len;
    if (len > written.longest)
        written.longest = len;
    written.broken_line |= ((const char *)buf)[len - 1] != '\n';
    return syscall(SYS_write, fd, buf, len);
}

static void each_write_is_of_whole_lines_and_at_most_4096_bytes(void **state)
{
    struct world *w = *state;
    char line[200], buf[5000];

    memset(&written, 0, sizeof written);
    for (int i = 0; i < 2000; i++) {
        int len = snprintf(line, sizeof line, "%0*d", 1 + i % 150, 7);

        while (put(w, line, (size_t)len) == PF_AGAIN) {
            while (read(w->fd, buf, sizeof buf) > 0)
                ;
            flush(w, 0);
        }
    }
    assert_true(written.calls > 10);
    assert_false(written.broken_line);
    assert_in_range(written.longest, PIPE_BUF - 151, PIPE_BUF);
    assert_true(written.bytes / written.calls > PIPE_BUF / 2); /* well filled */
}

static void
a_line_longer_than_4096_bytes_shares_its_write_with_none(void **state)
{
    struct world *w = *state;
    char line[6000];

    memset(line, 'x', sizeof line);
    assert_int_equal(put(w, "short", 5), PF_OK);
    assert_int_equal(put(w, line, sizeof line), PF_OK);
    assert_int_equal(put(w, "short", 5), PF_OK);
    memset(&written, 0, sizeof written);
    assert_int_equal(flush(w, 0), PF_OK);
    assert_int_equal(written.calls, 3);
    assert_int_equal(written.longest, sizeof line + 1);
    assert_false(written.broken_line);
}

static void a_stop_ends_the_wait_for_a_reader(void **state)
{
    struct world *w = *state;
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        alarm(10);
        if (pf_stop_init(NULL))
            _exit(1);
        fill(w, 29);
        kill(getpid(), SIGTERM);
        if (flush(w, 9000) != PF_AGAIN || !pf_stop_asked())
            _exit(2);
        pf_stop_accept(); /* from then on the deadline alone counts */
        _exit(flush(w, 30) != PF_AGAIN);
    }
    assert_true(waitpid(pid, &status, 0) == pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void appends_to_a_regular_file(void **state)
{
    struct world *w = *state;
    char path[60], buf[40000] = "";
    struct pf_sink *pipe_sink = w->sink;
    int fd;

    snprintf(path, sizeof path, "%s/file", w->dir);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(write(fd, "before\n", 7), 7);
    assert_int_equal(pf_console_sink_open(path, &w->sink, &w->err), PF_OK);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(put(w, "{\"match\": 123, \"price\": 4.56}", 29),
                         PF_OK);
    assert_int_equal(flush(w, 0), PF_OK);
    assert_int_equal(w->arrived, 1000);
    assert_int_equal(pread(fd, buf, sizeof buf, 0), 7 + 30000);
    assert_memory_equal(buf, "before\n{\"match\": 123, \"price\": 4.56}\n{",
                        38);
    pf_sink_close(w->sink);
    w->sink = pipe_sink;
    close(fd);
    unlink(path);
}

/* Let no file grow beyond that many bytes, as a disk does that is full. */
static void limit_files(rlim_t size)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = size;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* Print a line to the file at path (empty: standard output), in a console that
 * is opened for it. */
static enum pf_rc print(struct world *w, const char *path, const char *line)
{
    struct pf_sink *pipe_sink = w->sink;
    enum pf_rc rc = pf_console_sink_open(path, &w->sink, &w->err);

    if (!rc) {
        put(w, line, strlen(line));
        rc = flush(w, 0);
        pf_sink_close(w->sink);
    }
    w->sink = pipe_sink;
    return rc;
}

static void a_line_that_a_full_disk_has_cut_off_is_ended(void **state)
{
    struct world *w = *state;
    char path[60], buf[100] = "";
    int fd;

    snprintf(path, sizeof path, "%s/file", w->dir);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    signal(SIGXFSZ, SIG_IGN); /* as pf_stop_init() does */
    assert_int_equal(print(w, path, "first"), PF_OK);
    limit_files(10);
    assert_int_equal(print(w, path, "second"), PF_IO);
    assert_int_equal(w->arrived, 0);
    assert_int_equal(print(w, path, "second"), PF_IO); /* it is still full */
    limit_files(RLIM_INFINITY);
    assert_int_equal(print(w, path, "second"), PF_OK);
    assert_int_equal(w->arrived, 1);
    assert_int_equal(print(w, path, "third"), PF_OK);
    assert_int_equal(pread(fd, buf, sizeof buf, 0), 10 + 1 + 7 + 6);
    assert_string_equal(buf, "first\nseco\nsecond\nthird\n");
    close(fd);
    unlink(path);
}

static void so_is_one_in_standard_output(void **state)
{
    struct world *w = *state;
    char path[60], buf[100] = "";
    int fd, out = dup(STDOUT_FILENO);
    enum pf_rc appended, written_over;

    snprintf(path, sizeof path, "%s/file", w->dir);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(write(fd, "one\ntw", 6), 6);
    fflush(stdout);
    dup2(open(path, O_WRONLY | O_APPEND | O_CLOEXEC), STDOUT_FILENO);
    appended = print(w, "", "two");
    lseek(fd, 4, SEEK_SET); /* of a description that does not append, */
    dup2(fd, STDOUT_FILENO);
    written_over = print(w, "", "2"); /* where a line begins */
    dup2(out, STDOUT_FILENO);
    assert_int_equal(appended, PF_OK);
    assert_int_equal(written_over, PF_OK);
    assert_int_equal(pread(fd, buf, sizeof buf, 0), 11);
    assert_string_equal(buf, "one\n2\n\ntwo\n");
    close(out);
    close(fd);
    unlink(path);
}

static void a_full_disk_is_an_error(void **state)
{
    struct world *w = *state;
    struct pf_sink *pipe_sink = w->sink;

    assert_int_equal(pf_console_sink_open("/dev/full", &w->sink, &w->err),
                     PF_OK);
    assert_int_equal(put(w, "one", 3), PF_OK);
    assert_int_equal(flush(w, 0), PF_IO);
    assert_string_equal(w->err.text, "console: No space left on device");
    pf_sink_close(w->sink);
    w->sink = pipe_sink;
}

static void a_path_that_cannot_be_opened_is_named(void **state)
{
    struct pf_sink *sink = NULL;
    struct pf_error err = {0};

    (void)state;
    assert_int_equal(pf_console_sink_open("/nowhere/x", &sink, &err), PF_IO);
    assert_string_equal(err.text,
                        "console /nowhere/x: No such file or directory");
    assert_null(sink);
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, make_world, remove_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(prints_each_value_on_a_line),
        TEST(a_pipe_that_nobody_reads_makes_flush_wait_and_nothing_else),
        TEST(goes_on_where_it_was_when_somebody_reads_again),
        TEST(a_line_counts_when_all_of_it_is_written),
        TEST(a_reader_that_has_gone_ends_it),
        TEST(each_write_is_of_whole_lines_and_at_most_4096_bytes),
        TEST(a_line_longer_than_4096_bytes_shares_its_write_with_none),
        TEST(a_stop_ends_the_wait_for_a_reader),
        TEST(appends_to_a_regular_file),
        TEST(a_line_that_a_full_disk_has_cut_off_is_ended),
        TEST(so_is_one_in_standard_output),
        TEST(a_full_disk_is_an_error),
        TEST(a_path_that_cannot_be_opened_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
