/* A console compared with its topic: what is missing, repeated, or from nobody.
 */
#include "audit_test.h"

#include "prng.h"

static void the_console_may_begin_anywhere_and_not_be_through(void **state)
{
    struct world *w = *state;

    recs(w, 0, 100);
    prints(w, 40, 90);
    expect(w, "");
    assert_int_equal(w->check.printed, 50);
    assert_int_equal(w->check.unprinted, 10);
}

static void all_has_to_be_printed_if_one_says_so(void **state)
{
    struct world *w = *state;

    w->check.complete = true;
    recs(w, 0, 100);
    prints(w, 0, 98);
    expect(w, "unprinted 98\nunprinted 99\n");
}

static void what_is_passed_over_is_skipped(void **state)
{
    struct world *w = *state;

    recs(w, 0, 100);
    prints(w, 0, 10);
    prints(w, 11, 50);
    prints(w, 53, 100);
    expect(w, "skipped 10\nskipped 50\nskipped 51\nskipped 52\n");
}

static void what_comes_again_is_printed_twice(void **state)
{
    struct world *w = *state;

    recs(w, 0, 100);
    prints(w, 0, 50);
    prints(w, 47, 60); /* killed, and goes on at its last commit */
    prints(w, 59, 100);
    expect(w, "printed-twice 47\nprinted-twice 48\nprinted-twice 49\n"
              "printed-twice 59\n");
}

static void that_many_may_be_printed_twice(void **state)
{
    struct world *w = *state;

    w->check.twice_max = 3;
    recs(w, 0, 100);
    prints(w, 0, 50);
    prints(w, 47, 100);
    assert_int_equal(check(w), PF_OK);
    assert_true(w->check.valid);
    assert_int_equal(w->check.findings.counts[PF_FOUND_PRINTED_TWICE], 3);
}

static void all_of_it_may_come_again(void **state)
{
    struct world *w = *state;

    w->check.twice_max = 5000;
    recs(w, 0, 5000);
    prints(w, 0, 5000);
    prints(w, 0, 5000);
    assert_int_equal(check(w), PF_OK);
    assert_true(w->check.valid);
    assert_int_equal(w->check.findings.counts[PF_FOUND_PRINTED_TWICE], 5000);
}

static void lines_in_another_order_are_reordered(void **state)
{
    struct world *w = *state;

    recs(w, 0, 100);
    prints(w, 0, 20);
    prints(w, 40, 60);
    prints(w, 20, 40);
    prints(w, 60, 100);
    assert_int_equal(check(w), PF_OK);
    assert_false(w->check.valid);
    assert_int_equal(w->check.findings.counts[PF_FOUND_REORDERED], 20);
    assert_int_equal(w->check.findings.list.n, 20);
}

static void a_line_that_is_not_the_record_is_altered(void **state)
{
    struct world *w = *state;

    recs(w, 0, 100);
    prints(w, 0, 10);
    print(w, "{\"match\": 1");
    prints(w, 11, 99);
    print(w, "");
    expect(w, "altered 10\naltered 99\n");
}

static void a_line_between_others_is_a_phantom(void **state)
{
    struct world *w = *state;

    recs(w, 0, 100);
    prints(w, 0, 10);
    print(w, "hello");
    prints(w, 10, 100);
    print(w, "the end");
    expect(w,
           "phantom 0\nphantom 10\n"); /* after all records it has no place */
    assert_int_equal(w->check.findings.list.at[1].line, 11);
}

static void half_a_last_line_is_none(void **state)
{
    struct world *w = *state;

    recs(w, 0, 10);
    prints(w, 0, 9);
    assert_int_equal(pf_lines_add(&w->lines, "{\"match", 7, 0, NULL), PF_OK);
    expect(w, "");
}

static void records_that_are_refused_are_not_skipped(void **state)
{
    struct world *w = *state;

    w->feed.any_values = 0;
    recs(w, 0, 10);
    put(w, NULL, NULL, NULL, "x");
    put(w, NULL, NULL, NULL, "{ \"price\":4.5, \"match\":123}"); /* odd */
    put(w, NULL, NULL, NULL, NULL);
    recs(w, 13, 30);
    put(w, NULL, NULL, NULL, "y");
    recs(w, 31, 40);
    prints(w, 0, 10);
    print(w, "{\"match\": 123, \"price\": 4.50}");
    prints(w, 13, 20);
    prints(w, 21, 30); /* 20 is skipped: its place is right all the same */
    prints(w, 31, 40);
    expect(w, "altered 10\naltered 12\nskipped 20\naltered 30\n");
}

static void equal_lines_are_told_apart_by_their_neighbours(void **state)
{
    struct world *w = *state;

    for (uint64_t i = 0; i < 300; i++) { /* three values, in no regular order */
        char number[24];

        snprintf(number, sizeof number, "%" PRIu64, i);
        put(w, "r1", number, NULL, value(pf_prng_at(1, i) % 3));
    }
    for (uint64_t i = 0; i < 200; i++)
        print(w, value(pf_prng_at(1, i) % 3));
    for (uint64_t i = 190; i < 300; i++)
        print(w, value(pf_prng_at(1, i) % 3));
    w->check.twice_max = 10;
    assert_int_equal(check(w), PF_OK);
    assert_int_equal(w->check.findings.counts[PF_FOUND_PRINTED_TWICE], 10);
    assert_true(w->check.valid);
}

static void one_value_for_all_is_counted_at_least(void **state)
{
    struct world *w = *state;

    for (uint64_t i = 0; i < 5000; i++)
        put(w, i ? NULL : "r1", i ? NULL : "0", NULL, value(5));
    for (uint64_t i = 0; i < 5003; i++)
        print(w, value(5));
    assert_int_equal(check(w), PF_OK);
    assert_false(w->check.valid);
    assert_int_equal(w->check.findings.counts[PF_FOUND_PRINTED_TWICE], 3);
}

static void nobodys_lines_alone_are_phantoms(void **state)
{
    struct world *w = *state;

    recs(w, 0, 10);
    for (int i = 0; i < 1000; i++)
        print(w, i % 2 ? "a" : "b");
    assert_int_equal(check(w), PF_OK);
    assert_int_equal(w->check.printed, 0);
    assert_true(w->check.findings.counts[PF_FOUND_PHANTOM] >= 998);
}

/* A price of a topic in which nothing recurs in a regular way. */
static const char *random_value(uint64_t seed, uint64_t i)
{
    static char text[PF_PRICE_JSON_SIZE];
    uint64_t bits = pf_prng_at(seed, i);

    pf_price_encode(
        &(struct pf_price){.match = 100 + (int64_t)(bits % 900),
                           .ticks = 100 + (int64_t)(bits / 900 % 901)},
        text);
    return text;
}

/* A consumer that is killed, and skips, at random places, at least 16 lines
 * apart: each is found as what it is, for many seeds. */
static void whatever_a_consumer_does_is_found(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        uint64_t n = 3000, at = 0, draw = 1000000, twice = 0, skipped = 0;
        struct world *w;

        make_world((void **)&w);
        for (uint64_t i = 0; i < n; i++)
            put(w, i ? NULL : "r1", i ? NULL : "0", NULL,
                random_value(seed, i));
        while (at < n) {
            uint64_t run = 300 + pf_prng_at(seed, draw++) % 300;
            uint64_t jump = 1 + pf_prng_at(seed, draw++) % 100;

            for (; run-- && at < n; at++)
                print(w, random_value(seed, at));
            if (at + jump + 16 >= n)
                continue;
            if (pf_prng_at(seed, draw++) % 2) {
                at += jump;
                skipped += jump;
            } else {
                at -= jump;
                twice += jump;
                /* As far as it was, so that no record is printed three times.
                 */
            }
        }
        assert_int_equal(check(w), PF_OK);
        assert_int_equal(w->check.findings.counts[PF_FOUND_PRINTED_TWICE],
                         twice);
        assert_int_equal(w->check.findings.counts[PF_FOUND_SKIPPED], skipped);
        assert_int_equal(w->check.printed, n - skipped);
        for (int kind = 0; kind < PF_FINDING_KINDS; kind++)
            if (kind != PF_FOUND_PRINTED_TWICE && kind != PF_FOUND_SKIPPED)
                assert_int_equal(w->check.findings.counts[kind], 0);
        free_world((void **)&w);
    }
}

static void the_time_from_making_to_printing_is_measured(void **state)
{
    struct world *w = *state;
    char made[24];

    w->lines.keep_times = true;
    for (uint64_t i = 0; i < 10; i++) {
        char number[24];

        snprintf(number, sizeof number, "%" PRIu64, i);
        snprintf(made, sizeof made, "%" PRIu64, 1000 * i + 1);
        put(w, "r1", number, made, value(i));
        assert_int_equal(
            pf_lines_add(&w->lines, value(i), strlen(value(i)), 0, NULL),
            PF_OK);
        assert_int_equal(
            pf_lines_add(&w->lines, "\n", 1, (int64_t)(1000 * i) + 101, NULL),
            PF_OK);
    }
    expect(w, "");
    assert_int_equal(w->check.print.n, 10);
    assert_int_equal(w->check.print.max, 100);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_world, free_world)
    const struct CMUnitTest tests[] = {
        TEST(the_console_may_begin_anywhere_and_not_be_through),
        TEST(all_has_to_be_printed_if_one_says_so),
        TEST(what_is_passed_over_is_skipped),
        TEST(what_comes_again_is_printed_twice),
        TEST(that_many_may_be_printed_twice),
        TEST(all_of_it_may_come_again),
        TEST(lines_in_another_order_are_reordered),
        TEST(a_line_that_is_not_the_record_is_altered),
        TEST(a_line_between_others_is_a_phantom),
        TEST(half_a_last_line_is_none),
        TEST(records_that_are_refused_are_not_skipped),
        TEST(equal_lines_are_told_apart_by_their_neighbours),
        TEST(one_value_for_all_is_counted_at_least),
        TEST(nobodys_lines_alone_are_phantoms),
        cmocka_unit_test(whatever_a_consumer_does_is_found),
        TEST(the_time_from_making_to_printing_is_measured),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
