/* Streams with exactly one defect, and exactly that is found. */
#include "audit_test.h"

static void nothing_is_wrong_with_a_clean_feed(void **state)
{
    struct world *w = *state;

    recs(w, 0, 10);
    recs(w, 10, 30);
    prints(w, 0, 30);
    say_run(w, "r1", 0);
    say_sent(w, 0, 10);
    say_sent(w, 10, 30);
    say_acked(w, 0, 30, 0);
    say(w, "end 9\n");
    expect(w, "");
    assert_int_equal(w->check.printed, 30);
    assert_int_equal(w->book.n_ended[PF_END_ACKED], 30);
    assert_int_equal(w->book.answers.max, 2000);
}

static void a_hole_in_the_numbers_is_a_loss(void **state)
{
    struct world *w = *state;

    recs(w, 1, 10); /* the first number of a run is 0 */
    recs(w, 11, 20);
    recs(w, 23, 30);
    expect(w, "lost 0\nlost 10\nlost 20\nlost 21\nlost 22\n");
}

static void what_was_before_the_beginning_is_not_a_loss(void **state)
{
    struct world *w = *state;

    w->offset = w->topic.slices.at[0].start =
        500; /* retention has removed the rest */
    recs(w, 100, 110);
    say_run(w, "r1", 0);
    say_sent(w, 0, 110);
    say_acked(w, 0, 110, 400);
    expect(w, "");
    assert_int_equal(w->check.not_judged, 100);
}

static void numbers_of_others_may_begin_anywhere(void **state)
{
    struct world *w = *state;

    w->feed.from_zero = false;
    recs(w, 7, 10);
    recs(w, 11, 20);
    expect(w, "lost 10\n");
}

static void what_was_acknowledged_and_is_not_there_is_a_loss(void **state)
{
    struct world *w = *state;

    recs(w, 0, 10);
    say_run(w, "r1", 0);
    say_sent(w, 0, 12);
    say_acked(w, 0, 11, 0); /* 11 is under way: unknown */
    expect(w, "lost 10\n");
    assert_int_equal(w->check.unknown_absent, 1);
}

static void what_was_acknowledged_since_is_not_a_loss(void **state)
{
    struct world *w = *state;

    w->check.read_ns = 2999; /* acknowledged at 3000 */
    recs(w, 0, 10);
    say_run(w, "r1", 0);
    say_sent(w, 0, 12);
    say_acked(w, 0, 12, 0);
    expect(w, "");
    assert_int_equal(w->check.not_judged, 2);
}

static void a_record_that_is_there_twice_is_a_duplicate(void **state)
{
    struct world *w = *state;

    recs(w, 0, 10);
    rec(w, 9);
    recs(w, 10, 20);
    recs(w, 15, 18); /* not the last ones */
    recs(w, 20, 30);
    rec(w, 0);
    rec(w, 0);
    recs(w, 30, 40);
    expect(w, "duplicate 0\nduplicate 0\nduplicate 9\nduplicate 15\n"
              "duplicate 16\nduplicate 17\n");
}

static void a_record_that_comes_too_late_is_reordered_and_not_lost(void **state)
{
    struct world *w = *state;

    rec(w, 1); /* even the very first */
    rec(w, 0);
    recs(w, 2, 10);
    rec(w, 11);
    rec(w, 10);
    recs(w, 12, 20);
    recs(w, 25, 30);
    recs(w, 20, 25);
    recs(w, 30, 40);
    expect(w, "reordered 0\nreordered 10\nreordered 20\nreordered 21\n"
              "reordered 22\nreordered 23\nreordered 24\n");
}

static void a_value_that_is_not_a_price_is_altered(void **state)
{
    static const char *const values[] = {
        NULL,
        "",
        "{\"match\": 123, \"pri",
        "{\"match\": \"123\", \"price\": 4.56}",
        "{\"match\": 123}",
        "{\"match\": 123, \"price\": 99999.99}",
        "{\"match\": 1, \"price\": 4.56}",
    };
    struct world *w = *state;

    recs(w, 0, 10);
    for (size_t i = 0; i < COUNT(values); i++)
        put(w, NULL, NULL, NULL, values[i]);
    recs(w, 17, 20);
    expect(w, "altered 10\naltered 11\naltered 12\naltered 13\naltered 14\n"
              "altered 15\naltered 16\n");
}

static void any_value_will_do_if_one_says_so(void **state)
{
    struct world *w = *state;

    w->feed.any_values = 1;
    recs(w, 0, 10);
    put(w, NULL, NULL, NULL, "anything");
    put(w, NULL, NULL, NULL, NULL); /* has no line */
    recs(w, 12, 20);
    prints(w, 0, 10);
    print(w, "anything");
    prints(w, 12, 20);
    expect(w, "");
}

static void other_bytes_than_were_sent_are_altered(void **state)
{
    struct world *w = *state;

    recs(w, 0, 5);
    put(w, NULL, NULL, NULL, value(77)); /* a price, but not that one */
    recs(w, 6, 10);
    say_run(w, "r1", 0);
    say_sent(w, 0, 10);
    say_acked(w, 0, 10, 0);
    expect(w, "altered 5\n");
}

static void a_record_that_was_never_sent_is_a_phantom(void **state)
{
    struct world *w = *state;

    recs(w, 0, 11);
    say_run(w, "r1", 0);
    say_sent(w, 0, 10);
    say_acked(w, 0, 10, 0);
    expect(w, "phantom 10\n");
}

static void a_record_that_certainly_failed_is_a_phantom(void **state)
{
    struct world *w = *state;

    recs(w, 0, 10);
    say_run(w, "r1", 0);
    say_sent(w, 0, 10);
    say_acked(w, 0, 4, 0);
    say(w, "failed 4 1 _MSG_TIMED_OUT\n");
    say_acked(w, 5, 10, 0);
    expect(w, "phantom 4\n");
}

static void a_record_that_failed_is_not_a_loss(void **state)
{
    struct world *w = *state;

    recs(w, 0, 4);
    recs(w, 6, 10);
    say_run(w, "r1", 0);
    say_sent(w, 0, 10);
    say_acked(w, 0, 4, 0);
    say(w, "failed 4 1 _MSG_TIMED_OUT\nunknown 5 1 _MSG_TIMED_OUT\n");
    say_acked(w, 6, 10, -2);
    expect(w, "");
    assert_int_equal(w->check.unknown_absent, 1);
}

/* Somebody else writes to the topic, without headers. */
static void put_strangers(struct world *w)
{
    recs(w, 0, 10);
    put(w, NULL, NULL, NULL, value(555));
    recs(w, 10, 20);
    for (int i = 0; i < 3; i++)
        put(w, NULL, NULL, NULL, value(600 + (uint64_t)i));
    recs(w, 20, 30);
}

static void a_stranger_is_a_phantom_by_the_headers(void **state)
{
    struct world *w = *state;

    put_strangers(w);
    expect(w, "phantom 10\nphantom 20\nphantom 21\nphantom 22\n");
}

static void a_stranger_is_a_phantom_by_the_ledger(void **state)
{
    struct world *w = *state;

    put_strangers(w);
    say_run(w, "r1", 0);
    say_sent(w, 0, 30);
    say_acked(w, 0, 10, 0);
    say_acked(w, 10, 20, 1);
    say_acked(w, 20, 30, 4);
    expect(w, "phantom 10\nphantom 20\nphantom 21\nphantom 22\n");
}

static void two_values_for_one_number_are_a_conflict(void **state)
{
    struct world *w = *state;

    recs(w, 0, 10);
    put(w, "r1", "5", NULL, value(77));
    recs(w, 10, 20);
    expect(w, "conflict 5\n");
}

static void another_offset_than_acknowledged_is_a_conflict(void **state)
{
    struct world *w = *state;

    recs(w, 0, 10);
    say_run(w, "r1", 0);
    say_sent(w, 0, 10);
    say_acked(w, 0, 9, 0);
    say(w, "acked 9 1 3 3000\n");
    expect(w, "conflict 9\n");
}

/* No offset that the topic gives may be below one that it gave before. */
static void
a_record_in_front_of_what_was_acknowledged_before_is_backwards(void **state)
{
    struct world *w = *state;

    put(w, "r2", "0", NULL, value(0));
    put(w, "r2", "1", NULL, value(1));
    recs(w, 0, 10);
    say_run(w, "r1", 0);
    say_sent(w, 0, 10);
    say(w, "acked 0 10 2 3000\n");
    say_run(w, "r2", 0);
    say_sent(w, 0, 2);
    say(w, "acked 0 2 0 3000\n");
    expect(w, "backwards 0\nbackwards 1\n");
}

static void what_was_under_way_together_is_not_backwards(void **state)
{
    struct world *w = *state;

    recs(w, 0, 10);
    say_run(w, "r1", 0);
    say_sent(w, 0, 5);
    say_sent(w, 5, 10);
    say(w, "acked 5 5 5 3000\n");
    say(w, "acked 0 5 0 3000\n");
    expect(w, "");
}

static void an_unknown_offset_is_not_a_conflict(void **state)
{
    struct world *w = *state;

    recs(w, 0, 10);
    say_run(w, "r1", 0);
    say_sent(w, 0, 10);
    say(w, "acked 0 10 -1 3000\n");
    expect(w, "");
}

/* The first number again, with another value. */
static void begin_again(struct world *w, uint64_t n)
{
    put(w, "r1", "0", NULL, value(300 + n));
    for (uint64_t i = 1; i < n; i++)
        put(w, NULL, NULL, NULL, value(300 + n + i));
}

static void numbers_that_start_again_are_a_reset_and_count_on(void **state)
{
    struct world *w = *state;

    recs(w, 0, 100);
    begin_again(w, 50);
    put(w, "r1", "51", NULL, value(7)); /* 50 is lost: 150 in all */
    begin_again(w, 20);
    put(w, "r1", "5", NULL, value(325)); /* 100 + 52 + 5 */
    expect(w, "reset 100\nlost 150\nreset 152\nduplicate 157\n");
}

static void a_ledger_with_a_reset_agrees_with_the_topic(void **state)
{
    struct world *w = *state;

    recs(w, 0, 20);
    put(w, "r1", "0", NULL, value(500));
    put(w, "r1", "1", NULL, value(501));
    say_run(w, "r1", 0);
    say_sent(w, 0, 20);
    say(w, "sent 0 2 1000 %08lx,",
        crc32(0, (const void *)value(500), (uInt)strlen(value(500))));
    say(w, "%08lx\n",
        crc32(0, (const void *)value(501), (uInt)strlen(value(501))));
    say_acked(w, 0, 20, 0);
    say_acked(w, 0, 2, 20);
    say(w, "end 9\n");
    expect(w, "reset 20\n");
}

/* Record seq of r1, made that many ms before its timestamp. */
static void put_aged(struct world *w, uint64_t seq, int64_t age_ms)
{
    char number[24], made[24];

    snprintf(number, sizeof number, "%" PRIu64, seq);
    snprintf(made, sizeof made, "%" PRId64, (w->now_ms - age_ms) * 1000000);
    put(w, "r1", number, made, value(seq));
}

static void a_record_that_was_held_is_late_and_not_lost(void **state)
{
    struct world *w = *state;

    w->feed.late_ms = 1000;
    for (uint64_t i = 0; i < 10; i++)
        put_aged(w, i, 1);
    w->now_ms += 1500;
    put_aged(w, 10, 1500);
    put_aged(w, 11, 1400); /* waited for it: the same finding */
    put_aged(w, 12, 999);
    put_aged(w, 13, 1000);
    recs(w, 14, 20);
    expect(w, "late 10\nlate 13\n");
    assert_int_equal(w->topic.late_records, 3);
}

static void a_long_gap_is_a_silence_unless_a_run_begins(void **state)
{
    struct world *w = *state;

    w->feed.silence_ms = 2000;
    recs(w, 0, 10);
    w->now_ms += 2500;
    put_aged(w, 10, 2400); /* held, but made in time */
    put_aged(w, 11, 0);    /* 2400 ms after that one */
    recs(w, 12, 20);
    w->now_ms += 1000;
    recs(w, 20, 30);
    w->now_ms += 5000;
    put(w, "r2", "0", NULL, value(0));
    expect(w, "silence 11\n");
}

static void headers_that_make_no_sense_are_counted_and_ignored(void **state)
{
    static const char *const numbers[] = {
        "",
        "-1",
        "x",
        "1 ",
        " 1",
        "+1",
        "1e3",
        "0x1",
        "99999999999999999999",
        "9223372036854775808",
        "1\n",
        "\033[2J",
    };
    char longest[70];
    struct world *w = *state;

    memset(longest, 'r', 65);
    longest[65] = '\0';
    recs(w, 0, 10);
    for (size_t i = 0; i < COUNT(numbers); i++)
        put(w, "r1", numbers[i], NULL, value(10 + i));
    put(w, longest, "22", NULL, value(22));
    put(w, "", "23", NULL, value(23));
    put(w, "\033[2J", "24", NULL, value(24));
    put(w, "r1", NULL, NULL, value(25)); /* a run, and no number */
    put(w, "r1", "26", "soon", value(26));
    longest[64] = '\0';
    put(w, longest, "0", NULL, value(0)); /* that long it may be */
    expect(w, "bad-header 10\nbad-header 11\nbad-header 12\nbad-header 13\n"
              "bad-header 14\nbad-header 15\nbad-header 16\nbad-header 17\n"
              "bad-header 18\nbad-header 19\nbad-header 20\nbad-header 21\n"
              "bad-header 22\nbad-header 23\nbad-header 24\nbad-header 25\n"
              "bad-header 26\n");
    assert_int_equal(w->topic.runs_seen, 2);
}

static void a_huge_number_costs_nothing(void **state)
{
    struct world *w = *state;

    recs(w, 0, 10);
    put(w, "r1", "9223372036854775807", NULL, value(10));
    put(w, NULL, NULL, NULL, value(11));
    assert_int_equal(check(w), PF_OK);
    assert_false(w->check.valid);
    assert_int_equal(w->check.findings.counts[PF_FOUND_LOST], INT64_MAX - 10);
    assert_int_equal(w->check.findings.list.n, 1);
}

static void a_restart_under_another_name_is_not_a_duplicate(void **state)
{
    struct world *w = *state;

    recs(w, 0, 10);
    put(w, "r2", "0", NULL, value(0));
    put(w, NULL, NULL, NULL, value(1));
    expect(w, "");
    assert_int_equal(w->topic.runs_seen, 2);
}

static void a_run_that_goes_on_after_a_kill_is_one_run(void **state)
{
    struct world *w = *state;

    recs(w, 0, 14);
    recs(w, 14, 30);
    say_run(w, "r1", 0);
    say_sent(w, 0, 20);
    say_acked(w, 0, 10, 0);
    say_run(w, "r1", 14); /* it saw 0 to 13 in the topic */
    say_sent(w, 14, 30);
    say_acked(w, 14, 30, 0);
    say(w, "end 9\n");
    expect(w, "");
    assert_int_equal(w->check.unknown_there, 4);
    assert_int_equal(w->check.unknown_absent, 6);
    assert_int_equal(w->book.killed_max, 10);
    assert_int_equal(w->topic.runs_seen, 1);
}

static void
a_dead_producers_request_that_arrives_later_is_a_duplicate(void **state)
{
    struct world *w = *state;

    recs(w, 0, 10);
    rec(w, 10);      /* of the new one */
    recs(w, 10, 13); /* of the dead one */
    say_run(w, "r1", 0);
    say_sent(w, 0, 13);
    say_acked(w, 0, 10, 0);
    say_run(w, "r1", 10);
    say_sent(w, 10, 11);
    say_acked(w, 10, 11, 0);
    say(w, "end 9\n");
    expect(w, "duplicate 10\n");
    assert_int_equal(w->check.unknown_there, 3);
}

static void of_unknown_fate_it_may_be_there_or_not(void **state)
{
    struct world *w = *state;

    recs(w, 0, 12);
    say_run(w, "r1", 0);
    say_sent(w, 0, 20);
    say_acked(w, 0, 10, 0);
    say(w, "unknown 10 5 _TIMED_OUT\n");
    expect(w, "");
    assert_int_equal(w->check.unknown_there, 2);
    assert_int_equal(w->check.unknown_absent, 8);
}

static void unknown_fate_with_others_after_it_is_a_loss(void **state)
{
    struct world *w = *state;

    recs(w, 0, 10);
    recs(w, 12, 30);
    say_run(w, "r1", 0);
    say_sent(w, 0, 20);
    say_acked(w, 0, 10, 0);
    say_run(w, "r1", 20);
    say_sent(w, 20, 30);
    say_acked(w, 20, 30, -2);
    expect(w, "lost 10\nlost 11\n");
}

static void an_end_without_all_fates_is_unaccounted(void **state)
{
    struct world *w = *state;

    recs(w, 0, 10);
    say_run(w, "r1", 0);
    say_sent(w, 0, 10);
    say_acked(w, 0, 9, 0);
    say(w, "end 9\n");
    expect(w, "unaccounted 0\n");
}

static void records_before_the_ledger_began_are_not_its_business(void **state)
{
    struct world *w = *state;

    put(w, "older", "0", NULL, value(0));
    recs(w, 0, 20);
    say_run(w, "r1", 10);
    say_sent(w, 10, 20);
    say_acked(w, 10, 20, 1);
    expect(w, "");
}

static void a_ledger_that_a_kill_has_cut_will_do(void **state)
{
    struct world *w = *state;

    recs(w, 0, 20);
    say_run(w, "r1", 0);
    say_sent(w, 0, 10);
    say(w, "acked 0 1\n"); /* cut, and the next writer has ended the line */
    say_run(w, "r1", 10);
    say_sent(w, 10, 20);
    say_acked(w, 10, 20, 0);
    say(w, "sent 20 3 1000 0123ab"); /* cut at the end */
    expect(w, "");
    assert_true(w->book.cut);
}

static void a_ledger_that_was_cut_otherwise_decides_nothing(void **state)
{
    struct world *w = *state;

    recs(w, 0, 20);
    say_run(w, "r1", 0);
    say_sent(w, 0, 10);
    say_acked(w, 0, 10, 0);
    say(w, "sent 10 10 1000 0123ab");
    assert_int_equal(check(w), PF_UNDECIDED);
    assert_contains(w->err.text, "ends in the middle of a line");
}

static void a_line_that_is_not_a_ledgers_is_named(void **state)
{
    static const struct {
        const char *text;
        enum pf_rc rc;
        const char *why;
    } cases[] = {
        {"sent 0 1 5 00000000\n", PF_FORMAT,
         "ledger:1: not a line that begins"},
        {"run a topic t partition 0 first 0\n", PF_FORMAT, "ledger:1: "},
        {"run a/b topic t partition 0 first 0 time 1\n", PF_FORMAT, ":1: "},
        {"run a topic u partition 0 first 0 time 1\n", PF_CONFIG,
         "the ledger of u [0], not of t [0]"},
        {"run a topic t partition 1 first 0 time 1\n", PF_CONFIG, "t [1]"},
        {"R\n", PF_FORMAT, "ledger:2: not a line of a ledger"},
        {"R\nRR", PF_FORMAT, "ledger:2: "},
        {"Rhello\n", PF_FORMAT, "ledger:2: "},
        {"Rsent 0 2 5 00000000\n", PF_FORMAT, "not as many sums"},
        {"Rsent 0 1 5 00000000,00000000\n", PF_FORMAT, "not as many sums"},
        {"Rsent 0 1 5 0000000G\n", PF_FORMAT, "not as many sums"},
        {"Rsent 0 0 5 \n", PF_FORMAT, "ledger:2: "},
        {"Rsent 0  1 5 00000000\n", PF_FORMAT, "ledger:2: "},
        {"Rsent 9223372036854775807 1 5 -\n", PF_FORMAT, "ledger:2: "},
        {"Racked 0 1 0 5\n", PF_RANGE,
         "ledger:2: record 0 is acked, but was not sent"},
        {"Rsent 0 1 5 -\nacked 0 1 0 5\nacked 0 1 0 5\n", PF_RANGE,
         "ledger:4: record 0"},
        {"Rsent 0 1 5 -\nacked 0 2 0 5\n", PF_RANGE, "record 1"},
        {"Rsent 0 1 5 -\nacked 0 1 -2 5\n", PF_FORMAT, "ledger:3: "},
        {"Rsent 0 1 5 -\nfailed 0 1\n", PF_FORMAT, "ledger:3: "},
        {"Rend 5\nsent 0 1 5 -\n", PF_FORMAT, "not a line that begins a run"},
        {"Rsent 0 1 5 -\nacked 0 1\nacked 0 1 0 5\n", PF_FORMAT, "ledger:3: "},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        static const char run[] = "run a topic t partition 0 first 0 time 1\n";
        const char *text = cases[i].text;
        struct world *w;

        (void)state;
        make_world((void **)&w);
        if (text[0] == 'R')
            say(w, "%s%s", run, text + 1);
        else
            say(w, "%s", text);
        assert_int_equal(read_ledger(w), cases[i].rc);
        assert_contains(w->err.text, cases[i].why);
        free_world((void **)&w);
    }
}

static void a_nul_or_no_text_at_all_is_not_a_ledger(void **state)
{
    struct world *w = *state;

    say_run(w, "r1", 0);
    fwrite("end\0 5\n", 1, 7, w->ledger_file);
    assert_int_equal(read_ledger(w), PF_FORMAT);
}

static void without_numbers_or_ledger_nothing_is_decided(void **state)
{
    struct world *w = *state;

    put(w, NULL, NULL, NULL, value(0));
    assert_int_equal(check(w), PF_UNDECIDED);
    assert_contains(w->err.text, "no record has a number");
}

static void an_empty_topic_decides_nothing(void **state)
{
    struct world *w = *state;

    assert_int_equal(check(w), PF_UNDECIDED);
    assert_contains(w->err.text, "has no records");
}

static void the_ledger_of_another_run_decides_nothing(void **state)
{
    struct world *w = *state;

    recs(w, 0, 10);
    say_run(w, "other", 0);
    say_sent(w, 0, 10);
    say_acked(w, 0, 10, 0);
    assert_int_equal(check(w), PF_UNDECIDED);
    assert_contains(w->err.text, "run other");
}

static void with_a_ledger_records_need_no_numbers(void **state)
{
    struct world *w = *state;

    for (uint64_t i = 0; i < 10; i++)
        if (i != 6)
            put(w, NULL, NULL, NULL, value(i == 3 ? 77 : i));
        else
            w->offset++;
    say_run(w, "r1", 0);
    say_sent(w, 0, 10);
    say_acked(w, 0, 10, 0);
    expect(w, "altered 3\nlost 6\n"); /* 3 is an offset */
}

/* Such as that of a producer that writes to the console. */
static void a_ledger_in_which_nothing_was_sent_says_nothing(void **state)
{
    struct world *w = *state;

    for (uint64_t i = 0; i < 10; i++)
        put(w, NULL, NULL, NULL, value(i));
    say_run(w, "r1", 0);
    say(w, "end 0\n");
    assert_int_equal(check(w), PF_UNDECIDED);
    assert_contains(w->err.text, "the ledger has none that was sent");
}

static void nothing_sent_is_nothing_in_the_topic(void **state)
{
    struct world *w = *state;

    say_run(w, "r1", 0);
    say(w, "end 0\n");
    expect(w, "");
}

/* Its run is known, though nothing else of it. */
static void what_is_of_a_run_whose_ledger_was_cut_decides_nothing(void **state)
{
    struct world *w = *state;

    recs(w, 0, 10);
    say_run(w, "r1", 0);
    say(w, "sent 0 10 1000 0123ab");
    assert_int_equal(check(w), PF_UNDECIDED);
    assert_contains(w->err.text, "ends in the middle of a line");
}

/* Only the offsets below 5 were read. */
static void
what_is_behind_the_end_that_was_asked_for_is_not_judged(void **state)
{
    struct world *w = *state;

    recs(w, 0, 5);
    say_run(w, "r1", 0);
    say_sent(w, 0, 12);
    say_acked(w, 0, 10, 0);
    say(w, "acked 10 2 -1 3000\n");
    w->check.end = 5;
    expect(w, "");
    assert_int_equal(w->check.not_judged, 7);
}

static void what_is_acknowledged_at_last_is_lost_if_it_is_absent(void **state)
{
    struct world *w = *state;

    recs(w, 0, 5);
    w->offset++;
    recs(w, 6, 10);
    say_run(w, "r1", 0);
    say_sent(w, 0, 6);
    say_acked(w, 0, 5, 0);
    say(w, "failed 5 1 not-sent\nend 5\n");
    say_run(w, "r1", 5);
    say_sent(w, 5, 10);
    say_acked(w, 5, 10, 0);
    say(w, "end 9\n");
    expect(w, "lost 5\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_world, free_world)
    const struct CMUnitTest tests[] = {
        TEST(what_is_acknowledged_at_last_is_lost_if_it_is_absent),
        TEST(nothing_is_wrong_with_a_clean_feed),
        TEST(a_hole_in_the_numbers_is_a_loss),
        TEST(what_was_before_the_beginning_is_not_a_loss),
        TEST(numbers_of_others_may_begin_anywhere),
        TEST(what_was_acknowledged_and_is_not_there_is_a_loss),
        TEST(what_was_acknowledged_since_is_not_a_loss),
        TEST(a_record_that_is_there_twice_is_a_duplicate),
        TEST(a_record_that_comes_too_late_is_reordered_and_not_lost),
        TEST(a_value_that_is_not_a_price_is_altered),
        TEST(any_value_will_do_if_one_says_so),
        TEST(other_bytes_than_were_sent_are_altered),
        TEST(a_record_that_was_never_sent_is_a_phantom),
        TEST(a_record_that_certainly_failed_is_a_phantom),
        TEST(a_record_that_failed_is_not_a_loss),
        TEST(a_stranger_is_a_phantom_by_the_headers),
        TEST(a_stranger_is_a_phantom_by_the_ledger),
        TEST(two_values_for_one_number_are_a_conflict),
        TEST(another_offset_than_acknowledged_is_a_conflict),
        TEST(a_record_in_front_of_what_was_acknowledged_before_is_backwards),
        TEST(what_was_under_way_together_is_not_backwards),
        TEST(an_unknown_offset_is_not_a_conflict),
        TEST(numbers_that_start_again_are_a_reset_and_count_on),
        TEST(a_ledger_with_a_reset_agrees_with_the_topic),
        TEST(a_record_that_was_held_is_late_and_not_lost),
        TEST(a_long_gap_is_a_silence_unless_a_run_begins),
        TEST(headers_that_make_no_sense_are_counted_and_ignored),
        TEST(a_huge_number_costs_nothing),
        TEST(a_restart_under_another_name_is_not_a_duplicate),
        TEST(a_run_that_goes_on_after_a_kill_is_one_run),
        TEST(a_dead_producers_request_that_arrives_later_is_a_duplicate),
        TEST(of_unknown_fate_it_may_be_there_or_not),
        TEST(unknown_fate_with_others_after_it_is_a_loss),
        TEST(an_end_without_all_fates_is_unaccounted),
        TEST(records_before_the_ledger_began_are_not_its_business),
        TEST(a_ledger_that_a_kill_has_cut_will_do),
        TEST(a_ledger_that_was_cut_otherwise_decides_nothing),
        TEST(a_line_that_is_not_a_ledgers_is_named),
        TEST(a_nul_or_no_text_at_all_is_not_a_ledger),
        TEST(without_numbers_or_ledger_nothing_is_decided),
        TEST(an_empty_topic_decides_nothing),
        TEST(the_ledger_of_another_run_decides_nothing),
        TEST(with_a_ledger_records_need_no_numbers),
        TEST(a_ledger_in_which_nothing_was_sent_says_nothing),
        TEST(nothing_sent_is_nothing_in_the_topic),
        TEST(what_is_of_a_run_whose_ledger_was_cut_decides_nothing),
        TEST(what_is_behind_the_end_that_was_asked_for_is_not_judged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
