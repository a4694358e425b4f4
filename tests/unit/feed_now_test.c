/* How the feed is, by looks a second apart at counters that a test writes. */
#include "unit.h"

#include <math.h>

#include "clock.h"
#include "feed_json.h"
#include "text_json.h"

/* A producer's and a consumer's, as far as they are looked at. */
static const struct pf_metric metrics[] = {
    {"finished", "", PF_GAUGE, ""},
    {"beat_ns", "", PF_GAUGE, ""},
    {"records_taken", "", PF_COUNTER, ""},
    {"records_arrived", "", PF_COUNTER, ""},
    {"records_refused", "Not \x1bused.", PF_COUNTER, "records"},
    {"next_due_ns", "", PF_GAUGE, ""},
    {"last_arrival_ns", "", PF_GAUGE, ""},
    {"began_ns", "", PF_GAUGE, ""},
    {"position", "", PF_GAUGE, ""},
    {"topic_end", "", PF_GAUGE, ""},
    {"records_held_back", "", PF_GAUGE, ""},
    {"records_skipped", "Nowhere.", PF_COUNTER, "records"},
    {"record_latency_ns", "", PF_HISTOGRAM, "nanoseconds"},
};

enum {
    FINISHED,
    BEAT,
    TAKEN,
    ARRIVED,
    REFUSED,
    DUE,
    ARRIVAL,
    BEGAN,
    POSITION,
    END,
    HELD,
    SKIPPED,
    LATENCY
};

static const struct pf_metric init_metrics[] = {
    {"feed_started_ns", "", PF_GAUGE, ""},
    {"program_state{program=\"kafka\"}", "", PF_GAUGE, ""},
    {"program_since_ns{program=\"kafka\"}", "", PF_GAUGE, ""},
    {"program_state{program=\"web-2\"}", "", PF_GAUGE, ""},
    {"program_pid{program=\"kafka\"}", "", PF_GAUGE, ""},
    {"program_restarts{program=\"kafka\"}", "", PF_COUNTER, ""},
    {"program_state{program=\"web-2\"} ", "", PF_GAUGE, ""},
    {"program_pid{program=\"../x\"}", "", PF_GAUGE, ""},
    {"program_pid{program=\"", "", PF_GAUGE, ""},
    {"program_pid", "", PF_HISTOGRAM, ""},
};

struct world {
    char run[40];
    struct web_feed *feed;
    struct pf_stats *producer, *consumer, *init;
    int64_t now_ns;
    struct web_feed_now now;
    struct web_history history;
};

static struct pf_stats *counters(const struct world *w, const char *name,
                                 const struct pf_metric *rows, size_t n)
{
    struct pf_stats *stats = NULL;
    char path[80];

    snprintf(path, sizeof path, "%s/%s.stats", w->run, name);
    assert_int_equal(pf_stats_open(path, rows, n, &stats, NULL), PF_OK);
    return stats;
}

static int make_world(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    strcpy(w->run, "/tmp/pf-feed-XXXXXX");
    assert_non_null(mkdtemp(w->run));
    assert_int_equal(web_feed_new(w->run, &w->feed, NULL), PF_OK);
    w->now_ns = pf_now_ns();
    *state = w;
    return 0;
}

static int remove_world(void **state)
{
    struct world *w = *state;
    char command[80];

    pf_stats_close(w->producer);
    pf_stats_close(w->consumer);
    pf_stats_close(w->init);
    web_feed_free(w->feed);
    snprintf(command, sizeof command, "rm -r %s", w->run);
    assert_int_equal(system(command), 0);
    free(w);
    return 0;
}

/* Both programs begin, or begin again. */
static void begin(struct world *w)
{
    pf_stats_close(w->producer);
    pf_stats_close(w->consumer);
    w->producer = counters(w, "producer", metrics, COUNT(metrics));
    w->consumer = counters(w, "consumer", metrics, COUNT(metrics));
    pf_stats_set(w->producer, BEAT, 1);
    pf_stats_set(w->consumer, BEAT, (uint64_t)w->now_ns);
    pf_stats_set(w->consumer, BEGAN, (uint64_t)w->now_ns);
}

/* This many prices go from one to the other. */
static void flow(struct world *w, uint64_t n)
{
    pf_stats_add(w->producer, TAKEN, n);
    pf_stats_add(w->producer, ARRIVED, n);
    pf_stats_add(w->consumer, TAKEN, n);
    pf_stats_add(w->consumer, ARRIVED, n);
    pf_stats_add(w->consumer, POSITION, n);
    pf_stats_add(w->consumer, END, n);
}

/* Look, after that many seconds. */
static void look(struct world *w, double seconds, bool broker_answers)
{
    w->now_ns += (int64_t)(seconds * 1e9);
    web_feed_look(w->feed, w->now_ns,
                  broker_answers ? NULL : "broker: it does not answer");
    web_feed_now(w->feed, &w->now);
    web_feed_history(w->feed, &w->history);
}

static void assert_number(double value, double wanted)
{
    if (fabs(value - wanted) > 1e-9)
        fail_msg("%g is not %g", value, wanted);
}

static void rates_are_those_since_the_last_look(void **state)
{
    struct world *w = *state;

    begin(w);
    flow(w, 5000);
    look(w, 0, true);
    assert_true(isnan(w->now.produced_per_second)); /* since when? */
    assert_true(isnan(w->now.printed_per_second));
    assert_true(w->now.counts.has_lag);

    flow(w, 300);
    pf_stats_add(w->producer, ARRIVED, 20);
    pf_stats_add(w->consumer, END, 20);
    look(w, 1, true);
    assert_number(w->now.produced_per_second, 320);
    assert_number(w->now.printed_per_second, 300);
    assert_int_equal(w->now.counts.lag, 20);

    flow(w, 300);
    look(w, 1.5, true);
    assert_number(w->now.produced_per_second, 200);
    look(w, 1, true);
    assert_number(w->now.produced_per_second, 0);
}

static void a_restarted_program_has_no_rate_below_zero(void **state)
{
    struct world *w = *state;

    begin(w);
    flow(w, 5000);
    look(w, 0, true);
    begin(w);
    flow(w, 70);
    look(w, 1, true);
    assert_number(w->now.produced_per_second, 70);
    assert_number(w->now.printed_per_second, 70);

    /* Another process may have come further than the one before. */
    if (fork() == 0) {
        begin(w);
        flow(w, 90);
        _exit(0);
    }
    wait(NULL);
    look(w, 1, true);
    assert_number(w->now.printed_per_second, 90);
}

static void without_counters_numbers_are_unknown(void **state)
{
    struct world *w = *state;
    char path[80];

    look(w, 0, true);
    assert_true(isnan(w->now.printed_per_second));
    assert_true(isnan(w->now.uptime_seconds));
    assert_true(isnan(w->now.latency_p50_seconds));
    assert_false(w->now.counts.has_lag);
    begin(w);
    look(w, 1, true);
    flow(w, 10);
    look(w, 1, true);
    assert_number(w->now.printed_per_second, 10);

    snprintf(path, sizeof path, "%s/consumer.stats", w->run);
    unlink(path);
    look(w, 1, true);
    assert_true(isnan(w->now.printed_per_second));
    assert_number(w->now.produced_per_second, 0);
    assert_int_equal(w->now.counts.consumer.pid, 0);
}

static void the_history_has_a_step_for_each_second(void **state)
{
    struct world *w = *state;

    look(w, 0, true);
    begin(w);
    look(w, 1, true);
    flow(w, 10);
    look(w, 1.02, true);
    flow(w, 12);
    look(w, 3.01, true); /* nobody has looked for two steps */
    assert_int_equal(w->history.n, 6);
    assert_int_equal(w->history.until_ms, w->now.at_ms);
    assert_true(isnan(w->history.values[WEB_PRINTED][0]));
    assert_true(isnan(w->history.values[WEB_PRINTED][1]));
    assert_number(w->history.values[WEB_PRINTED][2], 10 / 1.02);
    assert_true(isnan(w->history.values[WEB_PRINTED][3]));
    assert_true(isnan(w->history.values[WEB_PRINTED][4]));
    assert_number(w->history.values[WEB_PRINTED][5], 12 / 3.01);
    assert_true(isnan(w->history.values[WEB_LAG][4]));
    assert_number(w->history.values[WEB_LAG][5], 0);

    for (unsigned i = 1; i <= 1000; i++) {
        flow(w, i);
        look(w, 1, true);
    }
    assert_int_equal(w->history.n, WEB_STEPS);
    for (unsigned i = 0; i < WEB_STEPS; i++)
        assert_number(w->history.values[WEB_PRODUCED][i], 401 + i);
    look(w, 1e6, true);
    assert_int_equal(w->history.n, WEB_STEPS);
    for (unsigned i = 0; i + 1 < WEB_STEPS; i++)
        assert_true(isnan(w->history.values[WEB_PRODUCED][i]));
}

static void latencies_are_those_of_the_last_ten_seconds(void **state)
{
    struct world *w = *state;

    begin(w);
    pf_histogram_add(pf_stats_histogram(w->consumer, LATENCY), 1000, 1000000);
    look(w, 0, true);
    assert_true(isnan(w->now.latency_p50_seconds));
    pf_histogram_add(pf_stats_histogram(w->consumer, LATENCY), 128000000, 98);
    pf_histogram_add(pf_stats_histogram(w->consumer, LATENCY), 1000000001, 2);
    look(w, 1, true);
    assert_true(w->now.latency_p50_seconds >= 0.128 &&
                w->now.latency_p50_seconds < 0.129);
    assert_true(w->now.latency_p99_seconds >= 1);
    assert_number(w->now.latency_max_seconds, 1.000000001);
    for (int i = 0; i < WEB_WINDOW_TURNS; i++)
        look(w, 1, true);
    assert_true(isnan(w->now.latency_max_seconds));
    assert_int_equal(w->history.n, 12);
    assert_number(w->history.values[WEB_LATENCY_P99][1],
                  w->history.values[WEB_LATENCY_P99][10]);
    assert_true(isnan(w->history.values[WEB_LATENCY_P99][11]));
}

static void assert_health(const struct world *w, enum web_health health,
                          const char *why)
{
    assert_string_equal(w->now.why.text, why);
    assert_int_equal(w->now.health, health);
}

static void a_feed_is_starting_until_it_was_healthy_once(void **state)
{
    struct world *w = *state;

    look(w, 0, false);
    assert_health(w, WEB_FEED_STARTING, "broker: it does not answer");
    look(w, 20, true);
    assert_health(w, WEB_FEED_STARTING, "producer: it has not started");
    begin(w);
    pf_stats_set(w->consumer, BEGAN, 0);
    look(w, 1, true);
    assert_health(w, WEB_FEED_STARTING,
                  "consumer: it does not know yet where to begin; its log says "
                  "what it waits for");
    look(w, 38, true);
    assert_int_equal(w->now.health, WEB_FEED_STARTING);
    look(w, 1, true);
    assert_int_equal(w->now.health, WEB_FEED_UNHEALTHY); /* after a minute */

    pf_stats_set(w->consumer, BEGAN, 1);
    flow(w, 12);
    look(w, 1, true);
    assert_health(w, WEB_FEED_HEALTHY,
                  "12 prices printed since the consumer started");
    look(w, 1, false);
    assert_health(w, WEB_FEED_UNHEALTHY, "broker: it does not answer");
}

static void the_feed_s_start_counts_and_not_the_first_look(void **state)
{
    struct world *w = *state;

    w->init = counters(w, "init", init_metrics, COUNT(init_metrics));
    pf_stats_set(w->init, 0, (uint64_t)(w->now_ns - 59 * PF_SECOND_NS));
    look(w, 0, true);
    assert_int_equal(w->now.health, WEB_FEED_STARTING);
    assert_number(w->now.uptime_seconds, 59);
    look(w, 1, true);
    assert_int_equal(w->now.health, WEB_FEED_UNHEALTHY);

    pf_stats_set(w->init, 0, UINT64_MAX); /* damaged: it is not used */
    look(w, 1, true);
    assert_true(isnan(w->now.uptime_seconds));
    assert_int_equal(w->now.health, WEB_FEED_STARTING);
}

static void standing_still_is_unhealthy_after_two_seconds(void **state)
{
    struct world *w = *state;

    begin(w);
    flow(w, 10);
    look(w, 0, true);
    assert_int_equal(w->now.health, WEB_FEED_HEALTHY);
    pf_stats_add(w->consumer, END, 5);
    look(w, 1, true);
    assert_int_equal(w->now.health, WEB_FEED_HEALTHY);
    look(w, 1, true);
    assert_health(w, WEB_FEED_UNHEALTHY,
                  "consumer: it is 5 records behind and makes no progress");
    look(w, 1, true);
    assert_int_equal(w->now.health, WEB_FEED_UNHEALTHY);

    pf_stats_add(w->consumer, POSITION, 1); /* it moves */
    look(w, 1, true);
    assert_int_equal(w->now.health, WEB_FEED_HEALTHY);
    look(w, 1, true);
    assert_int_equal(w->now.health, WEB_FEED_HEALTHY);

    /* Where the broker was away, it has its time once more. */
    look(w, 1, false);
    assert_int_equal(w->now.health, WEB_FEED_UNHEALTHY);
    look(w, 1, true);
    assert_string_equal(w->now.why.text, "broker: it does not answer");
    look(w, 2, true);
    assert_health(w, WEB_FEED_UNHEALTHY,
                  "consumer: it is 4 records behind and makes no progress");
}

static void all_printed_is_finished(void **state)
{
    struct world *w = *state;

    begin(w);
    flow(w, 10);
    pf_stats_set(w->producer, FINISHED, 1);
    pf_stats_add(w->consumer, END, 1);
    look(w, 0, true);
    assert_int_equal(w->now.health,
                     WEB_FEED_STARTING); /* one look is too few */
    pf_stats_add(w->consumer, POSITION, 1);
    look(w, 1, true);
    assert_health(w, WEB_FEED_FINISHED,
                  "all prices are printed, 10 since the consumer started");
}

static void of_a_feed_elsewhere_only_the_broker_is_known(void **state)
{
    struct world *w = *state;

    web_feed_free(w->feed);
    assert_int_equal(web_feed_new("", &w->feed, NULL), PF_OK);
    begin(w);
    look(w, 0, false);
    assert_int_equal(w->now.health, WEB_FEED_STARTING);
    look(w, 1, true);
    assert_int_equal(w->now.health, WEB_FEED_HEALTHY);
    assert_contains(w->now.why.text, "feed.run is not set");
    assert_int_equal(w->now.counts.consumer.pid, 0);
}

static void what_was_refused_is_listed_with_its_help(void **state)
{
    struct world *w = *state;
    struct json_object *json;

    begin(w);
    pf_stats_set(w->producer, SKIPPED, 3);
    pf_stats_set(w->consumer, REFUSED, UINT64_MAX);
    look(w, 0, true);
    assert_int_equal(w->now.counts.n_refused, 2);
    json = web_now_json(&w->now);
    assert_string_equal(
        json_object_to_json_string_ext(json_object_object_get(json, "refused"),
                                       JSON_C_TO_STRING_PLAIN),
        "[{\"program\":\"producer\",\"name\":\"records_skipped\",\"help\":"
        "\"Nowhere.\",\"count\":3},{\"program\":\"consumer\",\"name\":"
        "\"records_refused\",\"help\":\"Not \\\\x1bused.\",\"count\":"
        "18446744073709551615}]");
    json_object_put(json);
}

static void programs_are_those_that_pf_init_counts(void **state)
{
    struct world *w = *state;
    const struct web_program *kafka = &w->now.counts.programs[0];
    struct json_object *json, *since;
    char wanted[200];

    w->init = counters(w, "init", init_metrics, COUNT(init_metrics));
    pf_stats_set(w->init, 1, WEB_PROGRAM_RUNNING);
    pf_stats_set(w->init, 2, (uint64_t)(w->now_ns - 5 * PF_SECOND_NS));
    pf_stats_set(w->init, 3, 77); /* of a later pf-init */
    pf_stats_set(w->init, 4, 4711);
    pf_stats_set(w->init, 5, 2);
    look(w, 0, true);
    assert_int_equal(w->now.counts.n_programs, 2);
    assert_int_equal(kafka->state, WEB_PROGRAM_RUNNING);

    json = web_now_json(&w->now);
    since = web_time_json(w->now.at_ms - 5000);
    snprintf(wanted, sizeof wanted,
             "[{\"name\":\"kafka\",\"state\":\"running\",\"pid\":4711,"
             "\"since\":\"%s\",\"restarts\":2},{\"name\":\"web-2\",\"state\":"
             "\"stopped\",\"pid\":null,\"since\":null,\"restarts\":0}]",
             json_object_get_string(since));
    assert_string_equal(
        json_object_to_json_string_ext(json_object_object_get(json, "programs"),
                                       JSON_C_TO_STRING_PLAIN),
        wanted);
    json_object_put(since);
    json_object_put(json);
}

static void unknown_numbers_are_null(void **state)
{
    struct world *w = *state;
    struct json_object *json;

    look(w, 0, true);
    json = web_now_json(&w->now);
    json_object_object_del(json, "time");
    assert_string_equal(
        json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN),
        "{\"health\":{\"state\":\"starting\",\"why\":\"producer: it has not "
        "started\"},\"version\":\"" PF_VERSION "\",\"uptime_seconds\":null,"
        "\"produced_per_second\":null,\"printed_per_second\":null,\"lag\":null,"
        "\"printed\":null,\"latency_seconds\":null,\"refused\":[],"
        "\"programs\":[]}");
    json_object_put(json);
    json = web_history_json(&w->history);
    assert_string_equal(
        json_object_to_json_string_ext(json_object_object_get(json, "series"),
                                       JSON_C_TO_STRING_PLAIN),
        "{\"produced_per_second\":[null],\"printed_per_second\":[null],"
        "\"lag\":[null],\"latency_p50_seconds\":[null],"
        "\"latency_p99_seconds\":[null]}");
    json_object_put(json);
}

int main(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, make_world, remove_world)
    const struct CMUnitTest tests[] = {
        TEST(rates_are_those_since_the_last_look),
        TEST(a_restarted_program_has_no_rate_below_zero),
        TEST(without_counters_numbers_are_unknown),
        TEST(the_history_has_a_step_for_each_second),
        TEST(latencies_are_those_of_the_last_ten_seconds),
        TEST(a_feed_is_starting_until_it_was_healthy_once),
        TEST(the_feed_s_start_counts_and_not_the_first_look),
        TEST(standing_still_is_unhealthy_after_two_seconds),
        TEST(all_printed_is_finished),
        TEST(of_a_feed_elsewhere_only_the_broker_is_known),
        TEST(what_was_refused_is_listed_with_its_help),
        TEST(programs_are_those_that_pf_init_counts),
        TEST(unknown_numbers_are_null),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
