/* The list of aggregates, and what a window's state says by it. */
#include "unit.h"

#include "window_plan.h"
#include "window_state.h"

static const char *const taken[] = {"key", "start", NULL};

/* What the plan says of the records {a, b} = {numbers[i][0], numbers[i][1]} at
 * times[i]. */
static const char *say(const char *list, size_t n, const int64_t *times,
                       const char *const numbers[][2])
{
    static char buf[4000];
    struct pf_window_plan plan;
    uint64_t state[PF_WINDOW_CELLS_MAX * 4 + PF_WINDOW_FIXED_WORDS] = {0};
    size_t len;

    assert_int_equal(pf_window_plan_init(&plan, list, taken, NULL), PF_OK);
    assert_true(plan.words <= COUNT(state));
    assert_true(pf_window_state_room(&plan) < sizeof buf);
    for (size_t i = 0; i < n; i++) {
        struct pf_decimal values[2];

        for (size_t k = 0; k < 2; k++)
            assert_true(pf_decimal_parse(numbers[i][k], strlen(numbers[i][k]),
                                         &values[k]));
        pf_window_state_add(&plan, state, times[i], values);
    }
    len = pf_window_state_put(&plan, buf, state);
    assert_true(len <= pf_window_state_room(&plan));
    buf[len] = '\0';
    pf_window_plan_release(&plan);
    return buf;
}

static const int64_t times[] = {50, 20, 70, 20, 70};
static const char *const numbers[][2] = {{"1.5", "10"},
                                         {"4.56", "20"},
                                         {"-2.25", "30"},
                                         {"9", "40"},
                                         {"4.560", "50"}};

static void says_what_the_list_asks_for_in_its_order(void **state)
{
    (void)state;
    assert_string_equal(
        say("count, sum(.a), min(.a), max(.a), avg(.a)", 5, times, numbers),
        ",\"count\":5,\"sum\":17.370,\"min\":-2.25,\"max\":9,\"avg\":"
        "3.474000000");
    assert_string_equal(say("max(a),count", 1, times, numbers),
                        ",\"max\":1.5,\"count\":1");
}

static void first_and_last_go_by_time_then_by_order(void **state)
{
    (void)state;
    assert_string_equal(say("first(.a), last(.a)", 5, times, numbers),
                        ",\"first\":4.56,\"last\":4.560");
    assert_string_equal(
        say("ohlc(.a)", 5, times, numbers),
        ",\"open\":4.56,\"high\":9,\"low\":-2.25,\"close\":4.560");
}

static void names_can_be_chosen(void **state)
{
    (void)state;
    assert_string_equal(
        say(" sum( .a )  as turnover ,count as n,sum(.b)", 2, times, numbers),
        ",\"turnover\":6.06,\"n\":2,\"sum\":30");
    assert_string_equal(say("ohlc(.a) as p, ohlc(.b)", 1, times, numbers),
                        ",\"p_open\":1.5,\"p_high\":1.5,\"p_low\":1.5,"
                        "\"p_close\":1.5,\"open\":10,\"high\":10,\"low\":10,"
                        "\"close\":10");
}

static void what_two_need_is_kept_once(void **state)
{
    struct pf_window_plan plan;

    (void)state;
    assert_int_equal(pf_window_plan_init(&plan,
                                         "sum(.a), avg(a), ohlc(.a), first(.a)",
                                         taken, NULL),
                     PF_OK);
    assert_int_equal(plan.n_members, 1);
    assert_string_equal(plan.members[0], "a");
    assert_int_equal(plan.n_cells, 5);
    pf_window_plan_release(&plan);
}

static void a_path_may_have_commas(void **state)
{
    struct pf_window_plan plan;

    (void)state;
    assert_int_equal(
        pf_window_plan_init(&plan, "sum(/a,b), max(.c.0.d)", taken, NULL),
        PF_OK);
    assert_string_equal(plan.members[0], "/a,b");
    assert_string_equal(plan.members[1], "c.0.d");
    pf_window_plan_release(&plan);
}

static void refuses_other_lists_with_a_sentence(void **state)
{
    static const struct {
        const char *list, *sentence;
    } bad[] = {
        {"", "'' is not count, or sum"},
        {"count,", "'' is not count, or sum"},
        {"total(.a)", "'total(.a)' is not count"},
        {"sum(.a", "'sum(.a' is not"},
        {"sum(.a) as", "'sum(.a) as' is not"},
        {"sum(.a) x", "'sum(.a) x' is not"},
        {"sum(.a)max(.b)", "'sum(.a)max(.b)' is not"},
        {"count(.a)", "count has no member"},
        {"sum", "which member"},
        {"sum()", "which member"},
        {"sum(.)", "which member"},
        {"sum(.a..b)", "has an empty name"},
        {"sum(.a), sum(.b)", "two members 'sum'"},
        {"sum(.a) as key", "two members 'key'"},
        {"count as start", "two members 'start'"},
        {"count as a\"b", "a name after 'as'"},
        {"ohlc(.a) as "
         "a123456789012345678901234567890123456789012345678901234567890",
         "a name after 'as'"},
        {"max(.a) as a,max(.b) as b,max(.c) as c,max(.d) as d,max(.e) as e,"
         "max(.f) as f,max(.g) as g,max(.h) as h,max(.i) as i",
         "more than 8 members"},
        {"ohlc(.a) as a,ohlc(.a) as b,ohlc(.a) as c,ohlc(.a) as d,ohlc(.a) as "
         "e,ohlc(.a) as f,ohlc(.a) as g,ohlc(.a) as h,count",
         "more than 32 members"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct pf_window_plan plan;
        struct pf_error err = {0};

        assert_int_equal(pf_window_plan_init(&plan, bad[i].list, taken, &err),
                         PF_CONFIG);
        assert_contains(err.text, bad[i].sentence);
        pf_window_plan_release(&plan);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_the_list_asks_for_in_its_order),
        cmocka_unit_test(first_and_last_go_by_time_then_by_order),
        cmocka_unit_test(names_can_be_chosen),
        cmocka_unit_test(what_two_need_is_kept_once),
        cmocka_unit_test(a_path_may_have_commas),
        cmocka_unit_test(refuses_other_lists_with_a_sentence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
