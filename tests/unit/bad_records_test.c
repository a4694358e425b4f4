/* What a producer does with bad lines: which of two names of a setting counts.
 */
#include "unit.h"

#include "bad_records.h"
#include "options.h"

struct conf {
    struct pf_bad_records bad;
};

static const struct pf_option options[] = {
    PF_BAD_RECORDS_OPTIONS(struct conf, bad), PF_OPTION_END};

static const char *const places[] = {
    [PF_FROM_FILE] = "f:1",
    [PF_FROM_ENVIRONMENT] = "PRODUCER_X",
    [PF_FROM_COMMAND] = "command line",
};

static void put(struct pf_settings *settings, const char *name,
                const char *value, int rank)
{
    assert_int_equal(pf_settings_put(settings, name, value, places[rank],
                                     (enum pf_setting_rank)rank, NULL),
                     PF_OK);
}

/* Check what is set, for a producer to topic t. What is logged is in *heard. */
static enum pf_rc check(struct conf *ret, const struct pf_settings *settings,
                        struct heard *heard)
{
    struct pf_error err;
    enum pf_rc rc;

    *ret = (struct conf){0};
    begin_to_listen(heard);
    rc = pf_options_apply(ret, options, settings, &err);
    if (!rc)
        rc = pf_bad_records_check(&ret->bad, settings, "t", &err);
    end_to_listen(heard);
    return rc;
}

static void of_two_names_the_higher_rank_wins_and_then_the_newer(void **state)
{
    (void)state;
    for (int older = PF_FROM_FILE; older <= PF_FROM_COMMAND; older++)
        for (int newer = PF_FROM_FILE; newer <= PF_FROM_COMMAND; newer++) {
            struct pf_settings settings = pf_settings_init();
            struct heard heard;
            struct conf conf;
            char line[200];

            put(&settings, "feed.replay.on.bad", "stop", older);
            put(&settings, "feed.on.bad", "skip", newer);
            assert_int_equal(check(&conf, &settings, &heard), PF_OK);
            assert_int_equal(conf.bad.on_bad,
                             older > newer ? PF_ON_BAD_STOP : PF_ON_BAD_SKIP);
            snprintf(line, sizeof line,
                     older > newer
                         ? "%s: feed.replay.on.bad is called feed.on.bad now"
                         : "%s: feed.replay.on.bad is ignored: it is called "
                           "feed.on.bad now, set in %s",
                     places[older], places[newer]);
            assert_contains(heard.text, line);
            pf_options_release(&conf, options);
            pf_settings_release(&settings);
        }
}

static void so_it_is_with_where_dead_letters_go(void **state)
{
    static const char *const expected[] = {[PF_FROM_FILE] = "file:path",
                                           [PF_FROM_ENVIRONMENT] = "topic",
                                           [PF_FROM_COMMAND] = "topic"};

    (void)state;
    for (int newer = PF_FROM_FILE; newer <= PF_FROM_COMMAND; newer++) {
        struct pf_settings settings = pf_settings_init();
        struct heard heard;
        struct conf conf;

        put(&settings, "feed.on.bad", "dead-letter", PF_FROM_FILE);
        put(&settings, "feed.dead.letters", "topic", newer);
        put(&settings, "feed.replay.dead.letters", "path", PF_FROM_ENVIRONMENT);
        assert_int_equal(check(&conf, &settings, &heard), PF_OK);
        assert_string_equal(conf.bad.dead_letters, expected[newer]);
        pf_options_release(&conf, options);
        pf_settings_release(&settings);
    }
}

static void a_file_that_cannot_be_opened_is_named_with_its_setting(void **state)
{
    struct pf_settings settings = pf_settings_init();
    struct pf_pump pump = {0};
    struct heard heard;
    struct conf conf;
    struct pf_error err;

    (void)state;
    put(&settings, "feed.on.bad", "dead-letter", PF_FROM_FILE);
    put(&settings, "feed.replay.dead.letters", "/dev/null/x",
        PF_FROM_ENVIRONMENT);
    assert_int_equal(check(&conf, &settings, &heard), PF_OK);
    assert_int_not_equal(
        pf_bad_records_open(&conf.bad, "lines", 1000, NULL, &pump, &err),
        PF_OK);
    assert_contains(err.text, "PRODUCER_X: feed.replay.dead.letters: ");
    assert_contains(err.text, "/dev/null/x");
    pf_options_release(&conf, options);
    pf_settings_release(&settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_two_names_the_higher_rank_wins_and_then_the_newer),
        cmocka_unit_test(so_it_is_with_where_dead_letters_go),
        cmocka_unit_test(
            a_file_that_cannot_be_opened_is_named_with_its_setting),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
