/* One table is default, check and manual. */
#include "unit.h"

#include "options.h"

struct conf {
    char *topic;
    double rate;
    int64_t count;
    int sink;
    bool strict;
};

static const struct pf_option table[] = {
    PF_OPTION_STR(struct conf, topic, "feed.topic", "prices", "the topic"),
    PF_OPTION_NUM(struct conf, rate, "feed.rate", "10", 0, 1e7, "a second"),
    PF_OPTION_INT(struct conf, count, "feed.count", "0", 0, 1e15, "how many"),
    PF_OPTION_CHOICE(struct conf, sink, "feed.sink", "kafka", "kafka|console",
                     "where to"),
    PF_OPTION_BOOL(struct conf, strict, "feed.strict", "false", "a|b"),
    PF_OPTION_STR(struct conf, topic, "feed.empty", "", "nothing"),
    PF_OPTION_END,
};

struct world {
    struct conf conf;
    struct pf_settings settings;
    struct pf_error err;
    struct heard heard;
};

static int make_world(void **state)
{
    *state = calloc(1, sizeof(struct world));
    return 0;
}

static int free_world(void **state)
{
    struct world *w = *state;

    pf_options_release(&w->conf, table);
    pf_settings_release(&w->settings);
    free(w);
    return 0;
}

static void put(struct world *w, const char *name, const char *value,
                enum pf_setting_rank rank)
{
    static const char *const where[] = {
        [PF_FROM_FILE] = "f.properties:12",
        [PF_FROM_ENVIRONMENT] = "environment PRODUCER_X",
        [PF_FROM_COMMAND] = "command line -X"};

    assert_int_equal(
        pf_settings_put(&w->settings, name, value, where[rank], rank, &w->err),
        PF_OK);
}

static enum pf_rc apply(struct world *w)
{
    enum pf_rc rc;

    pf_options_release(&w->conf, table);
    begin_to_listen(&w->heard);
    rc = pf_options_apply(&w->conf, table, &w->settings, &w->err);
    end_to_listen(&w->heard);
    return rc;
}

static void what_is_not_set_has_its_default(void **state)
{
    struct world *w = *state;

    assert_int_equal(apply(w), PF_OK);
    assert_true(w->conf.rate == 10);
    assert_int_equal(w->conf.count, 0);
    assert_int_equal(w->conf.sink, 0);
    assert_false(w->conf.strict);
    assert_string_equal(w->heard.text, "");
}

static void what_is_set_is_taken(void **state)
{
    struct world *w = *state;

    put(w, "feed.empty", "t", PF_FROM_FILE);
    put(w, "feed.rate", "0.5", PF_FROM_FILE);
    put(w, "feed.count", "1000000000000000", PF_FROM_COMMAND);
    put(w, "feed.sink", "console", PF_FROM_ENVIRONMENT);
    put(w, "feed.strict", "true", PF_FROM_FILE);
    put(w, "linger.ms", "5", PF_FROM_FILE); /* not ours to judge */
    assert_int_equal(apply(w), PF_OK);
    assert_string_equal(w->conf.topic, "t");
    assert_true(w->conf.rate == 0.5);
    assert_true(w->conf.count == INT64_C(1000000000000000));
    assert_int_equal(w->conf.sink, 1);
    assert_true(w->conf.strict);
}

static void a_wrong_value_is_named_with_its_place(void **state)
{
    static const struct {
        const char *name, *value, *text;
    } cases[] = {
        {"feed.rate", "abc",
         "f.properties:12: feed.rate: 'abc' is not a number"},
        {"feed.rate", "", "f.properties:12: feed.rate: '' is not a number"},
        {"feed.rate", "10k",
         "f.properties:12: feed.rate: '10k' is not a number"},
        {"feed.rate", "-1",
         "f.properties:12: feed.rate: -1 is not within 0 to 10000000"},
        {"feed.rate", "1e99",
         "f.properties:12: feed.rate: 1e99 is not within 0 to 10000000"},
        {"feed.count", "1.5",
         "f.properties:12: feed.count: '1.5' is not a whole number"},
        {"feed.count", "-1",
         "f.properties:12: feed.count: -1 is not within 0 to 1000000000000000"},
        {"feed.sink", "konsole",
         "f.properties:12: feed.sink: 'konsole' is not one of kafka|console"},
        {"feed.sink", "kafka|console",
         "f.properties:12: feed.sink: 'kafka|console' is not one of "
         "kafka|console"},
        {"feed.sink", "kaf", "'kaf' is not one of"},
        {"feed.sink", "", "'' is not one of"},
        {"feed.strict", "yes",
         "f.properties:12: feed.strict: 'yes' is neither true nor false"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct world *w = *state;

        pf_settings_release(&w->settings);
        put(w, cases[i].name, cases[i].value, PF_FROM_FILE);
        assert_int_equal(apply(w), PF_CONFIG);
        assert_contains(w->err.text, cases[i].text);
    }
}

static void an_unknown_name_is_an_error_with_the_nearest(void **state)
{
    struct world *w = *state;

    put(w, "feed.raet", "5", PF_FROM_FILE);
    assert_int_equal(apply(w), PF_CONFIG);
    assert_string_equal(w->err.text,
                        "f.properties:12: unknown setting 'feed.raet'; "
                        "did you mean 'feed.rate'?");
    put(w, "feed.raet", "5", PF_FROM_COMMAND);
    assert_int_equal(apply(w), PF_CONFIG);
    assert_contains(w->err.text,
                    "command line -X: unknown setting 'feed.raet'");
}

static void in_the_environment_it_is_a_warning(void **state)
{
    struct world *w = *state;

    put(w, "feed.raet", "5", PF_FROM_ENVIRONMENT);
    assert_int_equal(apply(w), PF_OK);
    assert_contains(w->heard.text,
                    "warning pricefeed: environment PRODUCER_X: unknown "
                    "setting 'feed.raet', ignored; did you mean 'feed.rate'?");
    /* But what is known must be right there, too. */
    put(w, "feed.rate", "x", PF_FROM_ENVIRONMENT);
    assert_int_equal(apply(w), PF_CONFIG);
    assert_string_equal(w->err.text, "environment PRODUCER_X: feed.rate: 'x' "
                                     "is not a number");
}

/* What print writes, in a buffer that the next call uses again. */
static const char *printed(void (*print)(const struct world *w, FILE *out),
                           const struct world *w)
{
    static char text[2000];
    FILE *out = fmemopen(text, sizeof text, "w");

    print(w, out);
    fclose(out);
    return text;
}

static void show(const struct world *w, FILE *out)
{
    pf_options_show(table, &w->settings, out);
}

static void help(const struct world *w, FILE *out)
{
    (void)w;
    pf_options_help(table, out);
}

static void help_of_many_words(const struct world *w, FILE *out)
{
    static const struct pf_option wordy[] = {
        PF_OPTION_STR(struct conf, topic, "feed.topic", "",
                      "a text of more than a hundred characters, the last of "
                      "which would be in column 101 if it was printed in one "
                      "line, and an averylongword"),
        PF_OPTION_END,
    };

    (void)w;
    pf_options_help(wordy, out);
}

static void markdown(const struct world *w, FILE *out)
{
    (void)w;
    pf_options_markdown(table, out);
}

struct families {
    int64_t size;
    struct pf_family files;
};

static const struct pf_option with_a_family[] = {
    PF_OPTION_INT(struct families, size, "feed.size", "5", 0, 10, "size"),
    PF_OPTION_FAMILY(struct families, files, "feed.file.NAME", "a file"),
    PF_OPTION_END,
};

static void show_families(const struct world *w, FILE *out)
{
    pf_options_show(with_a_family, &w->settings, out);
}

static void a_family_has_any_number_of_settings(void **state)
{
    struct world *w = *state;
    struct families conf = {0};

    assert_int_equal(
        pf_options_apply(&conf, with_a_family, &w->settings, &w->err), PF_OK);
    assert_int_equal(conf.files.n, 0);
    assert_string_equal(printed(show_families, w),
                        "feed.size = 5  # default\n");
    put(w, "feed.file.b", "x y", PF_FROM_FILE);
    put(w, "feed.file.a_1", "", PF_FROM_COMMAND);
    put(w, "feed.file.b", "z", PF_FROM_COMMAND);
    put(w, "linger.ms", "5", PF_FROM_FILE);
    assert_int_equal(
        pf_options_apply(&conf, with_a_family, &w->settings, &w->err), PF_OK);
    assert_int_equal(conf.files.n, 2);
    assert_string_equal(conf.files.at[0].setting, "feed.file.b");
    assert_string_equal(conf.files.at[0].name, "b");
    assert_string_equal(conf.files.at[0].value, "z");
    assert_string_equal(conf.files.at[0].where, "command line -X");
    assert_string_equal(conf.files.at[1].name, "a_1");
    assert_string_equal(conf.files.at[1].value, "");
    assert_string_equal(printed(show_families, w),
                        "feed.size = 5  # default\n"
                        "feed.file.b = z  # command line -X\n"
                        "feed.file.a_1 =   # command line -X\n");
    pf_options_release(&conf, with_a_family);
    assert_int_equal(conf.files.n, 0);
    assert_true(pf_options_have(with_a_family, "feed.file.x"));
}

static void a_name_that_is_of_no_family_is_unknown(void **state)
{
    static const struct {
        const char *name, *hint;
    } cases[] = {
        {"feed.flie.users", "did you mean 'feed.file.users'?"},
        {"feed.files.users", "did you mean 'feed.file.users'?"},
        {"feed.file.my.users", "unknown setting 'feed.file.my.users'"},
        {"feed.file.", "unknown setting 'feed.file.'"},
        {"feed.file", "unknown setting 'feed.file'"},
        {"feed.siez", "did you mean 'feed.size'?"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct world *w = *state;
        struct families conf = {0};

        pf_settings_release(&w->settings);
        put(w, cases[i].name, "5", PF_FROM_FILE);
        assert_int_equal(
            pf_options_apply(&conf, with_a_family, &w->settings, &w->err),
            PF_CONFIG);
        assert_contains(w->err.text, cases[i].hint);
        assert_false(pf_options_have(with_a_family, cases[i].name));
        pf_options_release(&conf, with_a_family);
    }
}

static void shows_each_value_and_where_it_is_from(void **state)
{
    struct world *w = *state;

    put(w, "feed.topic", "a\x1b[2J", PF_FROM_FILE);
    put(w, "feed.rate", "7", PF_FROM_COMMAND);
    assert_string_equal(printed(show, w),
                        "feed.topic = a\\x1b[2J  # f.properties:12\n"
                        "feed.rate = 7  # command line -X\n"
                        "feed.count = 0  # default\n"
                        "feed.sink = kafka  # default\n"
                        "feed.strict = false  # default\n"
                        "feed.empty =   # default\n");
}

static void the_table_is_the_manual(void **state)
{
    const char *text = printed(help, *state);

    assert_contains(text,
                    "  feed.rate = 10  (0 to 10000000)\n      a second\n");
    assert_contains(text, "  feed.sink = kafka  (kafka|console)\n");
    assert_contains(text, "  feed.empty = (empty)  (text)\n");
    text = printed(markdown, *state);
    assert_contains(text,
                    "| `feed.rate` | `10` | 0 to 10000000 | a second |\n");
    assert_contains(text,
                    "| `feed.strict` | `false` | true\\|false | a\\|b |\n");
}

static void help_wraps_at_100_columns(void **state)
{
    assert_string_equal(
        printed(help_of_many_words, *state),
        "  feed.topic = (empty)  (text)\n"
        "      a text of more than a hundred characters, the last of which "
        "would be in column 101 if it was\n"
        "      printed in one line, and an averylongword\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_world, free_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_not_set_has_its_default),
        TEST(what_is_set_is_taken),
        TEST(a_wrong_value_is_named_with_its_place),
        TEST(an_unknown_name_is_an_error_with_the_nearest),
        TEST(in_the_environment_it_is_a_warning),
        TEST(a_family_has_any_number_of_settings),
        TEST(a_name_that_is_of_no_family_is_unknown),
        TEST(shows_each_value_and_where_it_is_from),
        TEST(the_table_is_the_manual),
        TEST(help_wraps_at_100_columns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
