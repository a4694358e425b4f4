/* The file of dead letters: whole lines, on the disk before they have arrived.
 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "dead_file.h"
#include "dead_letters.h"

/* In place of the C library's: a disk that fails. As on Linux, only one call
 * says so. */
static bool disk_fails;

int fdatasync(int fd)
{
    bool fails = disk_fails;

    disk_fails = false;
    errno = EIO;
    return fails ? -1 : fsync(fd);
}

/* A directory with a file in it, and a batch of two dead letters. */
struct world {
    char dir[40], path[60];
    const char *input; /* the file that records come from; NULL: none */
    struct pf_dead_letters dead;
    struct pf_output letters;
    struct pf_sink *sink;
    struct pf_error err;
    char text[4096];
};

static const char line[] =
    "{\"kind\":\"type\",\"reason\":\"r\",\"topic\":\"t\",\"partition\":0,"
    "\"offset\":7,\"timestamp\":9,\"key\":null,\"value\":\"v\",\"headers\":[]}"
    "\n";

static int setup(void **state)
{
    static const struct pf_record records[] = {
        {.topic = "t",
         .offset = 7,
         .timestamp = 9,
         .value = "v",
         .value_len = 1},
        {.topic = "t",
         .offset = 7,
         .timestamp = 9,
         .value = "v",
         .value_len = 1},
    };
    static const struct pf_refusal refusals[] = {{&records[0], "type", {"r"}},
                                                 {&records[1], "type", {"r"}}};
    struct world *w = calloc(1, sizeof *w);

    snprintf(w->dir, sizeof w->dir, "/tmp/dead_file.XXXXXX");
    if (!mkdtemp(w->dir))
        return -1;
    snprintf(w->path, sizeof w->path, "%s/dead", w->dir);
    *state = w;
    return (int)pf_dead_letters_make(
        &w->dead, &(struct pf_batch){.records = records, .n = 2}, refusals, 2,
        &w->letters, NULL);
}

static int teardown(void **state)
{
    struct world *w = *state;

    pf_sink_close(w->sink);
    pf_dead_letters_release(&w->dead);
    unlink(w->path);
    rmdir(w->dir);
    free(w);
    return 0;
}

static enum pf_rc open_at(struct world *w, const char *path)
{
    const struct pf_dead_conf conf = {.file = w->input};

    return pf_dead_file_open(&conf, path, NULL, &w->sink, &w->err);
}

static void put(struct world *w, uint64_t ticket)
{
    size_t n;

    assert_int_equal(w->sink->ops->write(w->sink, w->letters.records, 2, ticket,
                                         &n, &w->err),
                     PF_OK);
    assert_int_equal(n, 2);
}

static struct pf_arrival flush(struct world *w, enum pf_rc expected)
{
    struct pf_arrival arrival;

    assert_int_equal(w->sink->ops->flush(w->sink, 0, &arrival, &w->err),
                     expected);
    return arrival;
}

/* What the file has. */
static const char *content(struct world *w)
{
    FILE *in = fopen(w->path, "r");

    assert_non_null(in);
    w->text[fread(w->text, 1, sizeof w->text - 1, in)] = '\0';
    fclose(in);
    return w->text;
}

static void begin_file(const struct world *w, const char *text)
{
    FILE *out = fopen(w->path, "w");

    assert_non_null(out);
    fputs(text, out);
    fclose(out);
}

/* The file has first, then that many whole lines. */
static void assert_lines(struct world *w, const char *first, int n)
{
    char expected[4096];

    strcpy(expected, first);
    while (n--)
        strcat(expected, line);
    assert_string_equal(content(w), expected);
}

static void a_letter_has_arrived_when_it_is_in_the_file(void **state)
{
    struct world *w = *state;

    assert_int_equal(open_at(w, w->path), PF_OK);
    put(w, 2);
    assert_string_equal(content(w), "");
    assert_true(flush(w, PF_OK).through == PF_TICKET_ALL);
    assert_lines(w, "", 2);
    put(w, 4);
    put(w, 6);
    assert_int_equal(flush(w, PF_OK).records, 6);
    assert_lines(w, "", 6);
}

static void goes_on_after_what_is_there(void **state)
{
    struct world *w = *state;

    begin_file(w, "{}\n");
    assert_int_equal(open_at(w, w->path), PF_OK);
    put(w, 2);
    flush(w, PF_OK);
    assert_lines(w, "{}\n", 2);
}

static void
a_line_that_was_cut_off_gets_an_end_with_the_first_letter(void **state)
{
    struct world *w = *state;

    begin_file(w, "{\"kind\":\"ty");
    assert_int_equal(open_at(w, w->path), PF_OK);
    flush(w, PF_OK);
    assert_string_equal(content(w), "{\"kind\":\"ty");
    put(w, 2);
    flush(w, PF_OK);
    assert_lines(w, "{\"kind\":\"ty\n", 2);
}

static void a_full_disk_fails_and_the_next_start_has_whole_lines(void **state)
{
    struct rlimit all, some = {.rlim_cur = sizeof line + 10};
    struct world *w = *state;

    signal(SIGXFSZ, SIG_IGN); /* as pf_stop_init() does */
    getrlimit(RLIMIT_FSIZE, &all);
    some.rlim_max = all.rlim_max;
    assert_int_equal(open_at(w, w->path), PF_OK);
    put(w, 2);
    setrlimit(RLIMIT_FSIZE, &some);
    assert_true(flush(w, PF_IO).through == 0);
    setrlimit(RLIMIT_FSIZE, &all);
    assert_contains(w->err.text, w->path);
    assert_contains(w->err.text, "File too large");
    pf_sink_close(w->sink);
    assert_int_equal(strlen(content(w)), some.rlim_cur);

    assert_int_equal(open_at(w, w->path), PF_OK);
    put(w, 2);
    flush(w, PF_OK);
    assert_non_null(strstr(content(w) + some.rlim_cur, line));
    assert_int_equal(w->text[some.rlim_cur], '\n');
}

static void nothing_arrives_after_the_disk_has_failed(void **state)
{
    struct world *w = *state;

    assert_int_equal(open_at(w, w->path), PF_OK);
    put(w, 2);
    flush(w, PF_OK);
    put(w, 4);
    disk_fails = true;
    assert_int_equal(flush(w, PF_IO).records, 2);
    assert_contains(w->err.text, "Input/output error");
    w->err.text[0] = '\0';
    assert_int_equal(flush(w, PF_IO).records, 2);
    assert_contains(w->err.text, "Input/output error");
    put(w, 6);
    assert_true(flush(w, PF_IO).through == 2);
}

static void a_full_disk_that_has_room_again_takes_the_rest(void **state)
{
    struct rlimit all, some = {.rlim_cur = sizeof line + 10};
    struct world *w = *state;

    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &all);
    some.rlim_max = all.rlim_max;
    assert_int_equal(open_at(w, w->path), PF_OK);
    put(w, 2);
    setrlimit(RLIMIT_FSIZE, &some);
    flush(w, PF_IO);
    setrlimit(RLIMIT_FSIZE, &all);
    assert_true(flush(w, PF_OK).through == PF_TICKET_ALL);
    assert_lines(w, "", 2);
}

static void what_is_to_be_written_has_a_limit(void **state)
{
    struct world *w = *state;
    enum pf_rc rc = PF_OK;
    uint64_t ticket = 0;
    size_t n = 2;

    assert_int_equal(open_at(w, w->path), PF_OK);
    while (!rc && ticket < 100000)
        rc = w->sink->ops->write(w->sink, w->letters.records, 2, ++ticket, &n,
                                 &w->err);
    assert_int_equal(rc, PF_AGAIN);
    assert_true(ticket * 2 * sizeof line > 1000000);
    flush(w, PF_OK);
    put(w, ticket + 1);
}

static void refuses_what_is_not_a_file(void **state)
{
    struct world *w = *state;

    assert_int_equal(open_at(w, "/dev/null"), PF_CONFIG);
    assert_contains(w->err.text, "/dev/null: it is not a regular file");
    assert_int_equal(open_at(w, w->dir), PF_CONFIG);
    assert_int_equal(open_at(w, "/tmp/no/such/directory"), PF_CONFIG);
    assert_int_equal(mkfifo(w->path, 0600), 0);
    assert_int_equal(open_at(w, w->path), PF_CONFIG);
    assert_null(w->sink);
}

static void refuses_the_file_that_the_records_come_from(void **state)
{
    struct world *w = *state;
    char other[80];

    begin_file(w, "{}\n");
    w->input = w->path;
    assert_int_equal(open_at(w, w->path), PF_CONFIG);
    assert_contains(w->err.text, "records are read from ");
    snprintf(other, sizeof other, "%s/.././%s/dead", w->dir,
             strrchr(w->dir, '/') + 1);
    assert_int_equal(open_at(w, other), PF_CONFIG);
    snprintf(other, sizeof other, "%s.other", w->path);
    assert_int_equal(link(w->path, other), 0);
    assert_int_equal(open_at(w, other), PF_CONFIG);
    unlink(other);
    assert_null(w->sink);
    w->input = "/tmp/no/such/file";
    assert_int_equal(open_at(w, w->path), PF_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_letter_has_arrived_when_it_is_in_the_file),
        TEST(goes_on_after_what_is_there),
        TEST(a_line_that_was_cut_off_gets_an_end_with_the_first_letter),
        TEST(a_full_disk_fails_and_the_next_start_has_whole_lines),
        TEST(nothing_arrives_after_the_disk_has_failed),
        TEST(a_full_disk_that_has_room_again_takes_the_rest),
        TEST(what_is_to_be_written_has_a_limit),
        TEST(refuses_what_is_not_a_file),
        TEST(refuses_the_file_that_the_records_come_from),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
