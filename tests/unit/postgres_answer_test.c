/* What PostgreSQL's answers mean, and how many records it is asked to take. */
#include "unit.h"

#include "postgres_answer.h"
#include "postgres_span.h"

static void blames_the_data_unless_it_knows_better(void **state)
{
    static const struct {
        const char *sqlstate;
        enum pf_postgres_verdict verdict;
    } cases[] = {
        /* What a record or a batch can cause, and what is unknown. */
        {"21000", PF_POSTGRES_REFUSED},  {"22008", PF_POSTGRES_REFUSED},
        {"23505", PF_POSTGRES_REFUSED},  {"44000", PF_POSTGRES_REFUSED},
        {"54000", PF_POSTGRES_REFUSED},  {"54001", PF_POSTGRES_REFUSED},
        {"0A000", PF_POSTGRES_REFUSED},  {"25001", PF_POSTGRES_REFUSED},
        {"38000", PF_POSTGRES_REFUSED},  {"55000", PF_POSTGRES_REFUSED},
        {"58P01", PF_POSTGRES_REFUSED},  {"P0001", PF_POSTGRES_REFUSED},
        {"XX000", PF_POSTGRES_REFUSED},  {"ZZ999", PF_POSTGRES_REFUSED},
        {"25P04", PF_POSTGRES_TOO_MUCH}, {"53200", PF_POSTGRES_TOO_MUCH},
        {"53400", PF_POSTGRES_TOO_MUCH}, {"57014", PF_POSTGRES_TOO_MUCH},
        {"08006", PF_POSTGRES_LATER},    {"25006", PF_POSTGRES_LATER},
        {"40001", PF_POSTGRES_LATER},    {"40P01", PF_POSTGRES_LATER},
        {"53100", PF_POSTGRES_LATER},    {"53300", PF_POSTGRES_LATER},
        {"55P03", PF_POSTGRES_LATER},    {"57P01", PF_POSTGRES_LATER},
        {"58030", PF_POSTGRES_LATER},    {"42601", PF_POSTGRES_MISTAKE},
        {"42P01", PF_POSTGRES_MISTAKE},  {"3F000", PF_POSTGRES_MISTAKE},
        {"28000", PF_POSTGRES_DENIED},   {"3D000", PF_POSTGRES_DENIED},
        {"42501", PF_POSTGRES_DENIED},   {"XX001", PF_POSTGRES_DENIED},
        {"XX002", PF_POSTGRES_DENIED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (pf_postgres_verdict_of(cases[i].sqlstate, "anything") !=
            cases[i].verdict)
            fail_msg("%s", cases[i].sqlstate);
    /* A right is missing; or a policy does not let the row in, or a trigger. */
    assert_int_equal(pf_postgres_verdict_of("42501", "aclcheck_error"),
                     PF_POSTGRES_DENIED);
    assert_int_equal(pf_postgres_verdict_of("42501", "ExecWithCheckOptions"),
                     PF_POSTGRES_REFUSED);
    assert_int_equal(pf_postgres_verdict_of("42501", NULL), PF_POSTGRES_DENIED);
    assert_int_equal(pf_postgres_verdict_of("42501", "exec_stmt_raise"),
                     PF_POSTGRES_REFUSED);
    /* It may say that it wants to be asked later. */
    assert_int_equal(pf_postgres_verdict_of("53100", "exec_stmt_raise"),
                     PF_POSTGRES_LATER);
}

static void halves_down_to_one_record_and_doubles_up_again(void **state)
{
    struct pf_postgres_span span = pf_postgres_span_init(5000);
    size_t steps = 0;

    (void)state;
    while (span.now > 1 && steps++ < 20)
        pf_postgres_span_halve(&span, span.now);
    assert_int_equal(span.now, 1);
    assert_int_equal(steps, 13);
    pf_postgres_span_halve(&span, 1);
    assert_int_equal(span.now, 1);
    while (steps--)
        pf_postgres_span_grow(&span);
    assert_int_equal(span.now, 5000);
    pf_postgres_span_grow(&span);
    assert_int_equal(span.now, 5000);
}

/* The server takes 700 records at most: hardly any time is spent on more. */
static void what_is_too_much_is_seldom_tried_again(void **state)
{
    struct pf_postgres_span span = pf_postgres_span_init(5000);
    size_t taken = 0, refused = 0;

    (void)state;
    for (int i = 0; i < 10000; i++) {
        assert_in_range(span.now, 1, 5000);
        if (span.now > 700) {
            refused++;
            pf_postgres_span_limit(&span, span.now);
        } else {
            taken += span.now;
            pf_postgres_span_grow(&span);
        }
    }
    assert_in_range(refused, 50, 110);
    assert_true(taken > 9890 * 600);
    /* Until it takes more. */
    for (int i = 0; i < 400; i++)
        pf_postgres_span_grow(&span);
    assert_int_equal(span.now, 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blames_the_data_unless_it_knows_better),
        cmocka_unit_test(halves_down_to_one_record_and_doubles_up_again),
        cmocka_unit_test(what_is_too_much_is_seldom_tried_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
