/* What Prometheus reads: names, units, labels and buckets, whatever is in the
 * files of other programs. */
#include "unit.h"

#include "metrics_text.h"

/* The monotonic clock was 0 at this time. */
#define BOOT_NS INT64_C(1700000000123456789)

static struct pf_stats *open_stats(const struct pf_metric *metrics, size_t n)
{
    struct pf_stats *stats = NULL;

    assert_int_equal(pf_stats_open("", metrics, n, &stats, NULL), PF_OK);
    return stats;
}

/* What is written of programs, as a text to be freed; left_out of them are not
 * in it. */
static char *text_of(const struct pf_metrics_program *programs, size_t n,
                     bool openmetrics, size_t left_out)
{
    struct pf_buffer to = {0};

    assert_int_equal(pf_metrics_write(&to, programs, n, openmetrics, BOOT_NS),
                     left_out);
    pf_metrics_end(&to, openmetrics);
    pf_buffer_put(&to, "", 1);
    assert_false(to.failed);
    return to.at;
}

/* The same of one program, compared. */
static void assert_text(struct pf_stats *stats, bool openmetrics,
                        size_t left_out, const char *expected)
{
    struct pf_metrics_program program = {"consumer", stats};
    char *text = text_of(&program, 1, openmetrics, left_out);

    assert_string_equal(text, expected);
    free(text);
}

static const struct pf_metric units[] = {
    {"records_read", "Records read.", PF_COUNTER, "records"},
    {"lag", "Records behind.", PF_GAUGE, "records"},
    {"beat_ns", "When it last moved.", PF_GAUGE, PF_UNIT_MOMENT},
    {"due_ns", "When it never moved.", PF_GAUGE, PF_UNIT_MOMENT},
    {"waited_ns", "Time spent waiting.", PF_COUNTER, PF_UNIT_NANOSECONDS},
    {"sent_bytes", "Bytes sent.", PF_COUNTER, PF_UNIT_BYTES},
};

static struct pf_stats *open_units(void)
{
    struct pf_stats *stats = open_stats(units, COUNT(units));

    pf_stats_set(stats, 0, 5);
    pf_stats_set(stats, 1, UINT64_MAX);
    pf_stats_set(stats, 2, 90000 * UINT64_C(1000000000) + 999999);
    pf_stats_set(stats, 4, 1100000001);
    pf_stats_set(stats, 5, 1000);
    return stats;
}

static void each_metric_has_help_type_and_base_unit(void **state)
{
    struct pf_stats *stats = open_units();

    (void)state;
    assert_text(stats, false, 0,
                "# HELP pricefeed_beat_timestamp_seconds When it last moved.\n"
                "# TYPE pricefeed_beat_timestamp_seconds gauge\n"
                "pricefeed_beat_timestamp_seconds{program=\"consumer\"} "
                "1700090000.123\n"
                "# HELP pricefeed_lag Records behind.\n"
                "# TYPE pricefeed_lag gauge\n"
                "pricefeed_lag{program=\"consumer\"} 18446744073709551615\n"
                "# HELP pricefeed_records_read_total Records read.\n"
                "# TYPE pricefeed_records_read_total counter\n"
                "pricefeed_records_read_total{program=\"consumer\"} 5\n"
                "# HELP pricefeed_sent_bytes_total Bytes sent.\n"
                "# TYPE pricefeed_sent_bytes_total counter\n"
                "pricefeed_sent_bytes_total{program=\"consumer\"} 1000\n"
                "# HELP pricefeed_waited_seconds_total Time spent waiting.\n"
                "# TYPE pricefeed_waited_seconds_total counter\n"
                "pricefeed_waited_seconds_total{program=\"consumer\"} "
                "1.100000001\n");
    pf_stats_close(stats);
}

static void openmetrics_has_units_and_an_end(void **state)
{
    struct pf_stats *stats = open_units();

    (void)state;
    pf_stats_set(stats, 2, 0);
    assert_text(stats, true, 0,
                "# HELP pricefeed_lag Records behind.\n"
                "# TYPE pricefeed_lag gauge\n"
                "pricefeed_lag{program=\"consumer\"} 18446744073709551615\n"
                "# HELP pricefeed_records_read Records read.\n"
                "# TYPE pricefeed_records_read counter\n"
                "pricefeed_records_read_total{program=\"consumer\"} 5\n"
                "# HELP pricefeed_sent_bytes Bytes sent.\n"
                "# TYPE pricefeed_sent_bytes counter\n"
                "# UNIT pricefeed_sent_bytes bytes\n"
                "pricefeed_sent_bytes_total{program=\"consumer\"} 1000\n"
                "# HELP pricefeed_waited_seconds Time spent waiting.\n"
                "# TYPE pricefeed_waited_seconds counter\n"
                "# UNIT pricefeed_waited_seconds seconds\n"
                "pricefeed_waited_seconds_total{program=\"consumer\"} "
                "1.100000001\n"
                "# EOF\n");
    pf_stats_close(stats);
}

static void nothing_is_an_exposition_too(void **state)
{
    char *text = text_of(NULL, 0, false, 0);

    (void)state;
    assert_string_equal(text, "");
    free(text);
    text = text_of(NULL, 0, true, 0);
    assert_string_equal(text, "# EOF\n");
    free(text);
}

static void programs_share_families(void **state)
{
    static const struct pf_metric producer[] = {
        {"finished", "One at the end.", PF_GAUGE, "boolean"},
        {"records_read", "Records read.", PF_COUNTER, "records"}};
    static const struct pf_metric init[] = {
        {"program_up{program=\"kafka\"}", "One if it runs.", PF_GAUGE, ""},
        {"program_up{program=\"a\"}", "One if it runs.", PF_GAUGE, ""}};
    struct pf_metrics_program programs[] = {
        {"producer", open_stats(producer, COUNT(producer))},
        {"consumer", open_stats(units, 1)},
        {"init", open_stats(init, COUNT(init))}};
    char *text;

    (void)state;
    pf_stats_set(programs[0].stats, 1, 7);
    pf_stats_set(programs[1].stats, 0, 6);
    pf_stats_set(programs[2].stats, 0, 1);
    text = text_of(programs, COUNT(programs), false, 0);
    assert_string_equal(text,
                        "# HELP pricefeed_finished One at the end.\n"
                        "# TYPE pricefeed_finished gauge\n"
                        "pricefeed_finished{program=\"producer\"} 0\n"
                        "# HELP pricefeed_program_up One if it runs.\n"
                        "# TYPE pricefeed_program_up gauge\n"
                        "pricefeed_program_up{program=\"a\"} 0\n"
                        "pricefeed_program_up{program=\"kafka\"} 1\n"
                        "# HELP pricefeed_records_read_total Records read.\n"
                        "# TYPE pricefeed_records_read_total counter\n"
                        "pricefeed_records_read_total{program=\"consumer\"} 6\n"
                        "pricefeed_records_read_total{program=\"producer\"} "
                        "7\n");
    free(text);
    for (size_t i = 0; i < COUNT(programs); i++)
        pf_stats_close(programs[i].stats);
}

static void names_that_are_not_legal_are_left_out(void **state)
{
    static const char *const names[] = {
        "", "a b", "a-b", "a\n", "pre\xc3\xa4is", "a:b", "a\"", "a}", "x_total",
        "x_sum", "x_count", "x_bucket", "x_created", "x_info",
        /* labels */
        "a{", "a{}", "a{b}", "a{b=}", "a{b=c}", "a{b=\"}", "a{b=\"c\"",
        "a{b=\"c\"}d", "a{b=\"c\",}", "a{b=\"\\x\"}", "a{b=\"\\", "a{1=\"\"}",
        "a{__b=\"\"}", "a{le=\"\"}", "a{c=\"\",b=\"\"}", "a{b=\"\",b=\"\"}",
        "{b=\"\"}", "a{b =\"\"}", "a{b=\"\"b=\"\"}"};
    struct pf_metric metrics[COUNT(names)];
    struct pf_stats *stats;

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++)
        metrics[i] = (struct pf_metric){names[i], "", PF_GAUGE, ""};
    stats = open_stats(metrics, COUNT(names));
    assert_text(stats, false, COUNT(names), "");
    pf_stats_close(stats);
}

static void legal_names_are_taken(void **state)
{
    static const struct pf_metric metrics[] = {
        {"0", "", PF_GAUGE, ""},
        {"A_z9", "", PF_GAUGE, ""},
        {"a{_b1=\"\",c=\"\\\"\\\\\\n{},=\"}", "", PF_GAUGE, ""},
        {"a{b=\"\",bb=\"\"}", "", PF_GAUGE, ""},
    };
    struct pf_stats *stats = open_stats(metrics, COUNT(metrics));

    (void)state;
    assert_text(stats, false, 0,
                "# HELP pricefeed_0 \n"
                "# TYPE pricefeed_0 gauge\n"
                "pricefeed_0{program=\"consumer\"} 0\n"
                "# HELP pricefeed_A_z9 \n"
                "# TYPE pricefeed_A_z9 gauge\n"
                "pricefeed_A_z9{program=\"consumer\"} 0\n"
                "# HELP pricefeed_a \n"
                "# TYPE pricefeed_a gauge\n"
                "pricefeed_a{_b1=\"\",c=\"\\\"\\\\\\n{},=\"} 0\n"
                "pricefeed_a{b=\"\",bb=\"\"} 0\n");
    pf_stats_close(stats);
}

static void texts_are_escaped_and_only_characters(void **state)
{
    static const struct pf_metric metrics[] = {
        {"a", "\"\\\n\r\x1b[0m\xff\xc3\xa4\xc2\x9b\xc3", PF_GAUGE, ""},
        {"b{c=\"\xff\n\\n\"}", "", PF_GAUGE, ""},
    };
    struct pf_metrics_program program = {"x\"\\\n\xe2\x82\xac\x01",
                                         open_stats(metrics, COUNT(metrics))};
    char *text = text_of(&program, 1, false, 0);

    (void)state;
#define BAD "\xef\xbf\xbd"
#define LINES                                                      \
    "# TYPE pricefeed_a gauge\n"                                   \
    "pricefeed_a{program=\"x\\\"\\\\\\n\xe2\x82\xac" BAD "\"} 0\n" \
    "# HELP pricefeed_b \n"                                        \
    "# TYPE pricefeed_b gauge\n"                                   \
    "pricefeed_b{c=\"" BAD BAD "\\n\"} 0\n"
    assert_string_equal(text, "# HELP pricefeed_a \"\\\\\\n" BAD BAD "[0m" BAD
                              "\xc3\xa4" BAD BAD "\n" LINES);
    free(text);
    text = text_of(&program, 1, true, 0);
    assert_string_equal(text, "# HELP pricefeed_a \\\"\\\\\\n" BAD BAD "[0m" BAD
                              "\xc3\xa4" BAD BAD "\n" LINES "# EOF\n");
    free(text);
    pf_stats_close(program.stats);
}

static void a_series_is_there_once_and_a_family_has_one_type(void **state)
{
    static const struct pf_metric first[] = {
        {"a", "First.", PF_GAUGE, ""},
        {"a", "Second.", PF_GAUGE, ""},
        {"b{program=\"y\"}", "", PF_GAUGE, ""},
        {"c{a=\"\"}", "", PF_GAUGE, ""},
        {"c", "", PF_GAUGE, ""},
        {"c", "", PF_GAUGE, ""},
    };
    static const struct pf_metric second[] = {
        {"a", "", PF_COUNTER, ""},
        {"a_seconds", "", PF_GAUGE, ""},
        {"a_ns", "", PF_GAUGE, PF_UNIT_NANOSECONDS},
        {"b", "", PF_GAUGE, ""},
    };
    struct pf_metrics_program programs[] = {
        {"x", open_stats(first, COUNT(first))},
        {"y", open_stats(second, COUNT(second))}};
    char *text = text_of(programs, 2, false, 5);

    (void)state;
    assert_string_equal(text, "# HELP pricefeed_a First.\n"
                              "# TYPE pricefeed_a gauge\n"
                              "pricefeed_a{program=\"x\"} 0\n"
                              "# HELP pricefeed_a_seconds \n"
                              "# TYPE pricefeed_a_seconds gauge\n"
                              "pricefeed_a_seconds{program=\"y\"} 0\n"
                              "# HELP pricefeed_b \n"
                              "# TYPE pricefeed_b gauge\n"
                              "pricefeed_b{program=\"y\"} 0\n"
                              "# HELP pricefeed_c \n"
                              "# TYPE pricefeed_c gauge\n"
                              "pricefeed_c{a=\"\"} 0\n"
                              "pricefeed_c{program=\"x\"} 0\n");
    free(text);
    pf_stats_close(programs[0].stats);
    pf_stats_close(programs[1].stats);
}

/* The value of the line that begins so. */
static double number_in(const char *text, const char *line)
{
    const char *at = strstr(text, line);

    if (!at)
        fail_msg("'%s' is not in '%s'", line, text);
    return atof(at + strlen(line));
}

static const struct pf_metric latency[] = {
    {"print_ns", "Latency.", PF_HISTOGRAM, PF_UNIT_NANOSECONDS},
    {"batch", "Sizes.", PF_HISTOGRAM, "records"},
};

static void histograms_have_cumulative_buckets(void **state)
{
    struct pf_stats *stats = open_stats(latency, 1);
    struct pf_histogram *h = pf_stats_histogram(stats, 0);

    (void)state;
    pf_histogram_add(h, 3, 2);
    pf_histogram_add(h, 255, 1);
    pf_histogram_add(h, 3 * INT64_C(1073741824), 4); /* 3.2 s */
    pf_histogram_add(h, INT64_C(1) << 40, 1);        /* 1100 s */
    assert_text(
        stats, true, 0,
#define BUCKET(bound, n)                                                       \
    "pricefeed_print_seconds_bucket{program=\"consumer\",le=\"" bound "\"} " n \
    "\n"
        "# HELP pricefeed_print_seconds Latency.\n"
        "# TYPE pricefeed_print_seconds histogram\n"
        "# UNIT pricefeed_print_seconds seconds\n" BUCKET("0.0001", "3")
            BUCKET("0.00025", "3") BUCKET("0.0005", "3") BUCKET("0.001", "3")
                BUCKET("0.0025", "3") BUCKET("0.005", "3") BUCKET("0.01", "3")
                    BUCKET("0.025", "3") BUCKET("0.05", "3") BUCKET("0.1", "3")
                        BUCKET("0.25", "3") BUCKET("0.5", "3")
                            BUCKET("1.0", "3") BUCKET("2.5", "3")
                                BUCKET("5.0", "7") BUCKET("10.0", "7")
                                    BUCKET("25.0", "7") BUCKET("50.0", "7")
                                        BUCKET("100.0", "7") BUCKET("+Inf", "8")
        /* Each as the last of its bucket: 2^24 and 2^33 wide. */
        "pricefeed_print_seconds_sum{program=\"consumer\"} "
        "1121.053573376\n"
        "pricefeed_print_seconds_count{program=\"consumer\"} 8\n"
        "# EOF\n");
    pf_stats_close(stats);
}

static void a_histogram_without_values_has_all_buckets(void **state)
{
    struct pf_metrics_program program = {"x", open_stats(latency, 2)};
    char *text = text_of(&program, 1, false, 0);

    (void)state;
    assert_contains(text, "print_seconds_bucket{program=\"x\",le=\"100.0\"} 0\n"
                          "pricefeed_print_seconds_bucket{program=\"x\","
                          "le=\"+Inf\"} 0\n"
                          "pricefeed_print_seconds_sum{program=\"x\"} 0\n"
                          "pricefeed_print_seconds_count{program=\"x\"} 0\n");
    free(text);
    pf_histogram_add(pf_stats_histogram(program.stats, 0), 0, 5);
    pf_histogram_add(pf_stats_histogram(program.stats, 1), 1000, 1);
    pf_histogram_add(pf_stats_histogram(program.stats, 1), 1, 1);
    text = text_of(&program, 1, false, 0);
    assert_contains(text, "pricefeed_batch_bucket{program=\"x\",le=\"1.0\"} 1\n"
                          "pricefeed_batch_bucket{program=\"x\",le=\"10.0\"} "
                          "1\n");
    assert_contains(text, "le=\"1000.0\"} 1\n"); /* counted as 1003 */
    assert_contains(text, "le=\"10000.0\"} 2\n");
    assert_contains(text, "print_seconds_count{program=\"x\"} 5\n");
    assert_contains(text, "batch_sum{program=\"x\"} 1004\n");
    free(text);
    pf_stats_close(program.stats);
}

/* Prometheus takes a bucket that shrinks for a program that has started again.
 * And none may have a value that is above its bound. */
static void buckets_only_grow_and_bound_their_values(void **state)
{
    static const struct {
        const char *line;
        uint64_t ns;
    } bounds[] = {{"le=\"0.0001\"} ", 100000},
                  {"le=\"0.01\"} ", 10000000},
                  {"le=\"1.0\"} ", 1000000000},
                  {"le=\"+Inf\"} ", UINT64_MAX}};
    struct pf_metrics_program program = {"x", open_stats(latency, 1)};
    struct pf_histogram *h = pf_stats_histogram(program.stats, 0);
    double before[COUNT(bounds)] = {0}, sum = 0, exact = 0;
    uint64_t within[COUNT(bounds)] = {0};

    (void)state;
    for (uint64_t ns = 99000; ns < 2000000000; ns += ns / 50) {
        char *text;

        pf_histogram_add(h, ns, 1);
        exact += (double)ns / 1e9;
        text = text_of(&program, 1, false, 0);
        for (size_t i = 0; i < COUNT(bounds); i++) {
            double n = number_in(text, bounds[i].line);

            within[i] += ns <= bounds[i].ns;
            assert_true(n >= before[i] && n <= (double)within[i]);
            before[i] = n;
        }
        sum = number_in(text, "_sum{program=\"x\"} ");
        assert_true(sum > exact * 0.9999999 && sum < exact * (1 + 1.0 / 128));
        free(text);
    }
    assert_true(within[0] && within[1] > within[0] && within[2] > within[1]);
    pf_stats_close(program.stats);
}

static void counts_of_a_corrupt_file_do_not_go_back(void **state)
{
    struct pf_metrics_program program = {"x", open_stats(latency, 1)};
    struct pf_histogram *h = pf_stats_histogram(program.stats, 0);
    char *text;

    (void)state;
    memset(h, 0xff, sizeof *h);
    h->n = 1; /* nobody relies on it */
    text = text_of(&program, 1, false, 0);
    assert_contains(text, "le=\"0.0001\"} 18446744073709551615\n");
    assert_contains(text, "le=\"+Inf\"} 18446744073709551615\n");
    assert_contains(text, "_count{program=\"x\"} 18446744073709551615\n");
    free(text);

    /* As a reader sees it while a value is added: counted, and not yet the
     * largest. */
    memset(h, 0, sizeof *h);
    pf_histogram_add(h, 1000, 1);
    h->counts[PF_HISTOGRAM_BUCKETS - 1] = 1;
    text = text_of(&program, 1, false, 0);
    assert_contains(text, "le=\"+Inf\"} 1\n");
    assert_contains(text, "_count{program=\"x\"} 1\n");
    free(text);
    pf_stats_close(program.stats);
}

static void openmetrics_is_for_those_who_ask_for_it(void **state)
{
    static const char *const yes[] = {
        "application/openmetrics-text",
        "Application/OpenMetrics-Text; Version=1.0.0",
        "application/openmetrics-text;version=\"1.0.0\";q=0.001",
        "text/html, application/openmetrics-text ; q=1.000",
        /* Prometheus 2.42 and 3.0 */
        "application/openmetrics-text;version=1.0.0,"
        "application/openmetrics-text;version=0.0.1;q=0.75,"
        "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
        "application/openmetrics-text;version=0.0.1;q=0.5,"
        "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.7,"
        "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
        "application/openmetrics-text;q=0.5,text/plain;q=0.4,*/*",
        "application/openmetrics-text;q=0.5,text/*;q=0.4,*/*",
        "application/openmetrics-text,*/*",
        ",, application/openmetrics-text",
    };
    static const char *const no[] = {
        "",
        "*/*",
        "text/plain",
        "application/*",
        "application/openmetrics-textual",
        "application/openmetrics-text;q=0",
        "application/openmetrics-text;q=0.000",
        "application/openmetrics-text;version=0.0.1",
        "application/openmetrics-text;version=2.0.0,text/plain;q=0.1",
        "application/openmetrics-text;q=0.4,text/plain;q=0.5",
        "application/openmetrics-text;q=0.4,text/plain;version=0.0.4",
        "application/openmetrics-text;q=0.4,text/*;q=0.5",
        "application/openmetrics-text;q=0.4,*/*;q=0.5",
        "application/openmetrics-text;q=1.1",
        "application/openmetrics-text;q=0.1234",
        "application/openmetrics-text;q=-1",
        "application/openmetrics-text;q=",
        "application/openmetrics-text;q=11",
        "application/openmetrics-text;q=.5",
        ";;;,,,===;q=\"",
    };

    (void)state;
    assert_false(pf_metrics_wants_openmetrics(NULL));
    for (size_t i = 0; i < COUNT(yes); i++)
        if (!pf_metrics_wants_openmetrics(yes[i]))
            fail_msg("not for '%s'", yes[i]);
    for (size_t i = 0; i < COUNT(no); i++)
        if (pf_metrics_wants_openmetrics(no[i]))
            fail_msg("for '%s'", no[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_metric_has_help_type_and_base_unit),
        cmocka_unit_test(openmetrics_has_units_and_an_end),
        cmocka_unit_test(nothing_is_an_exposition_too),
        cmocka_unit_test(programs_share_families),
        cmocka_unit_test(names_that_are_not_legal_are_left_out),
        cmocka_unit_test(legal_names_are_taken),
        cmocka_unit_test(texts_are_escaped_and_only_characters),
        cmocka_unit_test(a_series_is_there_once_and_a_family_has_one_type),
        cmocka_unit_test(histograms_have_cumulative_buckets),
        cmocka_unit_test(a_histogram_without_values_has_all_buckets),
        cmocka_unit_test(buckets_only_grow_and_bound_their_values),
        cmocka_unit_test(counts_of_a_corrupt_file_do_not_go_back),
        cmocka_unit_test(openmetrics_is_for_those_who_ask_for_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
