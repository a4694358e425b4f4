/* At which record a processor has died, from one start to the next. */
#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "deaths.h"

#define FILE_NAME "g_1-one.at-work" /* of the id below */

static char directory[] = "/tmp/deaths_test.XXXXXX";
static struct pf_deaths *deaths;
static struct heard heard;
static char path[100];

static int make_directory(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/" FILE_NAME, directory);
    return 0;
}

static int remove_directory(void **state)
{
    (void)state;
    return rmdir(directory);
}

static int remove_file(void **state)
{
    (void)state;
    pf_deaths_close(deaths);
    deaths = NULL;
    unlink(path);
    return 0;
}

/* A start; returns what it logs. */
static const char *start(void)
{
    struct pf_error err = {""};

    begin_to_listen(&heard);
    if (pf_deaths_open(directory, "g/1-one", &deaths, &err))
        fail_msg("%s", err.text);
    return end_to_listen(&heard);
}

/* A process that ends whatever it does. */
static void end(void)
{
    pf_deaths_close(deaths);
    deaths = NULL;
}

static const char *const topics[] = {"a", "b"};

static struct pf_record record_at(const char *topic, int64_t offset)
{
    return (struct pf_record){.topic = topic,
                              .partition = 2,
                              .offset = offset,
                              .timestamp = 1000 + offset};
}

static bool begin_with(const struct pf_record *record)
{
    struct pf_error why = {""};
    bool good = pf_deaths_begin(deaths, record, &why);

    assert_string_equal(
        why.text, good ? "" : "the program died three times at this record");
    return good;
}

static bool begin(const char *topic, int64_t offset)
{
    struct pf_record record = record_at(topic, offset);

    return begin_with(&record);
}

/* A process that reads from an offset on, and dies at another one. */
static void die_at(const char *topic, int64_t from, int64_t at)
{
    start();
    for (; from < at; from++)
        begin(topic, from);
    assert_true(begin(topic, at));
    end();
}

static void a_record_is_put_aside_after_the_third_death(void **state)
{
    (void)state;
    for (int i = 0; i < PF_DEATHS_MAX; i++)
        die_at("a", 3, 7);
    assert_contains(start(), "offset 7 of a [2]: that was the third time");
    assert_true(begin("a", 6));
    assert_false(begin("a", 7));
    assert_true(begin("a", 8));
    pf_deaths_end(deaths);
    end();

    /* Windows read records again: it does not go through then, either. */
    assert_string_equal(start(), "");
    assert_false(begin("a", 7));
}

static void only_that_record_is_put_aside(void **state)
{
    struct pf_record record = record_at("a", 7);

    (void)state;
    for (int i = 0; i < PF_DEATHS_MAX; i++)
        die_at("a", 7, 7);
    start();
    assert_true(begin("b", 7));
    record.partition = 1;
    assert_true(begin_with(&record));
    record = record_at("a", 7);
    record.timestamp++; /* the topic was made again */
    assert_true(begin_with(&record));
    assert_false(begin("a", 7));
}

static void kills_from_outside_do_not_add_up(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++)
        die_at("a", i, i + i % 3);
    start();
    for (int i = 0; i < 200; i++)
        assert_true(begin("a", i));
}

static void a_record_that_has_gone_through_is_not_suspected(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        die_at("a", 7, 7);
        die_at("a", 7, 7);
        start();
        assert_true(begin("a", 7));
        if (i)
            assert_true(begin("a", 8));
        pf_deaths_end(deaths);
        end();
    }
    die_at("a", 7, 7);
    assert_contains(start(), "offset 7 of a [2]: it tries again");
    assert_true(begin("a", 7));
}

static void two_that_take_turns_are_both_found(void **state)
{
    (void)state;
    for (int i = 0; i < 2 * PF_DEATHS_MAX; i++)
        die_at(topics[i % 2], 7, 7);
    start();
    assert_false(begin("a", 7));
    assert_false(begin("b", 7));
}

static void an_end_between_two_batches_is_not_a_death(void **state)
{
    (void)state;
    for (int i = 0; i < 2 * PF_DEATHS_MAX; i++) {
        assert_string_equal(start(), "");
        assert_true(begin("a", 7));
        pf_deaths_end(deaths);
        end();
    }
}

static void more_than_it_has_room_for_are_the_newest(void **state)
{
    (void)state;
    for (int64_t offset = 0; offset < 100; offset++)
        for (int i = 0; i < PF_DEATHS_MAX; i++)
            die_at("a", offset, offset);
    start();
    assert_false(begin("a", 99));
    assert_false(begin("a", 90));
    assert_true(begin("a", 0));
}

static void what_is_not_its_file_is_made_new(void **state)
{
    char bytes[6000];

    (void)state;
    for (int byte = 0; byte < 256; byte += 5) {
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

        memset(bytes, byte, sizeof bytes);
        memcpy(bytes, "pfdeath1", byte % 2 ? 8 : 0);
        assert_int_equal(write(fd, bytes, (size_t)byte * 23), byte * 23);
        close(fd);
        start();
        assert_true(begin("a", 7));
        end();
        start();
        assert_true(begin("a", 7));
        end();
    }
}

static void one_that_is_open_already_is_left_alone(void **state)
{
    struct pf_deaths *first;

    (void)state;
    start();
    first = deaths;
    assert_contains(start(), FILE_NAME ": another process has it open");
    assert_null(deaths);
    pf_deaths_close(first);
    start();
    assert_non_null(deaths);
}

static void a_directory_that_is_not_there_is_named(void **state)
{
    struct pf_error err = {""};

    (void)state;
    assert_int_equal(pf_deaths_open("", "g-one", &deaths, &err), PF_OK);
    assert_null(deaths);
    assert_int_equal(pf_deaths_open("/nowhere", "g-one", &deaths, &err), PF_IO);
    assert_string_equal(err.text,
                        "/nowhere/g-one.at-work: No such file or directory");
    assert_null(deaths);
}

#define TEST(name) cmocka_unit_test_teardown(name, remove_file)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_record_is_put_aside_after_the_third_death),
        TEST(only_that_record_is_put_aside),
        TEST(kills_from_outside_do_not_add_up),
        TEST(a_record_that_has_gone_through_is_not_suspected),
        TEST(two_that_take_turns_are_both_found),
        TEST(an_end_between_two_batches_is_not_a_death),
        TEST(more_than_it_has_room_for_are_the_newest),
        TEST(what_is_not_its_file_is_made_new),
        TEST(one_that_is_open_already_is_left_alone),
        TEST(a_directory_that_is_not_there_is_named),
    };

    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
