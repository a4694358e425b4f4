/* Files in which a filter's programs look things up, and what becomes of them
 * when the files change. */
#include "jq_files.h"
#include "jq_under_test.h"

#include <sys/stat.h>

#include "lookups.h"
#include "statm.h"

static struct heard heard;

static int clean(void **state)
{
    static const char *const files[] = {
        "devices.csv", "devices.json",  "new.csv",
        "more.jsonl",  "link.csv",      "program.jq",
        "..data",      "1/devices.csv", "2/devices.csv"};

    close_filter(state);
    all.jq.pure = false;
    for (size_t i = 0; i < COUNT(files); i++)
        unlink(files[i]);
    rmdir("1");
    rmdir("2");
    return 0;
}

static void assert_not_taken(const char *why)
{
    struct pf_error err = {""};

    assert_int_equal(pf_jq_conf_check(&all.jq, &settings, &err), PF_CONFIG);
    assert_contains(err.text, why);
}

/* What becomes of a record. */
static const struct pf_record *assert_becomes(const char *value,
                                              const char *wanted)
{
    struct pf_record record = {
        .topic = "in", .offset = 1, .value = value, .value_len = strlen(value)};
    struct pf_error err = {""};
    struct pf_filtered out;
    const struct pf_record *made;

    if (filter->ops->apply(filter, &record, 1, &out, &err))
        fail_msg("%s", err.text);
    if (out.n_refused)
        fail_msg("refused: %s", out.refusals[0].reason.text);
    assert_int_equal(out.outputs[0].n, 1);
    made = &out.outputs[0].records[0];
    assert_int_equal(made->value_len, strlen(wanted));
    assert_memory_equal(made->value, wanted, made->value_len);
    return made;
}

/* Have it look at its files; what it says. */
static const char *look(unsigned times)
{
    struct pf_filtered out;

    begin_to_listen(&heard);
    while (times--) {
        memset(&out, 0xff, sizeof out);
        assert_int_equal(filter->ops->wake(filter, false, &out, NULL), PF_OK);
        for (size_t i = 0; i <= PF_OUTPUTS_MAX; i++)
            assert_int_equal(out.outputs[i].n, 0);
        assert_int_equal(out.n_refused, 0);
    }
    return end_to_listen(&heard);
}

#define LOGIN "{\"device\":\"d1\"}"

/* Large files take long, and one start needs them once. */
static void what_was_checked_is_not_read_again(void **state)
{
    (void)state;
    put("devices.csv", "id,owner\nd1,ann\n");
    put("program.jq", "$devices[.device].owner");
    SET("feed.lookup.devices", "devices.csv", "feed.map", "file:program.jq");
    check_settings();
    assert_int_equal(unlink("devices.csv"), 0);
    assert_int_equal(unlink("program.jq"), 0);
    open_checked();
    assert_becomes(LOGIN, "\"ann\"");
}

static void open_with_devices(const char *path)
{
    put("devices.csv", "id,owner\nd1,ann\n");
    SET("feed.lookup.devices", path, "feed.map",
        "$devices[.device].owner // \"nobody\"");
    open_filter();
    assert_becomes(LOGIN, "\"ann\"");
}

static void all_programs_have_all_lookups(void **state)
{
    const struct pf_record *made;

    (void)state;
    put("devices.json", "{\"d1\":{\"owner\":\"ann\",\"since\":1793606400}}");
    put("more.jsonl", "\"d1\"\n\"d2\"\n");
    put("program.jq", ".device as $d | any($good_ones[]; . == $d)");
    SET("feed.lookup.devices", "devices.json", "feed.lookup.good_ones",
        "more.jsonl", "feed.where", "file:program.jq", "feed.map",
        "{device, owner: $devices[.device].owner}", "feed.key",
        "$devices[.device].owner + $record.topic", "feed.time",
        "$devices[.device].since");
    open_filter();
    made = assert_becomes(LOGIN, "{\"device\":\"d1\",\"owner\":\"ann\"}");
    assert_int_equal(made->key_len, 5);
    assert_memory_equal(made->key, "annin", 5);
    assert_int_equal(made->timestamp, 1793606400000);
}

static void numbers_keep_their_digits(void **state)
{
    (void)state;
    if (!numbers_are_exact())
        return;
    put("devices.json", "{\"a\":4.50,\"b\":12345678901234567890}");
    SET("feed.lookup.devices", "devices.json", "feed.map",
        "[$devices.a, $devices.b, .]");
    open_filter();
    assert_becomes("1.0", "[4.50,12345678901234567890,1.0]");
}

static void another_file_under_the_name_is_read(void **state)
{
    (void)state;
    open_with_devices("devices.csv");
    put("new.csv", "id,owner\nd1,eve\n");
    assert_int_equal(rename("new.csv", "devices.csv"), 0);
    assert_string_equal(look(1), "");
    assert_becomes(LOGIN, "\"ann\""); /* it may be changing */
    assert_contains(look(1), "feed.lookup.devices: devices.csv has changed, "
                             "and was read again: 1 entry\n");
    assert_becomes(LOGIN, "\"eve\"");
    assert_string_equal(look(3), "");
}

static void a_file_that_is_written_again_is_read(void **state)
{
    (void)state;
    open_with_devices("devices.csv");
    put("devices.csv", "id,owner\nd1,eve\nd2,bob\n");
    assert_contains(look(2), "read again: 2 entries");
    assert_becomes(LOGIN, "\"eve\"");
}

/* As Kubernetes does with a ConfigMap: devices.csv -> ..data/devices.csv, where
 * ..data is a link that another one takes the place of. */
static void a_link_to_another_folder_is_followed(void **state)
{
    (void)state;
    assert_true(!mkdir("1", 0700) && !mkdir("2", 0700));
    put("1/devices.csv", "id,owner\nd1,ann\n");
    put("2/devices.csv", "id,owner\nd1,eve\n");
    assert_int_equal(symlink("1", "..data"), 0);
    assert_int_equal(symlink("..data/devices.csv", "link.csv"), 0);
    open_with_devices("link.csv");
    assert_int_equal(symlink("2", "link.new"), 0);
    assert_int_equal(rename("link.new", "..data"), 0);
    assert_contains(look(2), "link.csv has changed");
    assert_becomes(LOGIN, "\"eve\"");
}

static void a_broken_one_is_told_once_and_the_old_one_stays(void **state)
{
    (void)state;
    open_with_devices("devices.csv");
    put("devices.csv", "id,owner\nd1,eve\nd2\n");
    assert_contains(look(2),
                    "warning pricefeed: feed.lookup.devices: devices.csv:3: it "
                    "has 1 field, and the first line 2; what was read before "
                    "it stays in use\n");
    assert_string_equal(look(3), "");
    assert_becomes(LOGIN, "\"ann\"");
    put("devices.csv", "");
    assert_contains(look(2), "devices.csv: there is nothing in it");
    assert_becomes(LOGIN, "\"ann\"");
    put("devices.csv", "id,owner\nd1,eve\nd2,bob\n");
    assert_contains(look(2), "2 entries");
    assert_becomes(LOGIN, "\"eve\"");
}

static void so_is_one_that_is_gone(void **state)
{
    (void)state;
    open_with_devices("devices.csv");
    unlink("devices.csv");
    assert_contains(look(2), "devices.csv: No such file or directory; what");
    assert_string_equal(look(3), "");
    assert_becomes(LOGIN, "\"ann\"");
    assert_int_equal(mkfifo("devices.csv", 0600), 0);
    assert_contains(look(2), "devices.csv: it is not a regular file");
    unlink("devices.csv");
    put("devices.csv", "id,owner\nd1,eve\n");
    assert_contains(look(2), "has changed");
    assert_becomes(LOGIN, "\"eve\"");
}

/* Between two looks. */
static void a_file_that_keeps_changing_is_not_read(void **state)
{
    char text[64];

    (void)state;
    open_with_devices("devices.csv");
    for (int i = 0; i < 5; i++) {
        snprintf(text, sizeof text, "id,owner\nd1,%.*s\n", i + 1, "aaaaa");
        put("devices.csv", text);
        assert_string_equal(look(1), "");
    }
    assert_becomes(LOGIN, "\"ann\"");
    assert_contains(look(1), "has changed");
    assert_becomes(LOGIN, "\"aaaaa\"");
}

/* The programs are those of the start, also if their files are others now. */
static void programs_stay_what_they_were(void **state)
{
    (void)state;
    put("program.jq", "$devices | keys");
    put("devices.json", "{\"a\":1}");
    SET("feed.lookup.devices", "devices.json", "feed.map", "file:program.jq");
    open_filter();
    put("program.jq", "$devices[");
    put("devices.json", "{\"a\":1,\"b\":2}");
    assert_contains(look(2), "2 entries");
    assert_becomes("1", "[\"a\",\"b\"]");
}

#ifndef __SANITIZE_ADDRESS__ /* it keeps what is free for a while */
static size_t memory(void)
{
    int fd = pf_statm_open();
    size_t bytes = pf_statm_read(fd, PF_STATM_RESIDENT);

    close(fd);
    assert_true(bytes > 0);
    return bytes;
}

/* 20 000 lines take about 12 MB. */
static void put_many(int first)
{
    FILE *out = fopen("devices.csv", "we");

    fputs("id,owner\nd1,ann\n", out);
    for (int i = 0; i < 20000; i++)
        fprintf(out, "%d,someone with a name of some length\n", first + i);
    assert_int_equal(fclose(out), 0);
}

static void what_is_not_in_use_takes_no_memory(void **state)
{
    size_t before;

    (void)state;
    open_with_devices("devices.csv");
    put_many(1000);
    assert_contains(look(2), "20001 entries");
    before = memory();
    for (int i = 0; i < 3; i++) {
        put_many(100000 + i);
        assert_contains(look(2), "20001 entries");
        assert_in_range(memory(), 0, before + (4 << 20));
    }
    assert_becomes(LOGIN, "\"ann\"");
}
#endif

static void it_looks_a_few_times_a_second(void **state)
{
    int64_t due;

    (void)state;
    open_with_devices("devices.csv");
    due = filter->ops->due_ms(filter);
    look(1);
    assert_true(filter->ops->due_ms(filter) >= due);
    assert_in_range(PF_LOOKUPS_MS, 100, 500);
}

static void without_lookups_it_is_never_woken(void **state)
{
    (void)state;
    SET("feed.map", ".");
    open_filter();
    assert_null(filter->ops->wake);
    assert_becomes("1", "1");
}

static void at_the_start_each_file_has_to_be_good(void **state)
{
    (void)state;
    SET("feed.lookup.devices", "devices.csv", "feed.map", "$devices");
    assert_not_taken("a.properties:7: feed.lookup.devices: devices.csv: No "
                     "such file");
    put("devices.csv", "id,x\n1\n");
    assert_not_taken("a.properties:7: feed.lookup.devices: devices.csv:2: it");
    SET("feed.lookup.devices", "");
    assert_not_taken("feed.lookup.devices: it names no file");
}

static void a_variable_needs_a_name_of_its_own(void **state)
{
    static const char *const names[] = {
        "record",     "ENV",       "__loc__",        "if", "1st",
        "my-devices", "d\xc3\xa9", "pf_refused_env", "a b"};
    char setting[60];

    put("devices.json", "{}");
    for (size_t i = 0; i < COUNT(names); i++) {
        snprintf(setting, sizeof setting, "feed.lookup.%s", names[i]);
        SET(setting, "devices.json");
        assert_not_taken(setting);
        clean(state);
        put("devices.json", "{}");
    }
}

static void what_no_program_mentions_is_a_warning(void **state)
{
    const char *text;

    (void)state;
    put("devices.json", "{}");
    SET("feed.lookup.devices", "devices.json", "feed.lookup.device",
        "devices.json", "feed.map", "$devices");
    begin_to_listen(&heard);
    open_filter();
    text = end_to_listen(&heard);
    assert_contains(text, "warning pricefeed: a.properties:7: "
                          "feed.lookup.device: no program mentions $device\n");
    assert_null(strstr(text, "mentions $devices"));
}

static void what_is_not_there_is_a_mistake_as_ever(void **state)
{
    (void)state;
    put("devices.json", "{}");
    SET("feed.lookup.devices", "devices.json", "feed.map", "$device");
    begin_to_listen(&heard);
    assert_not_taken("feed.map: $device is not defined");
    end_to_listen(&heard);
}

static void in_front_of_windows_there_are_none(void **state)
{
    (void)state;
    put("devices.json", "{}");
    SET("feed.lookup.devices", "devices.json", "feed.map", "$devices");
    all.jq.pure = true;
    assert_not_taken("a.properties:7: feed.lookup.devices: windows read "
                     "records again");
}

#define TEST(name) cmocka_unit_test_teardown(name, clean)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_checked_is_not_read_again),
        TEST(all_programs_have_all_lookups),
        TEST(numbers_keep_their_digits),
        TEST(another_file_under_the_name_is_read),
        TEST(a_file_that_is_written_again_is_read),
        TEST(a_link_to_another_folder_is_followed),
        TEST(a_broken_one_is_told_once_and_the_old_one_stays),
        TEST(so_is_one_that_is_gone),
        TEST(a_file_that_keeps_changing_is_not_read),
        TEST(programs_stay_what_they_were),
#ifndef __SANITIZE_ADDRESS__
        TEST(what_is_not_in_use_takes_no_memory),
#endif
        TEST(it_looks_a_few_times_a_second),
        TEST(without_lookups_it_is_never_woken),
        TEST(at_the_start_each_file_has_to_be_good),
        TEST(a_variable_needs_a_name_of_its_own),
        TEST(what_no_program_mentions_is_a_warning),
        TEST(what_is_not_there_is_a_mistake_as_ever),
        TEST(in_front_of_windows_there_are_none),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
