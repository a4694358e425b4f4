/* What a ledger says, line by line. */
#include "unit.h"

#include <fcntl.h>
#include <zlib.h>

#include "ledger.h"

struct ledger_file {
    char path[32];
    struct pf_ledger *ledger;
    char text[65536];
};

static int make(void **state)
{
    struct ledger_file *f = calloc(1, sizeof *f);

    strcpy(f->path, "/tmp/ledger-test-XXXXXX");
    close(mkstemp(f->path));
    *state = f;
    return pf_ledger_open(f->path, &f->ledger, NULL);
}

static int clean(void **state)
{
    struct ledger_file *f = *state;

    unlink(f->path);
    free(f);
    return 0;
}

/* Close the ledger, and read it with times as T. */
static const char *lines(struct ledger_file *f)
{
    char raw[sizeof f->text], *out = f->text;
    int fd;
    ssize_t n;

    pf_ledger_close(f->ledger);
    fd = open(f->path, O_RDONLY);
    n = read(fd, raw, sizeof raw - 1);
    close(fd);
    assert_true(n >= 0);
    raw[n] = '\0';
    for (char *in = raw; *in;) {
        size_t digits = strspn(in, "0123456789");

        if (digits >= 19) {
            *out++ = 'T';
            in += digits;
        } else {
            *out++ = *in++;
        }
    }
    *out = '\0';
    return f->text;
}

static struct pf_record record(int64_t number, const char *value)
{
    return (struct pf_record){.offset = number,
                              .value = value,
                              .value_len = value ? strlen(value) : 0};
}

static void fate(struct pf_ledger *ledger, enum pf_fate what, uint64_t number,
                 int64_t offset, const char *reason)
{
    pf_ledger_fate(
        ledger, number,
        &(struct pf_report){.fate = what, .offset = offset, .reason = reason});
}

/* Record number is in that partition. */
static void arrive(struct pf_ledger *ledger, uint64_t number, int32_t partition,
                   int64_t offset)
{
    pf_ledger_fate(ledger, number,
                   &(struct pf_report){
                       .partition = partition, .offset = offset, .reason = ""});
}

static void neighbours_of_one_fate_share_a_line(void **state)
{
    struct ledger_file *f = *state;

    fate(f->ledger, PF_ACKED, 5, 105, "");
    fate(f->ledger, PF_ACKED, 6, 106, "");
    fate(f->ledger, PF_ACKED, 7, 108, ""); /* a hole in the topic */
    fate(f->ledger, PF_ACKED, 9, 109, ""); /* one in the numbers */
    fate(f->ledger, PF_ACKED, 10, -1, "");
    fate(f->ledger, PF_ACKED, 11, -1001, "");
    fate(f->ledger, PF_FAILED, 12, -1, "_PURGE_QUEUE");
    fate(f->ledger, PF_FAILED, 13, -1, "_PURGE_QUEUE");
    fate(f->ledger, PF_FAILED, 14, -1, "_MSG_TIMED_OUT");
    fate(f->ledger, PF_UNKNOWN, 15, -1, "_MSG_TIMED_OUT");
    assert_string_equal(lines(f), "acked 5 2 105 T\nacked 7 1 108 T\n"
                                  "acked 9 1 109 T\nacked 10 2 -1 T\n"
                                  "failed 12 2 _PURGE_QUEUE\n"
                                  "failed 14 1 _MSG_TIMED_OUT\n"
                                  "unknown 15 1 _MSG_TIMED_OUT\nend T\n");
}

static void where_keys_decide_each_partition_has_its_lines(void **state)
{
    struct ledger_file *f = *state;

    pf_ledger_run(f->ledger, "r", "t", PF_BY_KEY, 5, NULL);
    arrive(f->ledger, 5, 3, 100);
    arrive(f->ledger, 8, 3, 101);
    arrive(f->ledger, 12, 3, 102);
    arrive(f->ledger, 6, 0, 103);   /* another partition */
    arrive(f->ledger, 7, 0, 105);   /* a hole */
    arrive(f->ledger, 9, 0, -1001); /* librdkafka's OFFSET_INVALID */
    arrive(f->ledger, 18446744073709551615u, 0, -1);
    fate(f->ledger, PF_FAILED, 10, -1, "_PURGE_QUEUE");
    fate(f->ledger, PF_FAILED, 11, -1, "_PURGE_QUEUE");
    arrive(f->ledger, 13, 0, 106);
    assert_string_equal(lines(f), "run r topic t partition by-key first 5 "
                                  "time T\n"
                                  "arrived 3 100 T 3 5,8,12\n"
                                  "arrived 0 103 T 1 6\narrived 0 105 T 1 7\n"
                                  "arrived 0 -1 T 2 9,T\n"
                                  "failed 10 2 _PURGE_QUEUE\n"
                                  "arrived 0 106 T 1 13\nend T\n");
}

static void a_line_of_any_length_has_all_its_numbers(void **state)
{
    struct ledger_file *f = *state;
    uint64_t number = 1000000, all = 0;
    int64_t offset = 0;
    const char *text;

    pf_ledger_run(f->ledger, "r", "t", PF_BY_KEY, 0, NULL);
    for (int i = 0; i < 3000; i++)
        arrive(f->ledger, number + (uint64_t)i * 7, 1, i);
    text = strchr(lines(f), '\n') + 1;
    while (!strncmp(text, "arrived ", 8)) {
        uint64_t count, before = all;
        char *end;

        assert_true(strcspn(text, "\n") < 9000);
        assert_int_equal(strtol(text + 10, &end, 10), offset);
        count = strtoull(end + 3, &end, 10); /* after the time */
        text = end;
        do {
            assert_int_equal(strtoull(text + 1, &end, 10), number + all++ * 7);
            text = end;
            offset++;
        } while (*text == ',');
        assert_int_equal(all - before, count);
        text++;
    }
    assert_int_equal(all, 3000);
    assert_string_equal(text, "end T\n");
}

static void records_are_entered_with_their_sums(void **state)
{
    struct ledger_file *f = *state;
    const struct pf_record records[] = {record(7, "abc"), record(8, NULL),
                                        record(9, "")};
    char expected[100];

    assert_int_equal(pf_ledger_run(f->ledger, "r", "t", 2, 7, NULL), PF_OK);
    assert_int_equal(pf_ledger_enter(f->ledger, records, 3, NULL), PF_OK);
    pf_ledger_taken(f->ledger, 3);
    snprintf(expected, sizeof expected,
             "run r topic t partition 2 first 7 time T\n"
             "sent 7 3 T %08lx,-,00000000\nend T\n",
             crc32(0, (const unsigned char *)"abc", 3));
    assert_string_equal(lines(f), expected);
}

static void what_is_offered_again_is_entered_once(void **state)
{
    struct ledger_file *f = *state;
    const struct pf_record records[] = {record(0, ""), record(1, ""),
                                        record(2, ""), record(3, "")};

    pf_ledger_enter(f->ledger, records, 3, NULL);
    pf_ledger_taken(f->ledger, 1);
    pf_ledger_enter(f->ledger, records + 1, 1, NULL);
    pf_ledger_taken(f->ledger, 0);
    pf_ledger_enter(f->ledger, records + 1, 3, NULL);
    pf_ledger_taken(f->ledger, 3);
    assert_string_equal(lines(f), "sent 0 3 T 00000000,00000000,00000000\n"
                                  "sent 3 1 T 00000000\nend T\n");
}

static void what_was_entered_and_never_taken_has_failed(void **state)
{
    struct ledger_file *f = *state;
    const struct pf_record records[] = {record(4, ""), record(5, ""),
                                        record(6, "")};

    pf_ledger_enter(f->ledger, records, 3, NULL);
    pf_ledger_taken(f->ledger, 1);
    fate(f->ledger, PF_ACKED, 4, 0, "");
    assert_string_equal(lines(f), "sent 4 3 T 00000000,00000000,00000000\n"
                                  "acked 4 1 0 T\nfailed 5 2 not-sent\n"
                                  "end T\n");
}

static void a_full_disk_is_not_success(void **state)
{
    struct pf_record r = record(0, "");
    struct pf_ledger *ledger;
    struct pf_error err;

    (void)state;
    assert_int_equal(pf_ledger_open("/dev/full", &ledger, &err), PF_OK);
    assert_int_equal(pf_ledger_enter(ledger, &r, 1, &err), PF_IO);
    assert_string_equal(err.text,
                        "the ledger /dev/full: No space left on device");
    /* Of fates it is said at the flush, even if another one has begun. */
    fate(ledger, PF_ACKED, 0, 0, "");
    fate(ledger, PF_FAILED, 1, -1, "x");
    assert_int_equal(pf_ledger_flush(ledger, &err), PF_IO);
    assert_int_equal(pf_ledger_flush(ledger, &err), PF_IO);
    pf_ledger_close(ledger);
}

static void no_ledger_takes_everything(void **state)
{
    struct pf_ledger *none = (struct pf_ledger *)state;
    struct pf_record r = record(0, "");

    assert_int_equal(pf_ledger_open("", &none, NULL), PF_OK);
    assert_null(none);
    assert_int_equal(pf_ledger_run(none, "r", "t", 0, 0, NULL), PF_OK);
    assert_int_equal(pf_ledger_enter(none, &r, 1, NULL), PF_OK);
    pf_ledger_taken(none, 1);
    fate(none, PF_ACKED, 0, 0, "");
    assert_int_equal(pf_ledger_flush(none, NULL), PF_OK);
    pf_ledger_close(none);
}

int main(void)
{
#define WITH_FILE(test) cmocka_unit_test_setup_teardown(test, make, clean)
    const struct CMUnitTest tests[] = {
        WITH_FILE(neighbours_of_one_fate_share_a_line),
        WITH_FILE(where_keys_decide_each_partition_has_its_lines),
        WITH_FILE(a_line_of_any_length_has_all_its_numbers),
        WITH_FILE(records_are_entered_with_their_sums),
        WITH_FILE(what_is_offered_again_is_entered_once),
        WITH_FILE(what_was_entered_and_never_taken_has_failed),
        cmocka_unit_test(a_full_disk_is_not_success),
        cmocka_unit_test(no_ledger_takes_everything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
