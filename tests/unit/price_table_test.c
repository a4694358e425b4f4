/* The last price of each match, kept by one program and read by another. */
#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "price_table.h"

struct world {
    char dir[40], path[60];
    struct pf_error err;
    uint64_t seen[PF_PRICE_TABLE_MATCHES];
    int changed[PF_PRICE_TABLE_MATCHES];
};

static int make_world(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    strcpy(w->dir, "/tmp/pf-prices-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    snprintf(w->path, sizeof w->path, "%s/x.prices", w->dir);
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

static struct pf_price_table *open_table(const char *path)
{
    struct pf_price_table *table;
    struct pf_error err;

    assert_int_equal(pf_price_table_open(path, &table, &err), PF_OK);
    return table;
}

static struct pf_price_table *attach(struct world *w)
{
    struct pf_price_table *table;

    assert_int_equal(pf_price_table_attach(w->path, &table, &w->err), PF_OK);
    return table;
}

static void add(struct pf_price_table *table, int64_t match, int64_t ticks)
{
    const struct pf_price price = {.match = match, .ticks = ticks};

    pf_price_table_add(table, &price);
}

static void assert_row(const struct pf_price_table *table, int64_t match,
                       struct pf_price_row wanted)
{
    struct pf_price_row row = pf_price_table_row(table, match);

    assert_int_equal(row.count, wanted.count);
    assert_int_equal(row.last, wanted.last);
    assert_int_equal(row.previous, wanted.previous);
    assert_int_equal(row.low, wanted.low);
    assert_int_equal(row.high, wanted.high);
}

static void what_is_added_can_be_read_meanwhile_and_afterwards(void **state)
{
    struct world *w = *state;
    struct pf_price_table *ours = open_table(w->path), *theirs = attach(w);

    assert_int_equal(pf_price_table_pid(theirs), getpid());
    assert_row(theirs, 123, (struct pf_price_row){0});
    add(ours, 123, 456);
    assert_row(theirs, 123, (struct pf_price_row){1, 456, 456, 456, 456});
    add(ours, 123, 1000);
    assert_row(theirs, 123, (struct pf_price_row){2, 1000, 456, 456, 1000});
    add(ours, 123, 100);
    add(ours, 123, 500);
    assert_row(theirs, 123, (struct pf_price_row){4, 500, 100, 100, 1000});
    add(ours, 124, 7);
    assert_row(theirs, 123, (struct pf_price_row){4, 500, 100, 100, 1000});

    pf_price_table_close(ours);
    assert_row(theirs, 124, (struct pf_price_row){1, 7, 7, 7, 7});
    pf_price_table_close(theirs);
    theirs = attach(w);
    assert_row(theirs, 123, (struct pf_price_row){4, 500, 100, 100, 1000});
    pf_price_table_close(theirs);
}

static void each_match_has_a_row_of_its_own(void **state)
{
    struct pf_price_table *table = open_table("");

    (void)state;
    for (int match = PF_MATCH_MIN; match <= PF_MATCH_MAX; match++) {
        add(table, match, match);
        add(table, match, 2 * match);
    }
    for (uint32_t match = PF_MATCH_MIN; match <= PF_MATCH_MAX; match++)
        assert_row(
            table, match,
            (struct pf_price_row){2, 2 * match, match, match, 2 * match});
    assert_int_equal(pf_price_table_elsewhere(table), 0);
    pf_price_table_close(table);
}

static void what_has_no_place_is_counted(void **state)
{
    static const int64_t matches[] = {
        INT64_MIN, -1, 0, PF_MATCH_MIN - 1, PF_MATCH_MAX + 1, INT64_MAX};
    struct pf_price_table *table = open_table("");

    (void)state;
    for (size_t i = 0; i < COUNT(matches); i++)
        add(table, matches[i], 100);
    assert_int_equal(pf_price_table_elsewhere(table), COUNT(matches));
    add(table, 500, PF_TICKS_LIMIT);
    add(table, 500, INT64_C(1) + PF_PRICE_TABLE_TICKS_MAX);
    assert_int_equal(pf_price_table_elsewhere(table), COUNT(matches) + 2);
    assert_row(table, 500, (struct pf_price_row){0});
    for (int match = PF_MATCH_MIN; match <= PF_MATCH_MAX; match++)
        assert_row(table, match, (struct pf_price_row){0});
    pf_price_table_close(table);
}

static void the_cheapest_and_the_dearest_have_a_place(void **state)
{
    const uint32_t most = PF_PRICE_TABLE_TICKS_MAX;
    struct pf_price_table *table = open_table("");

    (void)state;
    add(table, 999, 0);
    assert_row(table, 999, (struct pf_price_row){1, 0, 0, 0, 0});
    add(table, 999, most);
    assert_row(table, 999, (struct pf_price_row){2, most, 0, 0, most});
    add(table, 100, most);
    assert_row(table, 100, (struct pf_price_row){1, most, most, most, most});
    add(table, 100, 0);
    assert_row(table, 100, (struct pf_price_row){2, 0, most, 0, most});
    pf_price_table_close(table);
}

static void a_reader_finds_what_has_changed(void **state)
{
    struct world *w = *state;
    struct pf_price_table *ours = open_table(w->path), *theirs = attach(w);

    assert_int_equal(pf_price_table_changed(theirs, w->seen, w->changed), 0);
    add(ours, 999, 100);
    add(ours, 100, 100);
    add(ours, 100, 100); /* the same price is news as well */
    assert_int_equal(pf_price_table_changed(theirs, w->seen, w->changed), 2);
    assert_int_equal(w->changed[0], 100);
    assert_int_equal(w->changed[1], 999);
    assert_int_equal(w->seen[0], 2);
    assert_int_equal(pf_price_table_changed(theirs, w->seen, w->changed), 0);
    add(ours, 1000, 100);
    assert_int_equal(pf_price_table_changed(theirs, w->seen, w->changed), 0);
    for (int match = PF_MATCH_MIN; match <= PF_MATCH_MAX; match++)
        add(ours, match, 100);
    assert_int_equal(pf_price_table_changed(theirs, w->seen, w->changed),
                     PF_PRICE_TABLE_MATCHES);
    pf_price_table_close(ours);
    pf_price_table_close(theirs);
}

/* The child adds 1, 2, 3, ... until it is killed. */
static pid_t begin_to_write(struct pf_price_table *table)
{
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        alarm(60);
        for (int64_t i = 1;; i++)
            add(table, 500, i);
    }
    return pid;
}

static void a_reader_sees_prices_that_were_there(void **state)
{
    struct world *w = *state;
    struct pf_price_table *ours = open_table(w->path), *theirs = attach(w);
    pid_t pid = begin_to_write(ours);
    struct pf_price_row row, before = {0};
    unsigned news = 0, looks = 0;

    while (news < 1000 || looks++ < 1000000) {
        row = pf_price_table_row(theirs, 500);
        if (!row.count)
            continue;
        news += row.count > before.count;
        assert_true(row.count >= before.count);
        assert_true(row.last >= row.count); /* that price, or a later one */
        assert_true(row.high >= row.count);
        assert_true(row.last >= before.last);
        if (row.count > 1)
            assert_int_equal(row.last - row.previous, 1);
        assert_int_equal(row.low, 1);
        before = row;
    }
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    pf_price_table_close(ours);
    pf_price_table_close(theirs);
}

static void a_new_run_begins_without_prices(void **state)
{
    struct world *w = *state;
    struct pf_price_table *first = open_table(w->path), *old = attach(w);
    struct pf_price_table *second, *new;

    add(first, 500, 100);
    second = open_table(w->path);
    new = attach(w);
    assert_row(new, 500, (struct pf_price_row){0});
    add(first, 500, 200); /* into a file that has no name any more */
    assert_row(new, 500, (struct pf_price_row){0});
    assert_row(old, 500, (struct pf_price_row){2, 200, 100, 100, 200});
    pf_price_table_close(first);
    pf_price_table_close(second);
    pf_price_table_close(old);
    pf_price_table_close(new);
}

static void a_file_that_cannot_be_made_is_named(void **state)
{
    struct world *w = *state;
    struct pf_price_table *table = NULL;
    char long_path[5000];

    assert_int_equal(pf_price_table_open("/nowhere/x", &table, &w->err), PF_IO);
    assert_string_equal(w->err.text,
                        "prices in /nowhere/x: No such file or directory");
    assert_int_equal(pf_price_table_open(w->dir, &table, &w->err), PF_IO);
    memset(long_path, 'x', sizeof long_path - 1);
    long_path[sizeof long_path - 1] = '\0';
    assert_int_equal(pf_price_table_open(long_path, &table, &w->err), PF_IO);
    assert_null(table);
    pf_price_table_close(NULL);
}

static void a_file_that_is_not_there_is_named(void **state)
{
    struct world *w = *state;
    struct pf_price_table *table = NULL;

    assert_int_equal(pf_price_table_attach("/nowhere/x", &table, &w->err),
                     PF_IO);
    assert_string_equal(w->err.text, "/nowhere/x: No such file or directory");
    assert_int_equal(pf_price_table_attach(w->dir, &table, &w->err), PF_IO);
    assert_null(table);
}

/* Put len bytes into the file, and see that it is refused. */
static void assert_refused(struct world *w, const void *bytes, size_t len)
{
    struct pf_price_table *table = NULL;
    int fd = open(w->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_int_equal(write(fd, bytes, len), len);
    close(fd);
    assert_int_equal(pf_price_table_attach(w->path, &table, &w->err),
                     PF_FORMAT);
    assert_contains(w->err.text, w->path);
    assert_contains(w->err.text, ": not a table of prices");
    assert_null(table);
}

static void a_truncated_or_foreign_file_is_refused(void **state)
{
    static char bytes[sizeof(struct pf_price_table) + 1];
    struct world *w = *state;
    struct pf_price_table *table = open_table(w->path);
    const ssize_t len = sizeof *table;
    int fd = open(w->path, O_RDONLY | O_CLOEXEC);

    pf_price_table_close(table);
    assert_int_equal(read(fd, bytes, sizeof bytes), len);
    close(fd);

    for (size_t cut = 0; cut < (size_t)len; cut += cut < 100 ? 1 : 997)
        assert_refused(w, bytes, cut);
    assert_refused(w, bytes, len - 1);
    assert_refused(w, bytes, len + 1);
    for (size_t i = 0; i < 8; i++) { /* another layout */
        bytes[i]++;
        assert_refused(w, bytes, len);
        bytes[i]--;
    }
    memset(bytes, 0, sizeof bytes);
    assert_refused(w, bytes, len);
    assert_refused(w, "500 1.00 2.00\n", 14);
}

/* Whatever else is in it is some price. */
static void a_file_with_any_numbers_can_be_read(void **state)
{
    static char bytes[sizeof(struct pf_price_table)];
    struct world *w = *state;
    struct pf_price_table *table;
    int fd = open(w->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    memset(bytes, 0xff, sizeof bytes);
    memcpy(bytes, "pfprice1", 8);
    assert_int_equal(write(fd, bytes, sizeof bytes), sizeof bytes);
    close(fd);
    table = attach(w);
    assert_int_equal(pf_price_table_pid(table), -1);
    assert_int_equal(pf_price_table_changed(table, w->seen, w->changed),
                     PF_PRICE_TABLE_MATCHES);
    assert_row(table, 999,
               (struct pf_price_row){UINT64_MAX, UINT32_MAX, UINT32_MAX,
                                     UINT32_MAX, UINT32_MAX});
    pf_price_table_close(table);
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, make_world, remove_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_added_can_be_read_meanwhile_and_afterwards),
        TEST(each_match_has_a_row_of_its_own),
        TEST(what_has_no_place_is_counted),
        TEST(the_cheapest_and_the_dearest_have_a_place),
        TEST(a_reader_finds_what_has_changed),
        TEST(a_reader_sees_prices_that_were_there),
        TEST(a_new_run_begins_without_prices),
        TEST(a_file_that_cannot_be_made_is_named),
        TEST(a_file_that_is_not_there_is_named),
        TEST(a_truncated_or_foreign_file_is_refused),
        TEST(a_file_with_any_numbers_can_be_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
