/* Templates: what they are given, what becomes of their results, and the source
 * of their records. */
#include "unit.h"

#include <poll.h>

#include "clock.h"
#include "template_source.h"

#define START_US INT64_C(1793577600000000) /* 2026-11-02T00:00:00Z */

static const struct pf_metric metric = {
    "next_due_ns", "When the next record is due.", PF_GAUGE, PF_UNIT_MOMENT};

static char path[] = "/tmp/pf-template-XXXXXX";
static struct pf_stats *stats;
static struct pf_source *source;
static struct pf_batch batch; /* the last one, and how many of it were used */
static size_t taken;
static struct pf_error error;

static int begin(void **state)
{
    int fd = mkstemp(path);

    (void)state;
    if (fd < 0 || close(fd))
        return -1;
    return (int)pf_stats_open("", &metric, 1, &stats, NULL);
}

static int end(void **state)
{
    (void)state;
    pf_stats_close(stats);
    return unlink(path);
}

static int close_source(void **state)
{
    (void)state;
    pf_source_close(source);
    source = NULL;
    return 0;
}

/* Any feed of tests, at full speed, of this program. */
static struct pf_template_feed feed_of(const char *program)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(program, file);
    assert_int_equal(fclose(file), 0);
    return (struct pf_template_feed){
        .template = {.file = path, .key = "", .seed = 1, .n_random = 2},
        .start_us = START_US,
        .start = {.value_max = 1000, .stats = stats}};
}

static void open_feed(const struct pf_template_feed *feed)
{
    pf_source_close(source);
    source = NULL;
    batch.n = taken = 0;
    error.text[0] = '\0';
    if (pf_template_source_open(feed, &source, &error))
        fail_msg("%s", error.text);
}

static void open_program(const char *program)
{
    struct pf_template_feed feed = feed_of(program);

    open_feed(&feed);
}

static enum pf_rc read_batch(int timeout_ms, struct pf_batch *ret)
{
    return source->ops->read(source, timeout_ms, ret, &error);
}

/* The next record, whatever batches they come in. */
static const struct pf_record *next_record(void)
{
    while (taken == batch.n) {
        enum pf_rc rc = read_batch(1000, &batch);

        if (rc && rc != PF_AGAIN)
            fail_msg("%s", error.text);
        taken = 0;
    }
    return &batch.records[taken++];
}

/* The next n records, each on a line: its key, if it has one, and its value. */
static const char *read_lines(size_t n)
{
    static struct pf_buffer lines;

    lines.n = 0;
    while (n--) {
        const struct pf_record *r = next_record();

        if (r->key)
            pf_buffer_printf(&lines, "%.*s ", (int)r->key_len,
                             (const char *)r->key);
        pf_buffer_put(&lines, r->value, r->value_len);
        pf_buffer_text(&lines, "\n");
    }
    pf_buffer_put(&lines, "", 1);
    return lines.at;
}

static void a_template_is_given_the_same_on_every_machine(void **state)
{
    (void)state;
    open_program(".");
    assert_string_equal(read_lines(3),
                        "{\"seq\":0,\"time\":1793577600,"
                        "\"random\":[0.849424158,0.870564846]}\n"
                        "{\"seq\":1,\"time\":1793577600.001,"
                        "\"random\":[0.692990056,0.745529047]}\n"
                        "{\"seq\":2,\"time\":1793577600.002,"
                        "\"random\":[0.915079454,0.92186966]}\n");
}

static void more_random_numbers_leave_the_first_as_they_are(void **state)
{
    struct pf_template_feed feed = feed_of(".random[:2]");
    char few[1000];

    (void)state;
    open_feed(&feed);
    strcpy(few, read_lines(20));
    feed.template.n_random = 100;
    open_feed(&feed);
    assert_string_equal(read_lines(20), few);
    feed.template.n_random = 0;
    open_feed(&feed);
    assert_string_equal(read_lines(2), "[]\n[]\n");
}

static void random_numbers_are_uniform_and_independent(void **state)
{
    enum { DRAWS = 100000, PARTS = 10 };
    int alone[PARTS] = {0}, pairs[PARTS * PARTS] = {0},
        following[PARTS * PARTS] = {0}, before = 0;

    (void)state;
    for (uint64_t seq = 0; seq < DRAWS; seq++) {
        uint32_t a = pf_template_random(7, seq, 0),
                 b = pf_template_random(7, seq, 1);
        int part = (int)(a / (1000000000 / PARTS));

        assert_in_range(a, 0, 999999999);
        alone[part]++;
        pairs[part * PARTS + (int)(b / (1000000000 / PARTS))]++;
        following[before * PARTS + part]++;
        before = part;
    }
    /* Within five standard deviations; the seed is fixed. */
    for (size_t i = 0; i < PARTS; i++)
        assert_in_range(alone[i], 10000 - 475, 10000 + 475);
    for (size_t i = 0; i < COUNT(pairs); i++) {
        assert_in_range(pairs[i], 1000 - 158, 1000 + 158);
        assert_in_range(following[i], 1000 - 158, 1000 + 158);
    }
}

static void
a_string_is_the_value_and_anything_else_is_compact_json(void **state)
{
    static const struct {
        const char *program, *value;
    } cases[] = {
        {"{b: 1, a: [true, null, \"x\\ny\"]}",
         "{\"b\":1,\"a\":[true,null,\"x\\ny\"]}\n"},
        {"\"{\\\"cut\\\": \"", "{\"cut\": \n"},
        {"\"\"", "\n"},
        {"{a: .seq} | tojson", "{\"a\":0}\n"},
        {"null", "null\n"},
        {".seq", "0\n"},
        {"\"Zo\\u00eb\"", "Zo\xc3\xab\n"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        open_program(cases[i].program);
        assert_string_equal(read_lines(1), cases[i].value);
    }
}

static void a_member_of_the_value_is_the_key(void **state)
{
    static const struct {
        const char *key, *program, *line;
    } cases[] = {
        {"id", "{id: \"a\\\"b\"}", "a\"b {\"id\":\"a\\\"b\"}\n"},
        {"id", "{id: 12.5}", "12.5 {\"id\":12.5}\n"},
        {"id", "{id: [1]}", "[1] {\"id\":[1]}\n"},
        {"id", "{id: false}", "false {\"id\":false}\n"},
        {"id", "{id: \"\"}", " {\"id\":\"\"}\n"}, /* an empty key is one */
        {"id", "{id: null}", "{\"id\":null}\n"},
        {"id", "{no: 1}", "{\"no\":1}\n"},
        {"id", "[1]", "[1]\n"},
        {"id", "{id: 1} | tojson", "{\"id\":1}\n"},
        {"user.id", "{user: {id: 7}}", "7 {\"user\":{\"id\":7}}\n"},
        {"user.id", "{user: 7}", "{\"user\":7}\n"},
        {"/a.b/1", "{\"a.b\": [5, 6]}", "6 {\"a.b\":[5,6]}\n"},
        {"a.2", "{a: [5, 6]}", "{\"a\":[5,6]}\n"},
        {"", "{id: 1}", "{\"id\":1}\n"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pf_template_feed feed = feed_of(cases[i].program);

        feed.template.key = cases[i].key;
        open_feed(&feed);
        assert_string_equal(read_lines(1), cases[i].line);
    }
}

static void records_from_any_number_on_are_those_of_a_whole_run(void **state)
{
    struct pf_template_feed feed = feed_of("[.seq, .time, .random[]]");
    char whole[100000], *rest = whole;
    const struct pf_record *record;

    (void)state;
    feed.rate = 1e7; /* fast, and the times have it */
    open_feed(&feed);
    strcpy(whole, read_lines(1500));
    for (int i = 0; i < 500; i++)
        rest = strchr(rest, '\n') + 1;

    feed.start.first = 500;
    feed.start.at_once = 2000;
    feed.start.partition = 3;
    open_feed(&feed);
    assert_string_equal(read_lines(1000), rest);

    record = next_record();
    assert_int_equal(record->offset, 1500);
    assert_int_equal(record->partition, 3);
    assert_int_equal(record->timestamp, -1);
    assert_int_equal(batch.ticket, batch.records[batch.n - 1].offset + 1);
}

static void times_are_those_of_the_rate(void **state)
{
    struct pf_template_feed feed = feed_of(".time");

    (void)state;
    feed.rate = 1e7;
    feed.start.first = 29999990;
    open_feed(&feed);
    assert_string_equal(read_lines(1), "1793577602.999\n");

    feed = feed_of("[.time, (.time | todate)]");
    feed.rate = 8;
    feed.start.first = 9;
    open_feed(&feed);
    assert_string_equal(read_lines(1),
                        "[1793577601.125,\"2026-11-02T00:00:01Z\"]\n");

    /* There is no date after that. */
    feed.rate = 5e-324;
    open_feed(&feed);
    assert_string_equal(read_lines(1),
                        "[253402300799.999,\"9999-12-31T23:59:59Z\"]\n");
}

/* The time of the next record, in milliseconds. */
static int64_t next_time(void)
{
    return strtoll(next_record()->value, NULL, 10);
}

static void live_times_are_those_at_which_records_are_due(void **state)
{
    struct pf_template_feed feed = feed_of("\"\\(.time * 1000 | round) \"");
    int64_t before, first, second;

    (void)state;
    feed.live = true;
    feed.rate = 5;
    before = pf_wall_ns() / 1000000;
    open_feed(&feed);
    first = next_time();
    assert_in_range(first, before, pf_wall_ns() / 1000000);
    second = next_time();
    assert_in_range(second, first + 199, pf_wall_ns() / 1000000);

    /* The first with a pace is due now, whichever it is; and a day earlier. */
    feed.start.first = 1000000;
    feed.move_us = INT64_C(-86400000000);
    before = pf_wall_ns() / 1000000;
    open_feed(&feed);
    first = next_time() + 86400000;
    assert_in_range(first, before, pf_wall_ns() / 1000000);

    /* Without a rate, when they are made. */
    feed.rate = 0;
    feed.move_us = 0;
    feed.start.count = feed.start.first + 1;
    before = pf_wall_ns() / 1000000;
    open_feed(&feed);
    first = next_time();
    assert_in_range(first, before, pf_wall_ns() / 1000000);
}

static void records_come_at_their_rate_up_to_their_count(void **state)
{
    struct pf_template_feed feed = feed_of(".seq");
    int64_t begin = pf_now_ms();
    size_t n = 0;
    enum pf_rc rc;

    (void)state;
    feed.rate = 1000;
    feed.start.count = 101;
    open_feed(&feed);
    while ((rc = read_batch(1000, &batch)) != PF_END) {
        assert_true(rc == PF_OK || rc == PF_AGAIN);
        n += batch.n;
    }
    assert_int_equal(n, 101);
    assert_in_range(pf_now_ms() - begin, 100, 900);
}

/* The record after these is not made, and the next time neither. */
static void assert_ends_after(size_t n, enum pf_rc wanted, const char *sentence)
{
    if (n)
        read_lines(n);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(read_batch(0, &batch), wanted);
        assert_int_equal(batch.n, 0);
        assert_contains(error.text, sentence);
        assert_contains(error.text, path);
    }
}

static void
a_record_that_cannot_be_made_ends_it_behind_those_before(void **state)
{
    static const struct {
        const char *program, *sentence;
        enum pf_rc rc;
    } cases[] = {
        {"if .seq == 7 then error(\"why\\n\\u001b\") else . end",
         ": seq 7: why\\n\\x1b", PF_FORMAT},
        {"if .seq == 7 then .a.b[0] = 1 | .a[0] else . end",
         ": seq 7: Cannot index object with number", PF_FORMAT},
        {"if .seq == 7 then empty else . end", ": seq 7: it has no result",
         PF_FORMAT},
        {"if .seq == 7 then 1, 2 else . end",
         ": seq 7: it has more than one result", PF_FORMAT},
        {"if .seq == 7 then [range(1000)] else . end",
         ": seq 7: 3891 bytes with its key are more than the 1000 that can be "
         "sent (message.max.bytes)",
         PF_RANGE},
        {"if .seq == 7 then reduce range(300) as $i (1; [.]) else . end",
         ": seq 7: a result is nested more than 256 deep", PF_RANGE},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        open_program(cases[i].program);
        assert_ends_after(7, cases[i].rc, cases[i].sentence);
    }
}

static void a_template_that_does_not_end_is_stopped(void **state)
{
    (void)state;
    open_program("def f: f; f");
    assert_ends_after(0, PF_RANGE,
                      ": seq 0: it takes more than 1000 ms of processor time");
}

static void a_batch_ends_before_it_takes_long_or_much(void **state)
{
    struct pf_template_feed feed = feed_of("\"x\" * 100000");

    (void)state;
    feed.start.value_max = 1000000;
    open_feed(&feed);
    assert_int_equal(read_batch(0, &batch), PF_OK);
    assert_in_range(batch.n, 1, 11);

    /* Some 10 ms each. */
    feed = feed_of("reduce range(20000) as $i (0; . + $i)");
    open_feed(&feed);
    assert_int_equal(read_batch(0, &batch), PF_OK);
    assert_in_range(batch.n, 1, 300);
}

static void a_mistake_is_named_with_file_and_line(void **state)
{
    static const struct {
        const char *program, *sentence;
    } cases[] = {
        {"# a comment\n{seq,\n time: }\n", ":3: syntax error"},
        {"{\n a: nope\n}", ":2: nope/0 is not defined"},
        {" # nothing\n", ": there is no program in it"},
        {".a | $record", ": it mentions $record, which a template does not"},
        {"input", ": input is not for records"},
        {"{at: now}", ": now is not for records: the same record has to have "
                      "the same result again"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pf_template_feed feed = feed_of(cases[i].program);
        char wanted[200];

        assert_int_equal(pf_template_source_open(&feed, &source, &error),
                         PF_CONFIG);
        assert_null(source);
        snprintf(wanted, sizeof wanted, "%s%s", path, cases[i].sentence);
        assert_contains(error.text, wanted);
    }
}

static void a_wrong_path_of_the_key_is_refused(void **state)
{
    struct pf_template_feed feed = feed_of(".");

    (void)state;
    feed.template.key = "a..b";
    assert_int_equal(pf_template_source_open(&feed, &source, &error),
                     PF_FORMAT);
    assert_contains(error.text, "'a..b' has an empty name");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_teardown(name, close_source)
        TEST(a_template_is_given_the_same_on_every_machine),
        TEST(more_random_numbers_leave_the_first_as_they_are),
        TEST(random_numbers_are_uniform_and_independent),
        TEST(a_string_is_the_value_and_anything_else_is_compact_json),
        TEST(a_member_of_the_value_is_the_key),
        TEST(records_from_any_number_on_are_those_of_a_whole_run),
        TEST(times_are_those_of_the_rate),
        TEST(live_times_are_those_at_which_records_are_due),
        TEST(records_come_at_their_rate_up_to_their_count),
        TEST(a_record_that_cannot_be_made_ends_it_behind_those_before),
        TEST(a_template_that_does_not_end_is_stopped),
        TEST(a_batch_ends_before_it_takes_long_or_much),
        TEST(a_mistake_is_named_with_file_and_line),
        TEST(a_wrong_path_of_the_key_is_refused),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
