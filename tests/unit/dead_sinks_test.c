/* Where dead letters go, by the setting. */
#include "unit.h"

#include "dead_sinks.h"

static enum pf_rc check(const char *to, const char *input, struct pf_error *err)
{
    return pf_dead_conf_check(
        &(struct pf_dead_conf){.to = to, .input = input, .largest = 1000},
        PF_ON_BAD_DEAD_LETTER, err);
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
    assert_contains(err.text, "needs to know where");
}

static void without_dead_letters_a_place_for_them_is_refused(void **state)
{
    static const enum pf_on_bad others[] = {PF_ON_BAD_SKIP, PF_ON_BAD_STOP};
    static const char *const places[] = {"dead", "file:dead", "file:"};
    struct pf_error err;

    (void)state;
    for (size_t i = 0; i < COUNT(others); i++) {
        struct pf_dead_conf conf = {.to = "", .input = "prices"};

        assert_int_equal(pf_dead_conf_check(&conf, others[i], &err), PF_OK);
        for (size_t k = 0; k < COUNT(places); k++) {
            conf.to = places[k];
            assert_int_equal(pf_dead_conf_check(&conf, others[i], &err),
                             PF_CONFIG);
            assert_string_equal(err.text, "it needs feed.on.bad = dead-letter");
        }
    }
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
        cmocka_unit_test(without_dead_letters_a_place_for_them_is_refused),
        cmocka_unit_test(dead_letters_do_not_go_where_records_come_from),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
