/* When a feed is healthy, by what its programs count. */
#include "unit.h"

#include "clock.h"
#include "feed_health.h"
#include "stats.h"

static const struct pf_metric producer_metrics[] = {
    {"finished", "", PF_GAUGE, ""},
    {"beat_ns", "", PF_GAUGE, ""},
    {"next_due_ns", "", PF_GAUGE, ""},
    {"last_arrival_ns", "", PF_GAUGE, ""},
    {"records_taken", "", PF_COUNTER, ""},
    {"records_arrived", "", PF_COUNTER, ""},
};

enum { FINISHED, BEAT, DUE, ARRIVAL, TAKEN, ARRIVED };

/* Those that both have come first, at the same places. */
static const struct pf_metric consumer_metrics[] = {
    {"finished", "", PF_GAUGE, ""},
    {"beat_ns", "", PF_GAUGE, ""},
    {"began_ns", "", PF_GAUGE, ""},
    {"position", "", PF_GAUGE, ""},
    {"records_taken", "", PF_COUNTER, ""},
    {"records_arrived", "", PF_COUNTER, ""},
    {"topic_end", "", PF_GAUGE, ""},
    {"records_held_back", "", PF_GAUGE, ""},
    {"postgres_connections", "", PF_COUNTER, ""},
};

enum { BEGAN = DUE, POSITION = ARRIVAL, END = ARRIVED + 1, HELD, CONNECTIONS };

struct world {
    char run[40];
    struct pf_stats *producer, *consumer;
    struct pf_health_look first, now;
    struct pf_error err;
};

static struct pf_stats *counters(const struct world *w, const char *name,
                                 const struct pf_metric *metrics, size_t n)
{
    struct pf_stats *stats = NULL;
    char path[80];

    snprintf(path, sizeof path, "%s/%s.stats", w->run, name);
    assert_int_equal(pf_stats_open(path, metrics, n, &stats, NULL), PF_OK);
    return stats;
}

/* A healthy feed: 10 prices were sent and printed, at full speed. */
static int make_world(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    uint64_t now_ns = (uint64_t)pf_now_ns();

    strcpy(w->run, "/tmp/pf-health-XXXXXX");
    assert_non_null(mkdtemp(w->run));
    w->producer = counters(w, "producer", producer_metrics,
                           COUNT(producer_metrics));
    w->consumer = counters(w, "consumer", consumer_metrics,
                           COUNT(consumer_metrics));
    for (int i = 0; i < 2; i++) {
        struct pf_stats *stats = i ? w->producer : w->consumer;

        pf_stats_set(stats, BEAT, now_ns);
        pf_stats_set(stats, TAKEN, 10);
        pf_stats_set(stats, ARRIVED, 10);
    }
    pf_stats_set(w->producer, ARRIVAL, now_ns);
    pf_stats_set(w->consumer, BEGAN, now_ns - 1000);
    pf_stats_set(w->consumer, POSITION, 10);
    pf_stats_set(w->consumer, END, 10);
    *state = w;
    return 0;
}

static int remove_world(void **state)
{
    struct world *w = *state;
    char command[80];

    pf_stats_close(w->producer);
    pf_stats_close(w->consumer);
    snprintf(command, sizeof command, "rm -r %s", w->run);
    assert_int_equal(system(command), 0);
    free(w);
    return 0;
}

/* Look once, and judge by the look before and this one. */
static enum pf_rc look(struct world *w)
{
    enum pf_rc rc;

    w->first = w->now;
    *w->err.text = '\0';
    rc = pf_health_look(w->run, &w->now, &w->err);
    return rc ? rc : pf_health_judge(&w->first, &w->now, &w->err);
}

/* Look twice: nothing moves meanwhile. */
static enum pf_rc look_twice(struct world *w)
{
    look(w);
    return look(w);
}

static void a_feed_that_is_through_is_healthy(void **state)
{
    struct world *w = *state;

    assert_int_equal(look_twice(w), PF_OK);
    assert_string_equal(w->err.text, "");
    assert_int_equal(w->now.consumer.arrived, 10);
    assert_true(pf_health_is_through(&w->now));
}

static void a_program_that_does_not_run_is_named(void **state)
{
    struct world *w = *state;
    char path[80];
    pid_t pid;

    /* Its counters remain; the process is gone. */
    pid = fork();
    if (pid == 0) {
        counters(w, "consumer", consumer_metrics, COUNT(consumer_metrics));
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    assert_int_equal(look(w), PF_IO);
    assert_string_equal(w->err.text, "consumer: it is not running");

    snprintf(path, sizeof path, "%s/producer.stats", w->run);
    unlink(path);
    assert_int_equal(look(w), PF_IO);
    assert_string_equal(w->err.text, "producer: it has not started");
}

static void a_program_that_has_finished_is_healthy(void **state)
{
    struct world *w = *state;

    pf_stats_set(w->producer, FINISHED, 1);
    pf_stats_set(w->producer, BEAT, 1);
    pf_stats_set(w->producer, DUE, 1); /* long ago */
    assert_int_equal(look_twice(w), PF_OK);

    /* Even if there is more by now: it has printed what it was to. */
    pf_stats_set(w->consumer, FINISHED, 1);
    pf_stats_set(w->consumer, BEAT, 1);
    pf_stats_set(w->consumer, END, 20);
    assert_int_equal(look_twice(w), PF_OK);
}

static void a_producer_has_to_begin_and_to_keep_its_pace(void **state)
{
    struct world *w = *state;

    pf_stats_set(w->producer, DUE, (uint64_t)(pf_now_ns() - 9 * PF_SECOND_NS));
    assert_int_equal(look_twice(w), PF_OK);
    pf_stats_set(w->producer, DUE, (uint64_t)(pf_now_ns() - 12 * PF_SECOND_NS));
    assert_int_equal(look(w), PF_IO);
    assert_string_equal(w->err.text, "producer: its next price is 12 s late");

    pf_stats_set(w->producer, BEAT, 0);
    pf_stats_set(w->producer, TAKEN, 0);
    assert_int_equal(look(w), PF_IO);
    assert_contains(w->err.text, "producer: it has not begun;");
}

static void a_consumer_that_waits_before_its_first_beat_is_said_to(void **state)
{
    struct world *w = *state;

    pf_stats_set(w->consumer, BEAT, 0);
    assert_int_equal(look(w), PF_IO);
    assert_contains(w->err.text, "consumer: it has not begun;");
}

static void a_consumer_that_does_not_beat_is_not_healthy(void **state)
{
    struct world *w = *state;

    pf_stats_set(w->consumer, BEAT, (uint64_t)(pf_now_ns() - 5 * PF_SECOND_NS));
    assert_int_equal(look(w), PF_IO);
    assert_contains(w->err.text, "consumer: it has not moved for 5 s; its log");
    assert_contains(w->err.text, w->run);
}

static void standing_still_says_what_it_waits_for(void **state)
{
    struct world *w = *state;

    pf_stats_set(w->consumer, END, 13);
    look(w);
    assert_int_equal(look(w), PF_AGAIN);
    assert_string_equal(w->err.text, "consumer: it is 3 records behind and "
                                     "makes no progress");
    assert_false(pf_health_is_through(&w->now));

    pf_stats_set(w->consumer, HELD, 3);
    assert_int_equal(look(w), PF_AGAIN);
    assert_contains(w->err.text, "an open transaction holds back 3 records");

    pf_stats_set(w->consumer, TAKEN, 12);
    assert_int_equal(look(w), PF_AGAIN);
    assert_contains(w->err.text, "2 records wait to be printed; does somebody");

    pf_stats_set(w->consumer, CONNECTIONS, 1);
    assert_int_equal(look(w), PF_AGAIN);
    assert_contains(w->err.text, "2 records wait for PostgreSQL;");
}

static void to_move_is_enough(void **state)
{
    struct world *w = *state;

    pf_stats_set(w->consumer, END, 1000);
    look(w);
    pf_stats_set(w->consumer, POSITION, 11);
    assert_int_equal(look(w), PF_OK);
    assert_int_equal(look(w), PF_AGAIN);
    pf_stats_set(w->consumer, TAKEN, 12);
    pf_stats_set(w->consumer, ARRIVED, 12);
    assert_int_equal(look(w), PF_OK);
}

static void a_price_that_is_due_has_to_be_printed(void **state)
{
    struct world *w = *state;

    pf_stats_set(w->consumer, TAKEN, 0);
    pf_stats_set(w->consumer, ARRIVED, 0);
    assert_int_equal(look_twice(w), PF_AGAIN);
    assert_contains(w->err.text, "it has not printed a price yet, and one is");

    /* The last one arrived before the consumer began, and none is due. */
    pf_stats_set(w->consumer, BEGAN, (uint64_t)pf_now_ns());
    assert_int_equal(look_twice(w), PF_OK);
    pf_stats_set(w->producer, DUE, (uint64_t)(pf_now_ns() + PF_SECOND_NS * 60));
    assert_int_equal(look_twice(w), PF_OK);
    pf_stats_set(w->producer, DUE, (uint64_t)pf_now_ns());
    assert_int_equal(look_twice(w), PF_AGAIN);
    pf_stats_set(w->producer, DUE, 0);
    pf_stats_set(w->producer, TAKEN, 11);
    assert_int_equal(look_twice(w), PF_AGAIN);

    pf_stats_set(w->consumer, BEGAN, 0);
    assert_int_equal(look_twice(w), PF_IO);
    assert_contains(w->err.text, "it does not know yet where to begin;");
}

static void each_of_the_two_is_judged_without_the_other(void **state)
{
    struct world *w = *state;
    char path[80];

    snprintf(path, sizeof path, "%s/producer.stats", w->run);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(pf_health_look_at_consumer(w->run, &w->now, &w->err),
                     PF_OK);
    assert_int_equal(pf_health_judge(&w->now, &w->now, &w->err), PF_OK);
    /* Nothing says that a price is due. */
    pf_stats_set(w->consumer, ARRIVED, 0);
    pf_stats_set(w->consumer, TAKEN, 0);
    pf_health_look_at_consumer(w->run, &w->now, &w->err);
    assert_int_equal(pf_health_judge(&w->now, &w->now, &w->err), PF_OK);
    pf_stats_set(w->consumer, END, 11);
    pf_health_look_at_consumer(w->run, &w->now, &w->err);
    assert_int_equal(pf_health_judge(&w->now, &w->now, &w->err), PF_AGAIN);
    assert_int_equal(pf_health_look_at_producer(w->run, &w->now, &w->err),
                     PF_IO);
    assert_string_equal(w->err.text, "producer: it has not started");
}

static void counters_of_another_program_are_not_healthy(void **state)
{
    struct world *w = *state;

    pf_stats_close(counters(w, "consumer", consumer_metrics, 3));
    assert_int_equal(look(w), PF_IO);
    assert_string_equal(w->err.text, "consumer: its counters: no counter is "
                                     "named records_arrived");
}

int main(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, make_world, remove_world)
    const struct CMUnitTest tests[] = {
        TEST(a_feed_that_is_through_is_healthy),
        TEST(a_program_that_does_not_run_is_named),
        TEST(a_program_that_has_finished_is_healthy),
        TEST(a_producer_has_to_begin_and_to_keep_its_pace),
        TEST(a_consumer_that_waits_before_its_first_beat_is_said_to),
        TEST(a_consumer_that_does_not_beat_is_not_healthy),
        TEST(standing_still_says_what_it_waits_for),
        TEST(to_move_is_enough),
        TEST(a_price_that_is_due_has_to_be_printed),
        TEST(each_of_the_two_is_judged_without_the_other),
        TEST(counters_of_another_program_are_not_healthy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
