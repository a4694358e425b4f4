/* The random source: which prices, and when. */
#include "unit.h"

#include <poll.h>
#include <time.h>

#include "clock.h"
#include "prng.h"
#include "random.h"

/* pf-producer -X feed.sink=console -X feed.seed=1 -X feed.count=1000000 \
 *     -X feed.rate=0 | sha256sum */
#define MILLION_SHA256 \
    "958afbb6e8bf92f74b957c568f786d3bef5d57c3e0cb9778786885df7349d492"

static struct pf_source *open_source(struct pf_random random)
{
    static const struct pf_metric metrics[] = {
        {"next_due_ns", "", PF_GAUGE, PF_UNIT_MOMENT}};
    static struct pf_stats *stats; /* kept: one serves all tests */
    struct pf_source *source;

    if (!stats)
        assert_int_equal(pf_stats_open("", metrics, 1, &stats, NULL), PF_OK);
    random.start.stats = stats;
    assert_int_equal(pf_random_source_open(&random, &source, NULL), PF_OK);
    return source;
}

static enum pf_rc read_batch(struct pf_source *source, int timeout_ms,
                             struct pf_batch *ret)
{
    return source->ops->read(source, timeout_ms, ret, NULL);
}

static void sleep_ms(int ms)
{
    poll(NULL, 0, ms); /* time itself is what is tested here */
}

static void the_first_million_of_seed_1_have_the_published_sum(void **state)
{
    struct pf_source *source = open_source(
        (struct pf_random){.seed = 1, .start.count = 1000000});
    char path[] = "/tmp/pf-random-XXXXXX", command[100], sum[65] = "";
    int fd = mkstemp(path);
    FILE *lines = fdopen(fd, "w"), *pipe;
    struct pf_batch batch;
    int64_t position = 0;

    (void)state;
    assert_non_null(lines);
    while (read_batch(source, 0, &batch) == PF_OK) {
        for (size_t i = 0; i < batch.n; i++) {
            assert_int_equal(batch.records[i].offset, position++);
            fwrite(batch.records[i].value, 1, batch.records[i].value_len,
                   lines);
            fputc('\n', lines);
        }
        assert_int_equal(batch.ticket, position);
    }
    assert_int_equal(position, 1000000);
    assert_int_equal(fclose(lines), 0);
    pf_source_close(source);

    snprintf(command, sizeof command, "sha256sum <%s", path);
    pipe = popen(command, "r");
    assert_non_null(pipe);
    assert_non_null(fgets(sum, sizeof sum, pipe));
    assert_int_equal(pclose(pipe), 0);
    unlink(path);
    assert_string_equal(sum, MILLION_SHA256);
}

static void a_price_depends_on_seed_and_place_alone(void **state)
{
    struct pf_source *source = open_source((struct pf_random){.seed = 7});
    struct pf_batch batch;

    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(read_batch(source, 0, &batch), PF_OK);
    for (size_t i = 0; i < batch.n; i++) {
        struct pf_price price = pf_random_price(
            7, (uint64_t)batch.records[i].offset);
        char json[PF_PRICE_JSON_SIZE];

        assert_int_equal(pf_price_encode(&price, json),
                         batch.records[i].value_len);
        assert_memory_equal(json, batch.records[i].value,
                            batch.records[i].value_len);
    }
    pf_source_close(source);
}

/* The number that pf_prng_mix() makes out. */
static uint64_t unmix(uint64_t out)
{
    out ^= out >> 31 ^ out >> 62;
    out *= UINT64_C(0x319642b2d24d8ec3); /* inverse of the second factor */
    out ^= out >> 27 ^ out >> 54;
    out *= UINT64_C(0x96de1b173f119089); /* inverse of the first factor */
    return out ^ out >> 30 ^ out >> 60;
}

static void bits_that_would_favour_some_results_are_replaced(void **state)
{
    static const uint64_t bits[] = {
        0,                            /* refused for match and price alike */
        UINT64_C(0x0000000000000001), /* for match: its half is 0 */
        UINT64_C(0x0000000100000000), /* for price: its half is 0 */
        UINT64_C(0x00000000ffffffff),
        UINT64_C(0xffffffff00000000),
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bits); i++) {
        uint64_t seed = unmix(bits[i]) - UINT64_C(0x9e3779b97f4a7c15);
        struct pf_price price;

        assert_true(pf_prng_at(seed, 0) == bits[i]);
        alarm(5); /* for the draw that never ends */
        price = pf_random_price(seed, 0);
        alarm(0);
        assert_true(pf_price_in_range(&price));
    }
}

#define MATCHES (PF_MATCH_MAX - PF_MATCH_MIN + 1)
#define TICKS (PF_TICKS_MAX - PF_TICKS_MIN + 1)

/*
 * How far n equally likely counts are from equal, in standard deviations: chi
 * squared with n - 1 degrees of freedom has that mean, and twice that
 * variance. For n as great as here it is near enough to normal.
 */
static double deviation(const unsigned *counts, size_t n, size_t draws)
{
    double expected = (double)draws / (double)n, chi_squared = 0;
    double freedom = (double)n - 1, from_mean;

    for (size_t i = 0; i < n; i++) {
        double off = counts[i] - expected;

        chi_squared += off * off / expected;
    }
    from_mean = chi_squared - freedom;
    return from_mean * from_mean / (2 * freedom); /* squared */
}

static void matches_and_prices_are_uniform_and_independent(void **state)
{
    enum { DRAWS = 10000000 };
    static unsigned matches[MATCHES], ticks[TICKS], pairs[MATCHES * TICKS];
    static unsigned following[30 * 30];
    size_t before = 0;

    (void)state;
    for (uint64_t i = 0; i < DRAWS; i++) {
        struct pf_price p = pf_random_price(20261121, i);
        size_t match = (size_t)(p.match - PF_MATCH_MIN);
        size_t tick = (size_t)(p.ticks - PF_TICKS_MIN);

        assert_true(pf_price_in_range(&p));
        matches[match]++;
        ticks[tick]++;
        pairs[match * TICKS + tick]++;
        following[before * 30 + match / 30]++;
        before = match / 30;
    }
    /* Both limits are among what comes. */
    assert_true(matches[0] && matches[MATCHES - 1]);
    assert_true(ticks[0] && ticks[TICKS - 1]);

    /* The seed is fixed: what is within 3 standard deviations stays so. */
    assert_true(deviation(matches, MATCHES, DRAWS) < 9);
    assert_true(deviation(ticks, TICKS, DRAWS) < 9);
    assert_true(deviation(pairs, COUNT(pairs), DRAWS) < 9);
    assert_true(deviation(following, COUNT(following), DRAWS) < 9);
}

static void ends_after_count_prices(void **state)
{
    struct pf_source *source = open_source(
        (struct pf_random){.seed = 1, .start.count = 1500});
    struct pf_batch batch;

    (void)state;
    assert_int_equal(read_batch(source, 0, &batch), PF_OK);
    assert_int_equal(batch.n, 1000);
    assert_int_equal(read_batch(source, 0, &batch), PF_OK);
    assert_int_equal(batch.n, 500);
    assert_int_equal(batch.ticket, 1500);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(read_batch(source, 0, &batch), PF_END);
        assert_int_equal(batch.n, 0);
    }
    pf_source_close(source);
}

/* Read until n prices have come, or more; returns how long it took, in ms. */
static int64_t read_prices(struct pf_source *source, size_t n)
{
    int64_t begin = pf_now_ms();

    while (n) {
        struct pf_batch batch;
        enum pf_rc rc = read_batch(source, 1000, &batch);

        assert_true(rc == PF_OK || rc == PF_AGAIN);
        n -= batch.n < n ? batch.n : n;
    }
    return pf_now_ms() - begin;
}

static void gives_prices_when_they_are_due(void **state)
{
    struct pf_source *source = open_source(
        (struct pf_random){.seed = 1, .rate = 1000});
    struct pf_batch batch;
    int64_t took;

    (void)state;
    assert_int_equal(read_batch(source, 0, &batch), PF_OK); /* the first */
    assert_int_equal(batch.n, 1);
    took = read_prices(source, 100);
    assert_in_range(took, 99, 900);

    /* A reader that was late gets at once what was due meanwhile. */
    sleep_ms(150);
    assert_int_equal(read_batch(source, 0, &batch), PF_OK);
    assert_in_range(batch.n, 150, 900);
    pf_source_close(source);
}

static void before_the_first_with_a_pace_they_come_at_once(void **state)
{
    struct pf_source *source = open_source((struct pf_random){
        .seed = 1, .rate = 0.001, .start.first = 5, .start.at_once = 1205});
    struct pf_batch batch;

    (void)state;
    assert_int_equal(read_batch(source, 0, &batch), PF_OK);
    assert_int_equal(batch.n, 1000);
    assert_int_equal(batch.records[0].offset, 5);
    assert_int_equal(read_batch(source, 100, &batch), PF_OK);
    assert_int_equal(batch.n, 201); /* the next one is in a thousand seconds */
    assert_int_equal(read_batch(source, 1, &batch), PF_AGAIN);
    pf_source_close(source);
}

static void the_match_is_the_key_if_that_decides_the_partition(void **state)
{
    struct pf_source *source = open_source(
        (struct pf_random){.seed = 1, .start.partition = PF_BY_KEY});
    struct pf_batch batch;

    (void)state;
    assert_int_equal(read_batch(source, 0, &batch), PF_OK);
    for (size_t i = 0; i < batch.n; i++) {
        const struct pf_record *r = &batch.records[i];
        struct pf_price price;

        assert_true(pf_price_recognise(r->value, r->value_len, &price));
        assert_int_equal(r->key_len, 3);
        assert_int_equal(strtol(r->key, NULL, 10), price.match);
        assert_int_equal(r->partition, PF_BY_KEY);
    }
    pf_source_close(source);

    source = open_source((struct pf_random){.seed = 1});
    assert_int_equal(read_batch(source, 0, &batch), PF_OK);
    assert_null(batch.records[0].key);
    pf_source_close(source);
}

static void gives_together_what_comes_due_within_a_tick(void **state)
{
    struct pf_source *source = open_source(
        (struct pf_random){.seed = 1, .rate = 100000});
    int64_t begin = pf_now_ns();
    size_t given = 0, batches = 0;

    (void)state;
    while (given < 10000) {
        struct pf_batch batch;

        batches += read_batch(source, 1000, &batch) == PF_OK;
        given += batch.n;
    }
    /* Half a millisecond lies between two, and more on a busy machine. */
    assert_true((int64_t)batches <= (pf_now_ns() - begin) / 500000 + 2);
    pf_source_close(source);
}

static void waits_no_longer_than_it_may(void **state)
{
    struct pf_source *source = open_source(
        (struct pf_random){.seed = 1, .rate = 0.001});
    struct pf_batch batch;
    int64_t begin;

    (void)state;
    assert_int_equal(read_batch(source, 1000, &batch), PF_OK);
    begin = pf_now_ms();
    assert_int_equal(read_batch(source, 0, &batch), PF_AGAIN);
    assert_int_equal(batch.n, 0);
    assert_int_equal(read_batch(source, 50, &batch), PF_AGAIN);
    assert_in_range(pf_now_ms() - begin, 49, 900);
    pf_source_close(source);
}

static void skips_forward_after_more_than_a_second(void **state)
{
    struct pf_source *source = open_source(
        (struct pf_random){.seed = 1, .rate = 500});
    struct pf_batch batch;

    (void)state;
    assert_int_equal(read_batch(source, 0, &batch), PF_OK);
    sleep_ms(1100);
    assert_int_equal(read_batch(source, 0, &batch), PF_OK);
    assert_in_range(batch.n, 1, 100);                  /* no flood of 550 */
    assert_int_equal(batch.records[0].offset, 1);      /* and no gap */
    assert_in_range(read_prices(source, 50), 50, 900); /* and the old pace */
    pf_source_close(source);
}

static void the_slowest_rate_is_just_slow(void **state)
{
    struct pf_source *source = open_source(
        (struct pf_random){.seed = 1, .rate = 5e-324});
    struct pf_batch batch;

    (void)state;
    assert_int_equal(read_batch(source, 0, &batch), PF_OK);
    assert_int_equal(batch.n, 1);
    assert_int_equal(read_batch(source, 10, &batch), PF_AGAIN);
    pf_source_close(source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_million_of_seed_1_have_the_published_sum),
        cmocka_unit_test(a_price_depends_on_seed_and_place_alone),
        cmocka_unit_test(bits_that_would_favour_some_results_are_replaced),
        cmocka_unit_test(matches_and_prices_are_uniform_and_independent),
        cmocka_unit_test(ends_after_count_prices),
        cmocka_unit_test(gives_prices_when_they_are_due),
        cmocka_unit_test(before_the_first_with_a_pace_they_come_at_once),
        cmocka_unit_test(the_match_is_the_key_if_that_decides_the_partition),
        cmocka_unit_test(gives_together_what_comes_due_within_a_tick),
        cmocka_unit_test(waits_no_longer_than_it_may),
        cmocka_unit_test(skips_forward_after_more_than_a_second),
        cmocka_unit_test(the_slowest_rate_is_just_slow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
