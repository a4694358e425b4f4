/* Settings from files, environment and command line: which of them holds. */
#include "unit.h"

#include "settings.h"

/* Settings, and a file that a variable may name: f.properties in its folder,
 * where the test is. */
struct world {
    struct pf_settings settings;
    struct pf_error err;
    char folder[40], path[60];
};

static int make_world(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    strcpy(w->folder, "/tmp/pf-settings-XXXXXX");
    *state = w;
    if (!mkdtemp(w->folder) || chdir(w->folder))
        return -1;
    snprintf(w->path, sizeof w->path, "%s/f.properties", w->folder);
    return 0;
}

static int remove_world(void **state)
{
    struct world *w = *state;

    pf_settings_release(&w->settings);
    unlink(w->path);
    rmdir(w->folder);
    free(w);
    return 0;
}

static void put_file(const struct world *w, const char *bytes, size_t len)
{
    FILE *out = fopen(w->path, "we");

    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, len, out), len);
    assert_int_equal(fclose(out), 0);
}

/* A program that has every setting but those that begin with "log". */
static bool knows(const void *context, const char *name)
{
    (void)context;
    return strncmp(name, "log", 3) != 0;
}

static enum pf_rc read_variable(struct world *w, const char *variable)
{
    char *environment[] = {(char *)"OTHER=x", (char *)variable, NULL};

    return pf_settings_read_environment(
        &w->settings,
        &(struct pf_variables){
            .environment = environment, .prefix = "PRODUCER_", .knows = knows},
        &w->err);
}

static enum pf_rc read_text(struct world *w, const char *text)
{
    put_file(w, text, strlen(text));
    return pf_settings_read_file(&w->settings, "f.properties", &w->err);
}

static void assert_setting(const struct world *w, const char *name,
                           const char *value, const char *where)
{
    const struct pf_setting *s = pf_settings_get(&w->settings, name);

    if (!s)
        fail_msg("no setting is named %s", name);
    assert_string_equal(s->value, value);
    assert_string_equal(s->where, where);
}

static void a_greater_rank_wins_whatever_came_first(void **state)
{
    struct world *w = *state;

    assert_int_equal(
        pf_settings_read_argument(&w->settings, "feed.rate=1", &w->err), PF_OK);
    assert_int_equal(read_variable(w, "PRODUCER_FEED_RATE=2"), PF_OK);
    assert_int_equal(read_text(w, "feed.rate=3\nfeed.count=4\nacks=5\n"),
                     PF_OK);
    assert_int_equal(read_variable(w, "PRODUCER_FEED_COUNT=6"), PF_OK);

    assert_int_equal(w->settings.n, 3);
    assert_setting(w, "feed.rate", "1", "command line -X");
    assert_setting(w, "feed.count", "6", "environment PRODUCER_FEED_COUNT");
    assert_setting(w, "acks", "5", "f.properties:3");
}

static void of_the_same_rank_the_last_wins(void **state)
{
    struct world *w = *state;

    assert_int_equal(read_text(w, "acks=1\nacks=2\n"), PF_OK);
    assert_setting(w, "acks", "2", "f.properties:2");
    assert_int_equal(read_text(w, "\nacks=3\n"), PF_OK);
    assert_setting(w, "acks", "3", "f.properties:2");
}

static void keeps_any_number_in_the_order_they_came(void **state)
{
    struct world *w = *state;
    char name[20];

    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "n.%d", i);
        assert_int_equal(pf_settings_put(&w->settings, name, name, "x",
                                         PF_FROM_FILE, &w->err),
                         PF_OK);
    }
    assert_int_equal(w->settings.n, 1000);
    assert_string_equal(w->settings.list[999].name, "n.999");
    assert_null(pf_settings_get(&w->settings, "n.1000"));
}

static void a_variable_becomes_a_name_by_the_rule_of_Kafkas_image(void **state)
{
    static const struct {
        const char *variable, *name;
    } cases[] = {
        {"PRODUCER_FEED_RATE=v", "feed.rate"},
        {"PRODUCER_ACKS=v", "acks"},
        {"PRODUCER_A__B=v", "a_b"},
        {"PRODUCER_A___B=v", "a-b"},
        {"PRODUCER_A____B=v", "a-.b"},
        {"PRODUCER_lower_Case=v", "lower.case"},
        {"PRODUCER_FILE=v", "file"},
    };
    struct world *w = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(read_variable(w, cases[i].variable), PF_OK);
        assert_int_equal(w->settings.n, i + 1);
        assert_string_equal(w->settings.list[i].name, cases[i].name);
        assert_string_equal(w->settings.list[i].value, "v");
    }
}

static void passes_over_variables_of_others(void **state)
{
    char long_name[400] = "PRODUCER_";
    struct world *w = *state;

    memset(long_name + 9, 'X', 300);
    strcpy(long_name + 309, "=v");
    assert_int_equal(read_variable(w, "PRODUCE_FEED_RATE=v"), PF_OK);
    assert_int_equal(read_variable(w, "producer_feed_rate=v"), PF_OK);
    assert_int_equal(read_variable(w, "PRODUCER_=v"), PF_OK);
    assert_int_equal(read_variable(w, "PRODUCER_FEED_RATE"), PF_OK);
    assert_int_equal(read_variable(w, long_name), PF_OK);
    assert_int_equal(w->settings.n, 0);
}

static void an_empty_variable_is_one_that_is_not_set(void **state)
{
    struct world *w = *state;

    assert_int_equal(read_text(w, "feed.rate=3\nfeed.seed=\n"), PF_OK);
    assert_int_equal(read_variable(w, "PRODUCER_FEED_RATE="), PF_OK);
    assert_int_equal(read_variable(w, "PRODUCER_FEED_RATE= \t\r\n"), PF_OK);
    assert_int_equal(read_variable(w, "PRODUCER_SASL_PASSWORD="), PF_OK);
    assert_int_equal(read_variable(w, "PRODUCER_SASL_PASSWORD_FILE="), PF_OK);
    assert_int_equal(w->settings.n, 2);
    assert_setting(w, "feed.rate", "3", "f.properties:1");
    /* In a file, and on a command line, it is a value. */
    assert_setting(w, "feed.seed", "", "f.properties:2");
    assert_int_equal(
        pf_settings_read_argument(&w->settings, "feed.rate=", &w->err), PF_OK);
    assert_setting(w, "feed.rate", "", "command line -X");
    assert_int_equal(read_variable(w, "PRODUCER_A=b=c"), PF_OK);
    assert_setting(w, "a", "b=c", "environment PRODUCER_A");
}

static void blanks_around_a_value_are_not_part_of_it(void **state)
{
    struct world *w = *state;

    assert_int_equal(read_text(w, "a=1 \nb= x y\t\nc=\\ z\\ \\t\n"), PF_OK);
    assert_int_equal(read_variable(w, "PRODUCER_D= 2\r"), PF_OK);
    assert_int_equal(pf_settings_read_argument(&w->settings, "e= 3 ", &w->err),
                     PF_OK);
    assert_setting(w, "a", "1", "f.properties:1");
    assert_setting(w, "b", "x y", "f.properties:2");
    assert_setting(w, "c", "z", "f.properties:3");
    assert_setting(w, "d", "2", "environment PRODUCER_D");
    assert_setting(w, "e", "3", "command line -X");
    /* A password may end in one. */
    assert_int_equal(read_variable(w, "PRODUCER_SASL_PASSWORD= p "), PF_OK);
    assert_setting(w, "sasl.password", " p ",
                   "environment PRODUCER_SASL_PASSWORD");
}

static void passes_over_what_is_set_for_a_service(void **state)
{
    static const char *const of_others[] = {
        "PRODUCER_PORT=tcp://10.0.0.9:9092",
        "PRODUCER_FEED_RATE_PORT=udp://[fd00::9]:9092",
        "PRODUCER_SERVICE_HOST=10.0.0.9",
        "PRODUCER_SERVICE_PORT=9092",
        "PRODUCER_SERVICE_PORT_HTTP=9092",
        "PRODUCER_PORT_9092_TCP=tcp://10.0.0.9:9092",
        "PRODUCER_PORT_9092_TCP_PROTO=tcp",
        "PRODUCER_PORT_9092_TCP_PORT=9092",
        "PRODUCER_PORT_9092_TCP_ADDR=10.0.0.9",
        "PRODUCER_WEB_PORT_53_UDP_ADDR=10.0.0.9",
    };
    static const char *const ours[] = {
        "PRODUCER_X_PORT=9092",   "PRODUCER_Y_PORT=tcp:9092",
        "PRODUCER_SERVICE=a",     "PRODUCER_PORT_TCP=a",
        "PRODUCER_PORT_9_TCPX=a",
    };
    struct world *w = *state;
    struct heard heard;
    const char *text;

    begin_to_listen(&heard);
    for (size_t i = 0; i < COUNT(of_others); i++)
        read_variable(w, of_others[i]);
    text = end_to_listen(&heard);
    assert_int_equal(w->settings.n, 0);
    assert_contains(text, "environment PRODUCER_PORT: ignored: "
                          "tcp://10.0.0.9:9092 is what Kubernetes and Docker "
                          "set for a service of that name");
    assert_contains(text, "environment PRODUCER_FEED_RATE_PORT: ignored");
    assert_null(strstr(text, "_HOST"));
    for (size_t i = 0; i < COUNT(ours); i++)
        assert_int_equal(read_variable(w, ours[i]), PF_OK);
    assert_int_equal(w->settings.n, COUNT(ours));
}

static void a_file_is_read_for_a_known_setting_only(void **state)
{
    struct world *w = *state;

    assert_int_equal(read_variable(w, "PRODUCER_LOG_FILE=/nowhere/x"), PF_OK);
    assert_setting(w, "log.file", "/nowhere/x",
                   "environment PRODUCER_LOG_FILE");
}

static void a_variable_in_FILE_names_a_file_with_the_value(void **state)
{
    struct world *w = *state;
    char variable[100];

    snprintf(variable, sizeof variable, "PRODUCER_SASL_PASSWORD_FILE=%s",
             w->path);
    put_file(w, "geheim\r\n", 8);
    assert_int_equal(read_variable(w, variable), PF_OK);
    assert_setting(w, "sasl.password", "geheim",
                   "environment PRODUCER_SASL_PASSWORD_FILE");
    put_file(w, "two\nlines \n", 11);
    assert_int_equal(read_variable(w, variable), PF_OK);
    assert_setting(w, "sasl.password", "two\nlines ",
                   "environment PRODUCER_SASL_PASSWORD_FILE");
    put_file(w, "", 0);
    assert_int_equal(read_variable(w, variable), PF_OK);
    assert_setting(w, "sasl.password", "",
                   "environment PRODUCER_SASL_PASSWORD_FILE");
}

static void where_all_are_secrets_none_loses_its_blanks(void **state)
{
    static char variable[] = "SECRET_POSTGRES= a b ";
    struct world *w = *state;
    char *environment[] = {variable, NULL};

    assert_int_equal(pf_settings_read_environment(
                         &w->settings,
                         &(struct pf_variables){.environment = environment,
                                                .prefix = "SECRET_",
                                                .are_secrets = true},
                         &w->err),
                     PF_OK);
    assert_setting(w, "postgres", " a b ", "environment SECRET_POSTGRES");
}

static void such_a_file_must_be_readable_text_of_64_KiB(void **state)
{
    struct world *w = *state;
    char variable[100], *text = malloc(65537);

    assert_int_equal(read_variable(w, "PRODUCER_P_FILE=/nowhere/x"), PF_CONFIG);
    assert_string_equal(w->err.text, "environment PRODUCER_P_FILE: "
                                     "/nowhere/x: No such file or directory");
    assert_int_equal(read_variable(w, "PRODUCER_P_FILE=/tmp"), PF_CONFIG);
    assert_string_equal(w->err.text,
                        "environment PRODUCER_P_FILE: /tmp: Is a directory");

    snprintf(variable, sizeof variable, "PRODUCER_P_FILE=%s", w->path);
    memset(text, 'x', 65537);
    put_file(w, text, 65537);
    assert_int_equal(read_variable(w, variable), PF_CONFIG);
    assert_contains(w->err.text, "more than 65536 bytes");
    put_file(w, "a\0b", 3);
    assert_int_equal(read_variable(w, variable), PF_CONFIG);
    assert_contains(w->err.text, "a NUL byte");
    assert_int_equal(w->settings.n, 0);

    put_file(w, text, 65536);
    assert_int_equal(read_variable(w, variable), PF_OK);
    assert_int_equal(strlen(pf_settings_get(&w->settings, "p")->value), 65536);
    free(text);
}

static void an_argument_is_name_and_value(void **state)
{
    static const char *const bad[] = {"", "feed.rate", "=1", "="};
    struct world *w = *state;

    for (size_t i = 0; i < COUNT(bad); i++) {
        char text[100];

        assert_int_equal(
            pf_settings_read_argument(&w->settings, bad[i], &w->err),
            PF_CONFIG);
        snprintf(text, sizeof text, "-X %s: expected name=value", bad[i]);
        assert_string_equal(w->err.text, text);
    }
    assert_int_equal(w->settings.n, 0);
    assert_int_equal(pf_settings_read_argument(&w->settings, "a=b=c", &w->err),
                     PF_OK);
    assert_setting(w, "a", "b=c", "command line -X");
    assert_int_equal(pf_settings_read_argument(&w->settings, "a=", &w->err),
                     PF_OK);
    assert_setting(w, "a", "", "command line -X");
}

static void a_mistake_in_a_file_has_its_line(void **state)
{
    struct world *w = *state;

    assert_int_equal(read_text(w, "a=b\n\nfeed.rate\n"), PF_CONFIG);
    assert_contains(w->err.text, "f.properties:3: 'feed.rate' has no value");
    assert_int_equal(pf_settings_read_file(&w->settings, "/nowhere/x", &w->err),
                     PF_IO);
}

static void what_is_taken_out_leaves_the_others_in_order(void **state)
{
    static const char *const names[] = {"a", "b", "c"};
    struct world *w = *state;

    for (size_t i = 0; i < COUNT(names); i++)
        assert_int_equal(pf_settings_put(&w->settings, names[i], "1", "",
                                         PF_FROM_FILE, NULL),
                         PF_OK);
    pf_settings_remove(&w->settings, "none");
    assert_int_equal(w->settings.n, 3);
    pf_settings_remove(&w->settings, "b");
    assert_int_equal(w->settings.n, 2);
    assert_null(pf_settings_get(&w->settings, "b"));
    assert_string_equal(w->settings.list[1].name, "c");
    pf_settings_remove(&w->settings, "c");
    pf_settings_remove(&w->settings, "a");
    assert_int_equal(w->settings.n, 0);
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, make_world, remove_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_greater_rank_wins_whatever_came_first),
        TEST(of_the_same_rank_the_last_wins),
        TEST(keeps_any_number_in_the_order_they_came),
        TEST(a_variable_becomes_a_name_by_the_rule_of_Kafkas_image),
        TEST(passes_over_variables_of_others),
        TEST(an_empty_variable_is_one_that_is_not_set),
        TEST(blanks_around_a_value_are_not_part_of_it),
        TEST(passes_over_what_is_set_for_a_service),
        TEST(a_file_is_read_for_a_known_setting_only),
        TEST(a_variable_in_FILE_names_a_file_with_the_value),
        TEST(where_all_are_secrets_none_loses_its_blanks),
        TEST(such_a_file_must_be_readable_text_of_64_KiB),
        TEST(an_argument_is_name_and_value),
        TEST(what_is_taken_out_leaves_the_others_in_order),
        TEST(a_mistake_in_a_file_has_its_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
