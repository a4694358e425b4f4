/* The replay source: which records, with which bytes, and when. */
#include "unit.h"

#include <poll.h>
#include <zlib.h>

#include "clock.h"
#include "event_time.h"
#include "pace.h"
#include "replay.h"

enum { DUE, METRICS };

static struct pf_stats *stats;
static char path[] = "/tmp/pf-replay-XXXXXX";

/* What the last replay refused: "LINE: REASON: VALUE|". */
static char bad[4096];
static unsigned n_bad;

static int open_stats(void **state)
{
    static const struct pf_metric metrics[METRICS] = {
        {"next_due_ns", "", PF_GAUGE, PF_UNIT_MOMENT},
    };

    (void)state;
    close(mkstemp(path));
    return pf_stats_open("", metrics, METRICS, &stats, NULL);
}

static int close_stats(void **state)
{
    (void)state;
    pf_stats_close(stats);
    unlink(path);
    return 0;
}

static void write_file(const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* Without its last bytes. */
static void truncate_file(long bytes)
{
    FILE *file = fopen(path, "r+");

    fseek(file, -bytes, SEEK_END);
    assert_int_equal(ftruncate(fileno(file), ftell(file)), 0);
    fclose(file);
}

static struct pf_replay with_defaults(struct pf_replay replay)
{
    replay.file = path;
    replay.start.value_max = replay.start.value_max ? replay.start.value_max
                                                    : 1000;
    replay.time = replay.time ? replay.time : "";
    replay.key = replay.key ? replay.key : "";
    replay.end_us = replay.end_us ? replay.end_us : INT64_MAX;
    replay.start.stats = stats;
    replay.start.due_metric = DUE;
    return replay;
}

static struct pf_source *open_source(struct pf_replay replay)
{
    struct pf_source *source;
    struct pf_error err;

    replay = with_defaults(replay);
    if (pf_replay_source_open(&replay, &source, &err))
        fail_msg("%s", err.text);
    return source;
}

/* Take note of a bad line. */
static void note_bad(const struct pf_refusal *refusal)
{
    const struct pf_record *r = refusal->record;
    size_t used = strlen(bad);

    assert_string_equal(r->topic, path);
    assert_int_equal(r->partition, -1);
    assert_string_equal(refusal->kind, "line");
    n_bad++;
    snprintf(bad + used, sizeof bad - used, "%d: %s: %.*s|", (int)r->offset,
             refusal->reason.text, (int)r->value_len, (const char *)r->value);
}

/* Replay all of it, quietly: `value key=value|`, and how it ended. */
static const char *replay_all(struct pf_replay replay)
{
    static char text[4096];
    struct pf_source *source = open_source(replay);
    struct pf_error err = {0};
    struct pf_batch batch;
    struct heard heard;
    size_t used = 0;
    int64_t position = (int64_t)replay.start.first;
    enum pf_rc rc;

    *bad = '\0';
    n_bad = 0;
    begin_to_listen(&heard);
    while ((rc = source->ops->read(source, 1000, &batch, &err)) == PF_OK) {
        size_t refused = 0;

        for (size_t i = 0; i < batch.n; i++) {
            const struct pf_record *r = &batch.records[i];

            if (refused < batch.n_refused &&
                batch.refusals[refused].record == r) {
                note_bad(&batch.refusals[refused++]);
                continue;
            }
            assert_null(r->topic);
            assert_int_equal(r->offset, position++);
            if (r->key)
                used += (size_t)snprintf(text + used, sizeof text - used,
                                         "%.*s=", (int)r->key_len,
                                         (const char *)r->key);
            used += (size_t)snprintf(text + used, sizeof text - used, "%.*s|",
                                     (int)r->value_len, (const char *)r->value);
        }
        assert_int_equal(refused, batch.n_refused);
        assert_int_equal(batch.ticket,
                         position - (int64_t)replay.start.first + n_bad);
    }
    if (rc != PF_END)
        snprintf(text + used, sizeof text - used, "%s", err.text);
    else
        text[used] = '\0';
    pf_source_close(source);
    end_to_listen(&heard);
    return text;
}

static void gives_each_element_byte_for_byte(void **state)
{
    (void)state;
    write_file("{\"a\": 1.50 }\r\n\n [1]\n\"\\u00e9\"");
    assert_string_equal(replay_all((struct pf_replay){0}),
                        "{\"a\": 1.50 }|[1]|\"\\u00e9\"|");
    write_file("[{\"a\": 1.50 },\n [1], \"\\u00e9\"]");
    assert_string_equal(replay_all((struct pf_replay){0}),
                        "{\"a\": 1.50 }|[1]|\"\\u00e9\"|");
}

static void unpacks_gzip_whatever_its_name(void **state)
{
    static const char *const parts[] = {"1\n2\n", "3\n"};

    (void)state;
    for (size_t i = 0; i < COUNT(parts); i++) {
        gzFile gz = gzopen(path, i ? "ab" : "wb"); /* two members */

        gzputs(gz, parts[i]);
        gzclose(gz);
    }
    assert_string_equal(replay_all((struct pf_replay){0}), "1|2|3|");
}

static void a_replay_of_nothing_fails(void **state)
{
    struct pf_error wanted;

    (void)state;
    pf_fail(&wanted, PF_OK, "%s: nothing was sent: it is empty", path);
    write_file("");
    assert_string_equal(replay_all((struct pf_replay){0}), wanted.text);
    assert_string_equal(replay_all((struct pf_replay){.loop = true}),
                        wanted.text);
    pf_fail(&wanted, PF_OK,
            "%s: nothing was sent: it has 2 bad lines, 1 record outside of "
            "feed.replay.start and feed.replay.end, and nothing else",
            path);
    write_file("x\ny\n{\"t\":1}\n");
    assert_string_equal(
        replay_all((struct pf_replay){
            .time = "t", .start_us = 2 * PF_SECOND_US, .loop = true}),
        wanted.text);

    /* It is not a failure that everything was sent before, or left out. */
    write_file("1\n");
    assert_string_equal(replay_all((struct pf_replay){.start.first = 1}), "");
    assert_string_equal(replay_all((struct pf_replay){.start.first = 2}), "");
}

static void packed_data_that_are_cut_off_are_a_bad_line(void **state)
{
    gzFile gz = gzopen(path, "wb");

    (void)state;
    gzputs(gz, "1\n2\n3\n\"4");
    gzclose(gz);
    truncate_file(4);
    assert_string_equal(replay_all((struct pf_replay){0}), "1|2|3|");
    assert_int_equal(n_bad, 2); /* and half a line */
    assert_string_equal(replay_all((struct pf_replay){.start.first = 2}), "3|");
    assert_string_equal(
        replay_all((struct pf_replay){.loop = true, .start.count = 7}),
        "1|2|3|1|2|3|1|");
    assert_int_equal(n_bad, 2);

    assert_string_equal(replay_all((struct pf_replay){0}), "1|2|3|");
    assert_string_equal(bad, "4: its gzip data are cut off: |"
                             "4: it ends too early, after 2 bytes: \"4|");
}

static void begins_with_any_record(void **state)
{
    (void)state;
    write_file("0\nx\n1\n2\n");
    assert_string_equal(replay_all((struct pf_replay){.start.first = 1}),
                        "1|2|");
    assert_string_equal(replay_all((struct pf_replay){.start.first = 3}), "");
    assert_string_equal(replay_all((struct pf_replay){.start.first = 9}), "");
    assert_string_equal(replay_all((struct pf_replay){.start.count = 2}),
                        "0|1|");
    assert_string_equal(
        replay_all((struct pf_replay){.start.first = 2, .start.count = 2}), "");
}

static void a_loop_starts_again_and_can_be_entered_anywhere(void **state)
{
    (void)state;
    write_file("0\nx\n1\n2");
    assert_string_equal(
        replay_all((struct pf_replay){.loop = true, .start.count = 7}),
        "0|1|2|0|1|2|0|");
    assert_int_equal(n_bad, 1); /* told of once */
    for (uint64_t first = 0; first < 7; first++)
        assert_string_equal(replay_all((struct pf_replay){.loop = true,
                                                          .start.first = first,
                                                          .start.count = 7}),
                            &"0|1|2|0|1|2|0|"[2 * first]);
    assert_string_equal(
        replay_all((struct pf_replay){.loop = true,
                                      .start.first = 3000000000000,
                                      .start.count = 3000000000002}),
        "0|1|");
}

static void keys_are_the_text_of_a_member(void **state)
{
    (void)state;
    write_file("{\"o\":{\"k\":\"A 1\"}}\n{\"o\":{\"k\":12}}\n"
               "{\"o\":{\"k\":null}}\n{\"o\":1}\n{\"o\":{\"k\":\"\"}}\n"
               "{\"o\":{\"k\":\"\\u00e9\\\"\\n\"}}\n{\"o\":{\"k\":{\"x\":1}}}");
    assert_string_equal(replay_all((struct pf_replay){.key = "o.k"}),
                        "A 1={\"o\":{\"k\":\"A 1\"}}|12={\"o\":{\"k\":12}}|"
                        "{\"o\":{\"k\":null}}|{\"o\":1}|={\"o\":{\"k\":\"\"}}|"
                        "\xc3\xa9\"\n={\"o\":{\"k\":\"\\u00e9\\\"\\n\"}}|"
                        "{\"x\":1}={\"o\":{\"k\":{\"x\":1}}}|");
}

static void time_and_key_can_stand_in_an_array(void **state)
{
    (void)state;
    write_file("{\"data\":[{\"t.us\":1793606400250123,\"k\":\"A\"}]}\n"
               "{\"data\":[{\"t.us\":1793606401250123}]}\n{\"data\":[]}\n");
    assert_string_equal(
        replay_all((struct pf_replay){.time = "/data/0/t.us",
                                      .key = "data.0.k",
                                      .restamp = true,
                                      .restamp_us = 1793606500250123}),
        "A={\"data\":[{\"t.us\":1793606500250123,\"k\":\"A\"}]}|"
        "{\"data\":[{\"t.us\":1793606501250123}]}|");
    assert_int_equal(n_bad, 1);
}

static void only_what_is_between_start_and_end(void **state)
{
    (void)state;
    write_file("{\"t\":10}\n{\"t\":20}\n{\"t\":30}\n{\"t\":19.999}\n");
    assert_string_equal(replay_all((struct pf_replay){
                            .time = "t",
                            .start_us = 20 * PF_SECOND_US,
                            .end_us = 30 * PF_SECOND_US,
                        }),
                        "{\"t\":20}|");
    assert_string_equal(
        replay_all((struct pf_replay){
            .time = "t", .start.first = 1, .start_us = 20 * PF_SECOND_US}),
        "{\"t\":30}|");
}

static void bad_lines_are_refused_in_their_place(void **state)
{
    (void)state;
    write_file("{\"t\":1}\n{\"t\":2\n{\"t\":\"x\"}\n{}\n{\"t\":3}\n");
    assert_string_equal(replay_all((struct pf_replay){.time = "t"}),
                        "{\"t\":1}|{\"t\":3}|");
    assert_string_equal(
        bad, "2: it ends too early, after 6 bytes: {\"t\":2|3: 'x' is not a "
             "time: 2026-11-02T09:00:00Z, or seconds, milli-, micro- or "
             "nanoseconds since 1970: {\"t\":\"x\"}|4: it has no t: {}|");

    /* A run that goes on after the first record, and one after the last. */
    replay_all((struct pf_replay){.time = "t", .start.first = 1});
    assert_int_equal(n_bad, 3);
    replay_all((struct pf_replay){.time = "t", .start.first = 2});
    assert_int_equal(n_bad, 0);
}

static void bad_lines_that_an_earlier_start_has_passed_are_skipped(void **state)
{
    (void)state;
    write_file("1\nx\n2\n3\ny\n4\nz\n");
    /* Partitions lack record 0, if anything; none has record 3. */
    assert_string_equal(replay_all((struct pf_replay){.start.at_once = 3}),
                        "1|2|3|4|");
    assert_int_equal(n_bad, 2);
    assert_contains(bad, "5: ");
    assert_contains(bad, "7: ");
    assert_string_equal(
        replay_all((struct pf_replay){.start.first = 1, .start.at_once = 4}),
        "2|3|4|");
    assert_int_equal(n_bad, 1);
}

static void long_lines_are_kept_apart(void **state)
{
    FILE *file = fopen(path, "w");

    (void)state;
    fprintf(file, "a%070000d\nb%070000d\n1\n", 7, 8);
    fclose(file);
    replay_all((struct pf_replay){.start.value_max = 600});
    assert_int_equal(n_bad, 2);
    assert_contains(bad, "1: too long: a00");
    assert_contains(bad, "2: too long: b00");
}

static void more_bad_lines_than_a_batch_holds_are_all_refused(void **state)
{
    FILE *file = fopen(path, "w");

    (void)state;
    for (int i = 0; i < 2500; i++)
        fputs(i % 5 ? "x\n" : "1\n", file);
    fclose(file);
    replay_all((struct pf_replay){0});
    assert_int_equal(n_bad, 2000);
}

static void a_record_that_kafka_would_refuse_is_a_bad_line(void **state)
{
    (void)state;
    write_file("{\"k\":\"12345\"}\n{\"k\":\"123456\"}\n"
               "\"0123456789012345678901234567890\"\n1\n");
    assert_string_equal(
        replay_all((struct pf_replay){.key = "k", .start.value_max = 18}),
        "12345={\"k\":\"12345\"}|1|");
    assert_int_equal(n_bad, 2);
}

static void restamping_moves_all_times_alike(void **state)
{
    (void)state;
    write_file("{\"at\": \"2026-11-02T09:00:00.75+01:00\", \"x\": 1.0}\n"
               "{\"x\":2,\"at\":1793606410.5}\n{\"at\":\"1793606420000\"}\n");
    assert_string_equal(
        replay_all((struct pf_replay){
            .time = "at", .restamp = true, .restamp_us = 1000 * PF_SECOND_US}),
        "{\"at\": \"1970-01-01T01:16:39.75+01:00\", \"x\": 1.0}|"
        "{\"x\":2,\"at\":1009.5}|");

    /* A fixed moment is that of the first record, wherever it begins. */
    write_file("{\"t\":10}\n{\"t\":20}\n{\"t\":35}\n");
    assert_string_equal(
        replay_all((struct pf_replay){.time = "t",
                                      .restamp = true,
                                      .restamp_us = 1000 * PF_SECOND_US,
                                      .start.first = 1}),
        "{\"t\":1010}|{\"t\":1025}|");

    /* Rounds follow each other. */
    assert_string_equal(
        replay_all((struct pf_replay){.time = "t",
                                      .restamp = true,
                                      .restamp_us = 1000 * PF_SECOND_US,
                                      .loop = true,
                                      .start.first = 2,
                                      .start.count = 7}),
        "{\"t\":1025}|{\"t\":1025}|{\"t\":1035}|{\"t\":1050}|{\"t\":1050}|");
}

static void a_time_that_cannot_be_moved_is_a_bad_line(void **state)
{
    struct pf_replay fixed = {
        .time = "t", .restamp = true, .restamp_us = 1000 * PF_SECOND_US};
    struct pf_replay from_now = {
        .time = "t", .restamp = true, .restamp_from_now = true};

    (void)state;
    write_file("{\"t\":1793606400}\n{\"t\":0}\n{\"t\":1793606401}\n"
               "{\"t\":1793606410000}\n{\"t\":1793606402.5}");
    assert_string_equal(replay_all(fixed),
                        "{\"t\":1000}|{\"t\":1001}|{\"t\":1002.5}|");
    assert_int_equal(n_bad, 2);
    /* Numbered as before by a run that goes on. */
    fixed.start.first = 1;
    assert_string_equal(replay_all(fixed), "{\"t\":1001}|{\"t\":1002.5}|");
    fixed.start.first = 2;
    assert_string_equal(replay_all(fixed), "{\"t\":1002.5}|");

    fixed.start.first = 0;
    replay_all(fixed);
    assert_contains(bad, "2: its time, 0, cannot be restamped: {\"t\":0}|");

    /* A placeholder for no time: the others must not count from it. */
    write_file("{\"t\":\"9999-12-31T00:00:00Z\"}\n"
               "{\"t\":\"2026-11-02T09:00:00Z\"}\n"
               "{\"t\":\"9999-12-31T23:59:59.999Z\"}\n"
               "{\"t\":\"0001-01-01T00:00:00Z\"}\n"
               "{\"t\":\"2026-11-02T09:00:01Z\"}\n");
    fixed.start_us = from_now.start_us = INT64_MIN;
    assert_string_equal(replay_all(fixed), "{\"t\":\"1970-01-01T00:16:40Z\"}|"
                                           "{\"t\":\"1970-01-01T00:16:41Z\"}|");
    assert_int_equal(n_bad, 3);
    replay_all(from_now);
    assert_int_equal(n_bad, 3);
    from_now.start.first = 1;
    from_now.start.count = 2;
    assert_string_equal(replay_all(from_now) + 28, "|"); /* one more */
}

static void which_times_can_be_moved_does_not_change_from_day_to_day(void **s)
{
    struct pf_replay replay = {
        .time = "t", .restamp = true, .restamp_from_now = true};
    char today[PF_TIME_SIZE], text[300];

    (void)s;
    /* It is moved by little today, and by a day when it goes on tomorrow. */
    pf_time_format(pf_wall_ns() / 1000 - 3600 * PF_SECOND_US, today);
    snprintf(text, sizeof text,
             "{\"t\":\"%s\"}\n{\"t\":\"9999-12-30T00:00:00Z\"}\n"
             "{\"t\":\"%s\"}",
             today, today);
    write_file(text);
    replay_all(replay);
    assert_int_equal(n_bad, 1);
    /* A clock that is set back does not make the first too early either. */
    write_file("{\"t\":99}\n{\"t\":0}\n{\"t\":100}");
    replay_all(replay);
    assert_int_equal(n_bad, 0);
}

static void restamped_it_is_no_longer_than_a_record_may_be(void **state)
{
    (void)state;
    write_file("{\"t\":0,\"x\":\"0123456789012345678901234567890\"}\n"
               "{\"t\":1}\n");
    assert_string_equal(
        replay_all((struct pf_replay){.time = "t",
                                      .start.value_max = 80,
                                      .restamp = true,
                                      .restamp_us = 1793606400 * PF_SECOND_US}),
        "{\"t\":1793606400}|");
}

static void a_loop_ends_where_times_end(void **state)
{
    const char *text;

    (void)state;
    /* Two thousand years a round: the fifth would be beyond 9998. */
    write_file("{\"t\":\"2026-01-01T00:00:00Z\"}\n"
               "{\"t\":\"4026-01-01T00:00:00Z\"}\n");
    text = replay_all(
        (struct pf_replay){.time = "t",
                           .loop = true,
                           .restamp = true,
                           .restamp_us = 1793606400 * PF_SECOND_US});
    assert_contains(text, "{\"t\":\"8026-");
    assert_null(strstr(text, "cannot"));
}

/* The seconds that the first record's t is from now. */
static int64_t first_from_now(struct pf_replay replay)
{
    const char *text = replay_all(replay);

    assert_memory_equal(text, "{\"t\":", 5);
    return strtoll(text + 5, NULL, 10) - pf_wall_ns() / 1000 / PF_SECOND_US;
}

static void
restamped_from_now_the_first_is_now_and_a_later_one_too(void **state)
{
    struct pf_replay replay = {.time = "t",
                               .restamp = true,
                               .restamp_from_now = true,
                               .start.count = 1};

    (void)state;
    write_file("{\"t\":10}\n{\"t\":20}\n{\"t\":50}\n");
    assert_in_range(1 + first_from_now(replay), 0, 1);

    replay.restamp_us = -3600 * PF_SECOND_US;
    assert_in_range(3601 + first_from_now(replay), 0, 1);

    /* As if it had never stopped: at speed 1 the third is from now. */
    replay.restamp_us = 0;
    replay.start.first = 2;
    replay.start.count = 3;
    replay.speed = 1;
    assert_in_range(1 + first_from_now(replay), 0, 1);
    replay.speed = 4; /* after 10 s it was 40 s on */
    assert_in_range(first_from_now(replay), 29, 30);
    replay.speed = 0; /* at once */
    assert_in_range(first_from_now(replay), 39, 40);
}

/* How long it takes to replay it, in milliseconds. */
static int64_t took_ms(struct pf_replay replay)
{
    int64_t begin = pf_now_ms();

    replay_all(replay);
    return pf_now_ms() - begin;
}

static void gives_records_when_they_are_due(void **state)
{
    struct pf_source *source;
    struct pf_batch batch;
    struct heard heard;

    (void)state;
    write_file("{\"t\":10}\n{\"t\":10.1}\n{\"t\":10.05}\n{\"t\":10.2}\n");
    assert_in_range(took_ms((struct pf_replay){.time = "t", .speed = 1}), 199,
                    900);
    assert_in_range(took_ms((struct pf_replay){.time = "t", .speed = 2}), 99,
                    190);
    assert_in_range(took_ms((struct pf_replay){.time = "t", .speed = 0.5}), 399,
                    1500);
    assert_in_range(took_ms((struct pf_replay){.time = "t"}), 0, 90);
    assert_in_range(took_ms((struct pf_replay){.speed = 1}), 0, 90);
    assert_in_range(took_ms((struct pf_replay){
                        .time = "t", .speed = 1, .start.at_once = 1}),
                    99, 190);
    assert_in_range(took_ms((struct pf_replay){
                        .time = "t", .speed = 1, .start.at_once = 3}),
                    0, 90);

    source = open_source((struct pf_replay){.time = "t", .speed = 1});
    assert_int_equal(source->ops->read(source, 0, &batch, NULL), PF_OK);
    assert_int_equal(batch.n, 1);
    assert_in_range(*pf_stats_at(stats, DUE), pf_now_ns() - 100000000,
                    pf_now_ns() + 100000000);
    assert_int_equal(source->ops->read(source, 0, &batch, NULL), PF_AGAIN);
    poll(NULL, 0, 250); /* time itself is what is tested here */
    assert_int_equal(source->ops->read(source, 0, &batch, NULL), PF_OK);
    assert_int_equal(batch.n, 3); /* what was due meanwhile, at once */
    begin_to_listen(&heard);
    pf_source_close(source);
    assert_contains(end_to_listen(&heard), "s (scheduled: 0.200 s); ");
}

static void a_pause_is_cut_to_the_longest_that_may_be(void **state)
{
    (void)state;
    write_file("{\"t\":10}\n{\"t\":1000}\n{\"t\":1000.1}\n{\"t\":99999}\n");
    assert_in_range(
        took_ms((struct pf_replay){.time = "t", .speed = 1, .max_gap_s = 0.15}),
        399, 900);
}

static void a_schedule_never_goes_back_and_cuts_a_pause_once(void **state)
{
    struct pf_pace pace;
    int64_t start;

    (void)state;
    assert_int_equal(pf_pace_init(&pace, 2, 3, NULL), PF_OK);
    start = pf_pace_due(&pace, 10000000);
    assert_int_equal(pf_pace_due(&pace, 12000000) - start, 1000000000);
    assert_int_equal(pf_pace_due(&pace, 11000000) - start, 1000000000);
    assert_int_equal(pf_pace_due(&pace, 18000000) - start, 4000000000);
    assert_int_equal(pf_pace_due(&pace, 90000000) - start, 7000000000);
    assert_int_equal(pf_pace_due(&pace, 91000000) - start, 7500000000);
    assert_int_equal(pf_pace_due(&pace, INT64_MAX / 2) - start, 10500000000);
    pf_pace_release(&pace);
}

static void after_an_outlier_the_schedule_is_the_old_one(void **state)
{
    static const int64_t second = 1000000000;
    struct pf_pace pace;
    int64_t start;

    (void)state;
    assert_int_equal(pf_pace_init(&pace, 1, 5, NULL), PF_OK);
    start = pf_pace_due(&pace, 1000000000);
    /* From the past: it is due at once, and delays none after it. */
    assert_int_equal(pf_pace_due(&pace, 0) - start, 0);
    assert_int_equal(pf_pace_due(&pace, 1001000000) - start, second);
    /* Of the future: it is waited for as any pause is, and no longer. */
    assert_int_equal(pf_pace_due(&pace, INT64_MAX / 2) - start, 6 * second);
    assert_int_equal(pf_pace_due(&pace, 1002000000) - start, 6 * second);
    assert_int_equal(pf_pace_due(&pace, 1006500000) - start, 13 * second / 2);
    /* Several in a row. */
    assert_int_equal(pf_pace_due(&pace, 0) - start, 13 * second / 2);
    assert_int_equal(pf_pace_due(&pace, 1000000) - start, 15 * second / 2);
    assert_int_equal(pf_pace_due(&pace, 1008500000) - start, 17 * second / 2);
    /* One step back for good, and the pace is that of what comes. */
    assert_int_equal(pf_pace_due(&pace, 500000000) - start, 17 * second / 2);
    assert_int_equal(pf_pace_due(&pace, 501000000) - start, 19 * second / 2);
    pf_pace_release(&pace);
}

static void a_long_wait_is_said_when_it_begins(void **state)
{
    struct pf_source *source;
    struct pf_batch batch;
    struct heard heard;
    char wanted[300];
    size_t n = 0;

    (void)state;
    write_file("{\"t\":0}\n{\"t\":10}\n{\"t\":1577836800}\n");
    source = open_source((struct pf_replay){.time = "t", .speed = 100});
    begin_to_listen(&heard);
    for (; n < 2; n += batch.n)
        assert_int_equal(source->ops->read(source, 1000, &batch, NULL), PF_OK);
    assert_int_equal(source->ops->read(source, 10, &batch, NULL), PF_AGAIN);
    assert_int_equal(source->ops->read(source, 10, &batch, NULL), PF_AGAIN);
    end_to_listen(&heard);
    snprintf(wanted, sizeof wanted,
             "%s:3: a pause of 182 days: from 1970-01-01T00:00:10.000Z to "
             "2020-01-01T00:00:00.000Z; feed.replay.max.gap cuts it, "
             "feed.replay.speed is 100, and feed.replay.start and "
             "feed.replay.end leave out events from another time\n",
             path);
    assert_contains(heard.text, wanted);
    assert_contains(heard.text, "warning");
    assert_null(strstr(strstr(heard.text, "a pause") + 1, "a pause"));
    begin_to_listen(&heard);
    pf_source_close(source);
    end_to_listen(&heard);
}

static void a_late_event_delays_none_after_it(void **state)
{
    struct pf_pace pace;
    int64_t start, due;

    (void)state;
    assert_int_equal(pf_pace_init(&pace, 10, 0, NULL), PF_OK);
    start = pf_pace_due(&pace, 5000000);
    for (int i = 1; i <= 1000000; i++)
        due = pf_pace_due(&pace, 5000000 + i * INT64_C(333));
    assert_int_equal(due - start, 1000000 * INT64_C(33300));
    pf_pace_release(&pace);
}

static void says_how_late_each_was(void **state)
{
    struct pf_pace pace;
    char text[200];

    (void)state;
    assert_int_equal(pf_pace_init(&pace, 1, 0, NULL), PF_OK);
    for (int i = 0; i < 1000; i++)
        pf_pace_given(&pace, INT64_C(1000000) * i,
                      INT64_C(1000000) * i + (i < 980 ? 15000 : 3000000));
    pf_pace_given(&pace, 1000000000, 1700000000);
    assert_string_equal(pf_pace_describe(&pace, text, sizeof text),
                        "in 1.700 s (scheduled: 1.000 s); late by p50 0.02 ms, "
                        "p99 3.01 ms, at most 700.00 ms");
    pf_pace_release(&pace);
}

static void a_mistake_is_named(void **state)
{
    struct pf_replay replays[] = {
        with_defaults((struct pf_replay){.time = "a..b"}),
        with_defaults((struct pf_replay){.key = "."}),
        with_defaults((struct pf_replay){0}),
    };
    static const char *const wanted[] = {
        "feed.replay.time: 'a..b' has an empty name",
        "feed.replay.key: '.' has an empty name",
        "/nonexistent: No such file",
    };

    (void)state;
    replays[2].file = "/nonexistent";
    for (size_t i = 0; i < COUNT(replays); i++) {
        struct pf_source *source;
        struct pf_error err;

        assert_int_equal(pf_replay_source_open(&replays[i], &source, &err),
                         PF_CONFIG);
        assert_contains(err.text, wanted[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_each_element_byte_for_byte),
        cmocka_unit_test(unpacks_gzip_whatever_its_name),
        cmocka_unit_test(a_replay_of_nothing_fails),
        cmocka_unit_test(packed_data_that_are_cut_off_are_a_bad_line),
        cmocka_unit_test(begins_with_any_record),
        cmocka_unit_test(a_loop_starts_again_and_can_be_entered_anywhere),
        cmocka_unit_test(keys_are_the_text_of_a_member),
        cmocka_unit_test(time_and_key_can_stand_in_an_array),
        cmocka_unit_test(only_what_is_between_start_and_end),
        cmocka_unit_test(bad_lines_are_refused_in_their_place),
        cmocka_unit_test(
            bad_lines_that_an_earlier_start_has_passed_are_skipped),
        cmocka_unit_test(long_lines_are_kept_apart),
        cmocka_unit_test(more_bad_lines_than_a_batch_holds_are_all_refused),
        cmocka_unit_test(a_record_that_kafka_would_refuse_is_a_bad_line),
        cmocka_unit_test(restamping_moves_all_times_alike),
        cmocka_unit_test(a_time_that_cannot_be_moved_is_a_bad_line),
        cmocka_unit_test(
            which_times_can_be_moved_does_not_change_from_day_to_day),
        cmocka_unit_test(restamped_it_is_no_longer_than_a_record_may_be),
        cmocka_unit_test(a_loop_ends_where_times_end),
        cmocka_unit_test(
            restamped_from_now_the_first_is_now_and_a_later_one_too),
        cmocka_unit_test(gives_records_when_they_are_due),
        cmocka_unit_test(a_pause_is_cut_to_the_longest_that_may_be),
        cmocka_unit_test(a_schedule_never_goes_back_and_cuts_a_pause_once),
        cmocka_unit_test(after_an_outlier_the_schedule_is_the_old_one),
        cmocka_unit_test(a_long_wait_is_said_when_it_begins),
        cmocka_unit_test(a_late_event_delays_none_after_it),
        cmocka_unit_test(says_how_late_each_was),
        cmocka_unit_test(a_mistake_is_named),
    };

    return cmocka_run_group_tests(tests, open_stats, close_stats);
}
