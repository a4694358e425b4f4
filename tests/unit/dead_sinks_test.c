/* Where dead letters go, by the setting. */
#include "unit.h"

#include "dead_sinks.h"

static enum pf_rc check(const char *to, const char *input, struct pf_error *err)
{
    return pf_dead_conf_check(
        &(struct pf_dead_conf){.to = to, .input = input, .largest = 1000}, err);
}

static void a_name_that_is_legal_is_a_topic(void **state)
{
    (void)state;
    assert_int_equal(check("dead", "prices", NULL), PF_OK);
    assert_int_equal(check("dead", "prices,orders,^other.*", NULL), PF_OK);
    assert_int_equal(check("dead", NULL, NULL), PF_OK);
}

static void a_path_is_a_file_whatever_its_name_is(void **state)
{
    (void)state;
    assert_int_equal(check("file:dead", "dead", NULL), PF_OK);
    assert_int_equal(check("file:/var/log/two words:a", "prices", NULL), PF_OK);
}

static void anything_else_is_refused(void **state)
{
    static const char *const wrong[] = {"a/b", "a:b", ".", "two words"};
    struct pf_error err;

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        assert_int_equal(check(wrong[i], "prices", &err), PF_CONFIG);
        assert_contains(err.text, "is not a topic name");
    }
    assert_int_equal(check("", "prices", &err), PF_CONFIG);
    assert_contains(err.text, "needs to know where");
    assert_int_equal(check("file:", "prices", &err), PF_CONFIG);
}

static void dead_letters_do_not_go_where_records_come_from(void **state)
{
    static const char *const inputs[] = {"dead", "prices,dead", "^de",
                                         "prices,^.*d$"};
    struct pf_error err;

    (void)state;
    for (size_t i = 0; i < COUNT(inputs); i++) {
        assert_int_equal(check("dead", inputs[i], &err), PF_CONFIG);
        assert_contains(err.text, "records are read from dead");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_that_is_legal_is_a_topic),
        cmocka_unit_test(a_path_is_a_file_whatever_its_name_is),
        cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(dead_letters_do_not_go_where_records_come_from),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
