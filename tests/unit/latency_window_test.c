/* The latencies of the last ten seconds, out of a histogram that only grows. */
#include "unit.h"

#include "latency_window.h"

#define ME 100 /* the pid of a program */

struct world {
    struct web_window *window;
    struct pf_histogram counted;
};

static int make_world(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    w->window = web_window_new();
    assert_non_null(w->window);
    *state = w;
    return 0;
}

static int remove_world(void **state)
{
    struct world *w = *state;

    web_window_free(w->window);
    free(w);
    return 0;
}

static void turn(struct world *w)
{
    web_window_turn(w->window, ME, &w->counted);
}

static void what_was_there_before_is_not_in_the_window(void **state)
{
    struct world *w = *state;

    assert_int_equal(web_window_count(w->window), 0);
    assert_int_equal(web_window_quantile(w->window, 1), 0);
    pf_histogram_add(&w->counted, 1000000, 5);
    turn(w);
    assert_int_equal(web_window_count(w->window), 0);
    assert_int_equal(web_window_quantile(w->window, 0.5), 0);

    pf_histogram_add(&w->counted, 100, 3);
    pf_histogram_add(&w->counted, 200, 1);
    turn(w);
    assert_int_equal(web_window_count(w->window), 4);
    assert_int_equal(web_window_quantile(w->window, 0.5), 100);
    assert_int_equal(web_window_quantile(w->window, 1), 200);
}

/* In each turn one value, which is its number; the window has the last ten. */
static void a_turn_leaves_after_ten_others(void **state)
{
    struct world *w = *state;

    turn(w);
    for (unsigned i = 1; i <= 35; i++) {
        unsigned n = i < WEB_WINDOW_TURNS ? i : WEB_WINDOW_TURNS;

        pf_histogram_add(&w->counted, i, 1);
        turn(w);
        assert_int_equal(web_window_count(w->window), n);
        assert_int_equal(web_window_quantile(w->window, 0), i - n + 1);
        assert_int_equal(web_window_quantile(w->window, 0.5),
                         i - n + (n + 1) / 2);
        assert_int_equal(web_window_quantile(w->window, 1), i);
    }
    for (unsigned i = 1; i <= WEB_WINDOW_TURNS; i++) {
        assert_int_equal(web_window_count(w->window), WEB_WINDOW_TURNS + 1 - i);
        turn(w);
    }
    assert_int_equal(web_window_count(w->window), 0);
}

static void values_of_the_same_size_are_counted_in_each_turn(void **state)
{
    struct world *w = *state;

    turn(w);
    for (unsigned i = 1; i <= 30; i++) {
        pf_histogram_add(&w->counted, UINT64_MAX, i);
        pf_histogram_add(&w->counted, 7, 1000);
        turn(w);
    }
    /* 21 + 22 + ... + 30 of the one, 10 000 of the other */
    assert_int_equal(web_window_count(w->window), 10255);
    assert_int_equal(web_window_quantile(w->window, 0.975), 7);
    assert_true(web_window_quantile(w->window, 0.98) == UINT64_MAX);
}

static void all_of_a_program_that_was_restarted_is_new(void **state)
{
    struct world *w = *state;

    pf_histogram_add(&w->counted, 50, 1000);
    turn(w);
    pf_histogram_add(&w->counted, 60, 2);
    turn(w);

    w->counted = (struct pf_histogram){0};
    pf_histogram_add(&w->counted, 50, 4);
    web_window_turn(w->window, ME + 1, &w->counted);
    assert_int_equal(web_window_count(w->window), 6);
    assert_int_equal(web_window_quantile(w->window, 0.5), 50);

    /* Without a histogram the window goes on, too. */
    for (unsigned i = 0; i < WEB_WINDOW_TURNS; i++)
        web_window_turn(w->window, 0, NULL);
    assert_int_equal(web_window_count(w->window), 0);
    pf_histogram_add(&w->counted, 70, 1);
    web_window_turn(w->window, ME + 1, &w->counted);
    assert_int_equal(web_window_count(w->window), 1);
}

int main(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, make_world, remove_world)
    const struct CMUnitTest tests[] = {
        TEST(what_was_there_before_is_not_in_the_window),
        TEST(a_turn_leaves_after_ten_others),
        TEST(values_of_the_same_size_are_counted_in_each_turn),
        TEST(all_of_a_program_that_was_restarted_is_new),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
