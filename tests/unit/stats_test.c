/* Counters in a file: kept by one program, read by another. */
#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "stats.h"

static const struct pf_metric metrics[] = {
    {"records_read", "Records read.", PF_COUNTER, "records"},
    {"position", "Where.", PF_GAUGE, "offset"},
    {"a_name_of_thirty_nine_bytes_and_not_one", "Long.", PF_GAUGE, "none"},
};

struct world {
    char dir[40], path[60];
    struct pf_error err;
};

static int make_world(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    strcpy(w->dir, "/tmp/pf-stats-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    snprintf(w->path, sizeof w->path, "%s/x.stats", w->dir);
    *state = w;
    return 0;
}

static int remove_world(void **state)
{
    struct world *w = *state;

    unlink(w->path);
    assert_int_equal(rmdir(w->dir), 0); /* nothing else was left there */
    free(w);
    return 0;
}

static uint64_t value_of(const struct pf_stats *stats, const char *name)
{
    uint64_t value = 0;

    assert_int_equal(pf_stats_read(stats, name, &value, NULL), PF_OK);
    return value;
}

static void what_is_counted_can_be_read_meanwhile_and_afterwards(void **state)
{
    struct world *w = *state;
    struct pf_stats *ours, *theirs;

    assert_int_equal(
        pf_stats_open(w->path, metrics, COUNT(metrics), &ours, &w->err), PF_OK);
    assert_int_equal(pf_stats_attach(w->path, &theirs, &w->err), PF_OK);
    assert_int_equal(pf_stats_pid(theirs), getpid());
    assert_int_equal(value_of(theirs, "records_read"), 0);

    pf_stats_add(ours, 0, 5);
    pf_stats_add(ours, 0, 2);
    pf_stats_set(ours, 1, UINT64_MAX);
    pf_stats_set(ours, 2, 9);
    assert_int_equal(value_of(theirs, "records_read"), 7);
    assert_true(value_of(theirs, "position") == UINT64_MAX);
    assert_int_equal(value_of(theirs, metrics[2].name), 9);

    pf_stats_close(ours);
    assert_int_equal(value_of(theirs, "records_read"), 7);
    pf_stats_close(theirs);
    assert_int_equal(pf_stats_attach(w->path, &theirs, &w->err), PF_OK);
    assert_int_equal(value_of(theirs, "records_read"), 7);
    pf_stats_close(theirs);
}

static void a_file_describes_its_metrics(void **state)
{
    static const struct pf_metric with_times[] = {
        {"records_read", "Records read.", PF_COUNTER, "records"},
        {"print_ns", "From read to printed.", PF_HISTOGRAM, "nanoseconds"},
        {"position", "Where.", PF_GAUGE, "offset"},
        {"send_ns", "From made to sent.", PF_HISTOGRAM, "nanoseconds"},
    };
    struct world *w = *state;
    struct pf_stats *ours, *theirs;
    uint64_t value;

    assert_int_equal(
        pf_stats_open(w->path, with_times, COUNT(with_times), &ours, &w->err),
        PF_OK);
    assert_int_equal(pf_stats_attach(w->path, &theirs, &w->err), PF_OK);
    assert_int_equal(pf_stats_count(theirs), COUNT(with_times));
    for (size_t i = 0; i < COUNT(with_times); i++) {
        struct pf_metric metric = pf_stats_metric(theirs, i);

        assert_string_equal(metric.name, with_times[i].name);
        assert_string_equal(metric.help, with_times[i].help);
        assert_string_equal(metric.unit, with_times[i].unit);
        assert_int_equal(metric.type, with_times[i].type);
        assert_int_equal(!pf_stats_histogram(theirs, i),
                         metric.type != PF_HISTOGRAM);
    }
    pf_histogram_add(pf_stats_histogram(ours, 1), 100, 3);
    pf_histogram_add(pf_stats_histogram(ours, 3), UINT64_MAX, 1);
    pf_stats_set(ours, 2, 9);
    assert_int_equal(pf_stats_histogram(theirs, 1)->n, 3);
    assert_int_equal(pf_histogram_quantile(pf_stats_histogram(theirs, 1), 1),
                     100);
    assert_true(pf_stats_histogram(theirs, 3)->max == UINT64_MAX);
    assert_int_equal(value_of(theirs, "position"), 9);
    assert_int_equal(pf_stats_read(theirs, "print_ns", &value, NULL),
                     PF_FORMAT);
    pf_stats_close(ours);
    pf_stats_close(theirs);
}

static void a_new_run_begins_at_0(void **state)
{
    struct world *w = *state;
    struct pf_stats *first, *second;

    assert_int_equal(pf_stats_open(w->path, metrics, 2, &first, &w->err),
                     PF_OK);
    pf_stats_add(first, 0, 5);
    assert_int_equal(pf_stats_open(w->path, metrics, 2, &second, &w->err),
                     PF_OK);
    assert_int_equal(value_of(second, "records_read"), 0);
    pf_stats_add(first, 0, 1); /* into a file that has no name any more */
    assert_int_equal(value_of(second, "records_read"), 0);
    pf_stats_close(first);
    pf_stats_close(second);
}

static void a_name_that_there_is_not_is_an_error(void **state)
{
    struct world *w = *state;
    struct pf_stats *stats;
    uint64_t value = 7;

    assert_int_equal(pf_stats_open("", metrics, 2, &stats, &w->err), PF_OK);
    assert_int_equal(pf_stats_read(stats, "record", &value, &w->err),
                     PF_FORMAT);
    assert_string_equal(w->err.text, "no counter is named record");
    assert_int_equal(value, 7);
    pf_stats_close(stats);
}

static void memory_alone_will_do(void **state)
{
    struct world *w = *state;
    struct pf_stats *stats;

    assert_int_equal(pf_stats_open("", metrics, 3, &stats, &w->err), PF_OK);
    pf_stats_add(stats, 2, 3);
    assert_int_equal(value_of(stats, metrics[2].name), 3);
    assert_int_equal(pf_stats_pid(stats), getpid());
    pf_stats_close(stats);
    pf_stats_close(NULL);
}

static void a_file_that_cannot_be_made_is_named(void **state)
{
    struct world *w = *state;
    struct pf_stats *stats = NULL;

    assert_int_equal(pf_stats_open("/nowhere/x", metrics, 2, &stats, &w->err),
                     PF_IO);
    assert_string_equal(w->err.text,
                        "counters in /nowhere/x: No such file or directory");
    assert_int_equal(pf_stats_open(w->dir, metrics, 2, &stats, &w->err), PF_IO);
    assert_null(stats);
}

/* Put len bytes into the file, and see that it is refused. */
static void assert_refused(struct world *w, const void *bytes, size_t len)
{
    struct pf_stats *stats = NULL;
    int fd = open(w->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_int_equal(write(fd, bytes, len), len);
    close(fd);
    assert_int_equal(pf_stats_attach(w->path, &stats, &w->err), PF_FORMAT);
    assert_contains(w->err.text, w->path);
    assert_contains(w->err.text, ": not a file of counters");
    assert_null(stats);
}

/* The same for a file with n bytes from at on spoilt. */
static void spoil(struct world *w, const char *whole, ssize_t len, size_t at,
                  size_t n)
{
    char spoilt[4096];

    memcpy(spoilt, whole, (size_t)len);
    memset(spoilt + at, 0xff, n);
    assert_refused(w, spoilt, (size_t)len);
}

static void a_truncated_or_foreign_file_is_refused(void **state)
{
    struct world *w = *state;
    struct pf_stats *stats;
    char whole[4096], foreign[200000] = {0};
    ssize_t len;
    int fd;

    assert_int_equal(pf_stats_open(w->path, metrics, 3, &stats, &w->err),
                     PF_OK);
    pf_stats_close(stats);
    fd = open(w->path, O_RDONLY | O_CLOEXEC);
    len = read(fd, whole, sizeof whole);
    close(fd);
    assert_in_range(len, 100, sizeof whole - 1);

    for (ssize_t cut = 0; cut < len; cut++)
        assert_refused(w, whole, (size_t)cut);
    assert_refused(w, foreign, 100);
    assert_refused(w, foreign, sizeof foreign);
    assert_refused(w, "records_read 5\nposition 7\n", 26);

    spoil(w, whole, len, 0, 1);    /* another layout */
    spoil(w, whole, len, 8, 4);    /* more counters than there can be */
    spoil(w, whole, len, 40, 40);  /* a name without an end */
    spoil(w, whole, len, 80, 16);  /* a unit */
    spoil(w, whole, len, 96, 160); /* a help */
    spoil(w, whole, len, 256, 1);  /* a type that does not exist */
    whole[256] = PF_HISTOGRAM;     /* which would be behind the file's end */
    assert_refused(w, whole, (size_t)len);
}

static void a_file_that_is_not_there_is_named(void **state)
{
    struct world *w = *state;
    struct pf_stats *stats = NULL;

    assert_int_equal(pf_stats_attach("/nowhere/x", &stats, &w->err), PF_IO);
    assert_string_equal(w->err.text, "/nowhere/x: No such file or directory");
    assert_int_equal(pf_stats_attach(w->dir, &stats, &w->err), PF_IO);
    assert_null(stats);
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, make_world, remove_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_counted_can_be_read_meanwhile_and_afterwards),
        TEST(a_file_describes_its_metrics),
        TEST(a_new_run_begins_at_0),
        TEST(a_name_that_there_is_not_is_an_error),
        TEST(memory_alone_will_do),
        TEST(a_file_that_cannot_be_made_is_named),
        TEST(a_truncated_or_foreign_file_is_refused),
        TEST(a_file_that_is_not_there_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
