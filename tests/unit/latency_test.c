/* How late records arrive: from their timestamps until then. */
#include "unit.h"

#include "clock.h"
#include "latency.h"

#define MS_NS UINT64_C(1000000)
#define MINUTE_NS (60000 * MS_NS)

static struct pf_histogram histogram;
static struct pf_latency *latency;

static int make(void **state)
{
    (void)state;
    histogram = (struct pf_histogram){0};
    return pf_latency_new(&histogram, &latency, NULL);
}

static int end(void **state)
{
    (void)state;
    pf_latency_free(latency);
    return 0;
}

/* n records that were made that many ms ago are taken. */
static void take(int64_t ms_ago, size_t n)
{
    struct pf_record records[10];

    for (size_t i = 0; i < n; i++)
        records[i] = (struct pf_record){
            .timestamp = pf_wall_ns() / (int64_t)MS_NS - ms_ago};
    pf_latency_take(latency, records, n);
}

/* The same for one record with that timestamp. */
static void take_one(int64_t timestamp)
{
    const struct pf_record record = {.timestamp = timestamp};

    pf_latency_take(latency, &record, 1);
}

/* Is that part of all this late? A minute more will do, and what a histogram
 * does not tell apart. */
static void assert_late(double part, uint64_t ns)
{
    assert_in_range(pf_histogram_quantile(&histogram, part), ns,
                    ns + ns / PF_HISTOGRAM_STEPS + MINUTE_NS);
}

static void each_record_counts_when_it_arrives(void **state)
{
    (void)state;
    take(1000 * 60000, 3);
    take(500 * 60000, 1);
    take(0, 4);
    assert_int_equal(histogram.n, 0);

    pf_latency_arrive(latency, 2, 6);
    assert_int_equal(histogram.n, 2);
    assert_late(0, 1000 * MINUTE_NS);
    pf_latency_arrive(latency, 0, 6);
    assert_int_equal(histogram.n, 2);
    pf_latency_arrive(latency, 6, 0);
    assert_int_equal(histogram.n, 8);
    assert_late(0.5, 0);
    assert_late(5.0 / 8, 500 * MINUTE_NS);
    assert_late(6.0 / 8, 1000 * MINUTE_NS);
    assert_late(1, 1000 * MINUTE_NS);
}

static void it_is_at_least_what_the_clock_says(void **state)
{
    (void)state;
    take(7, 1);
    pf_latency_arrive(latency, 1, 0);
    assert_true(histogram.max >= 7 * MS_NS);
}

static void records_of_one_batch_may_have_any_times(void **state)
{
    int64_t now = pf_wall_ns() / (int64_t)MS_NS;
    const struct pf_record records[] = {
        {.timestamp = now},          {.timestamp = now - 600000},
        {.timestamp = now - 600000}, {.timestamp = now},
        {.timestamp = now},          {.timestamp = now - 1200000},
    };

    (void)state;
    pf_latency_take(latency, records, COUNT(records));
    pf_latency_take(latency, records, 0);
    pf_latency_arrive(latency, COUNT(records), 0);
    assert_int_equal(histogram.n, 6);
    assert_late(3.0 / 6, 0);
    assert_late(4.0 / 6, 10 * MINUTE_NS);
    assert_late(5.0 / 6, 10 * MINUTE_NS);
    assert_late(1, 20 * MINUTE_NS);
}

static void a_clock_that_is_ahead_makes_it_0(void **state)
{
    (void)state;
    take(-1000 * 60000, 5);
    take_one(INT64_MAX);
    take_one(INT64_MAX / (int64_t)MS_NS + 1);
    pf_latency_arrive(latency, 7, 0);
    assert_int_equal(histogram.n, 7);
    assert_int_equal(histogram.max, 0);
}

static void a_record_without_a_timestamp_does_not_count(void **state)
{
    (void)state;
    take_one(-1);
    take_one(INT64_MIN);
    take(0, 1);
    pf_latency_arrive(latency, 2, 1);
    assert_int_equal(histogram.n, 0);
    pf_latency_arrive(latency, 1, 0);
    assert_int_equal(histogram.n, 1);
}

static void the_first_millisecond_of_all_is_a_timestamp(void **state)
{
    (void)state;
    take_one(0);
    pf_latency_arrive(latency, 1, 0);
    assert_int_equal(histogram.n, 1);
    assert_late(1, (uint64_t)pf_wall_ns() - MINUTE_NS);
}

static void what_a_sink_takes_back_does_not_count(void **state)
{
    (void)state;
    take(1000 * 60000, 5);
    pf_latency_arrive(latency, 2, 3);
    pf_latency_arrive(latency, 0, 0);
    assert_int_equal(histogram.n, 2);

    take(0, 1);
    pf_latency_arrive(latency, 1, 0);
    assert_int_equal(histogram.n, 3);
    assert_late(1.0 / 3, 0);
    assert_late(2.0 / 3, 1000 * MINUTE_NS);
}

/* Each record has another timestamp than the one before, and there are more
 * than are told apart: all count, the last of them as those before them. */
static void any_number_may_be_under_way(void **state)
{
    const size_t n = PF_LATENCY_RUNS + 100;
    int64_t now = pf_wall_ns() / (int64_t)MS_NS;

    (void)state;
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < n; i++)
            take_one(i < PF_LATENCY_RUNS ? now - 1200000 - (int64_t)(i % 2)
                                         : now);
        pf_latency_arrive(latency, 1000, n - 1000);
        for (int64_t i = 0; i < 900; i++) /* the ring goes round */
            take_one(now - 1200000 - i % 2);
        pf_latency_arrive(latency, n - 100, 0);
        assert_int_equal(histogram.n, (uint64_t)(round + 1) * (n + 900));
        assert_late(0, 20 * MINUTE_NS);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_record_counts_when_it_arrives),
        TEST(it_is_at_least_what_the_clock_says),
        TEST(records_of_one_batch_may_have_any_times),
        TEST(a_clock_that_is_ahead_makes_it_0),
        TEST(a_record_without_a_timestamp_does_not_count),
        TEST(the_first_millisecond_of_all_is_a_timestamp),
        TEST(what_a_sink_takes_back_does_not_count),
        TEST(any_number_may_be_under_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
