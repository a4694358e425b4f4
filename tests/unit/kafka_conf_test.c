/* librdkafka's configuration: what passes through, and what is refused. */
#include "unit.h"

#include "kafka_program.h"

static const struct pf_kafka_default defaults[] = {
    {"bootstrap.servers", "127.0.0.1:9092", PF_KAFKA_DEFAULT, "brokers"},
    {"acks", "all", PF_KAFKA_DEFAULT, "delivered is delivered"},
    {"enable.auto.commit", "false", PF_KAFKA_FIXED, "this program commits"},
    {"of.a.later.librdkafka", "1", PF_KAFKA_TUNING, "faster"},
    {0},
};

struct world {
    struct pf_settings settings;
    rd_kafka_conf_t *conf;
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

    if (w->conf)
        rd_kafka_conf_destroy(w->conf);
    pf_settings_release(&w->settings);
    free(w);
    return 0;
}

static void put(struct world *w, const char *name, const char *value,
                enum pf_setting_rank rank)
{
    assert_int_equal(
        pf_settings_put(&w->settings, name, value, "f:12", rank, &w->err),
        PF_OK);
}

static enum pf_rc make(struct world *w)
{
    enum pf_rc rc;

    if (w->conf)
        rd_kafka_conf_destroy(w->conf);
    w->conf = NULL;
    begin_to_listen(&w->heard);
    rc = pf_kafka_conf_new(defaults, &w->settings, &w->conf, &w->err);
    end_to_listen(&w->heard);
    return rc;
}

static void assert_conf(const struct world *w, const char *name,
                        const char *value)
{
    char buf[200];
    size_t size = sizeof buf;

    assert_int_equal(rd_kafka_conf_get(w->conf, name, buf, &size),
                     RD_KAFKA_CONF_OK);
    assert_string_equal(buf, value);
}

static void defaults_hold_until_they_are_set(void **state)
{
    struct world *w = *state;

    assert_int_equal(make(w), PF_OK);
    assert_conf(w, "bootstrap.servers", "127.0.0.1:9092");
    assert_conf(w, "enable.auto.commit", "false");

    put(w, "bootstrap.servers", "a:1,b:2", PF_FROM_FILE);
    put(w, "linger.ms", "5", PF_FROM_COMMAND);
    put(w, "feed.rate", "x", PF_FROM_FILE); /* ours, not librdkafka's */
    put(w, "enable.auto.commit", "false", PF_FROM_FILE); /* as it is anyway */
    assert_int_equal(make(w), PF_OK);
    assert_conf(w, "bootstrap.servers", "a:1,b:2");
    assert_conf(w, "queue.buffering.max.ms", "5");
}

static void a_fixed_one_cannot_be_set_otherwise(void **state)
{
    struct world *w = *state;

    put(w, "enable.auto.commit", "true", PF_FROM_FILE);
    assert_int_equal(make(w), PF_CONFIG);
    assert_string_equal(w->err.text, "f:12: enable.auto.commit is always false "
                                     "here: this program commits");
    assert_null(w->conf);
}

static void an_unknown_name_is_an_error_with_the_nearest(void **state)
{
    struct world *w = *state;

    put(w, "bootstrap.server", "a:1", PF_FROM_COMMAND);
    assert_int_equal(make(w), PF_CONFIG);
    assert_string_equal(w->err.text,
                        "f:12: unknown setting 'bootstrap.server', neither "
                        "ours nor librdkafka's; did you mean "
                        "'bootstrap.servers'?");
    pf_settings_release(&w->settings);
    put(w, "kompression.codec", "zstd", PF_FROM_FILE);
    assert_int_equal(make(w), PF_CONFIG);
    assert_contains(w->err.text, "did you mean 'compression.codec'?");
    pf_settings_release(&w->settings);
    put(w, "zzzzzzzz", "1", PF_FROM_FILE);
    assert_int_equal(make(w), PF_CONFIG);
    assert_null(strstr(w->err.text, "did you mean"));
}

static void in_the_environment_it_is_a_warning(void **state)
{
    struct world *w = *state;

    put(w, "port", "tcp://10.0.0.1:80", PF_FROM_ENVIRONMENT);
    assert_int_equal(make(w), PF_OK);
    assert_contains(w->heard.text,
                    "f:12: unknown librdkafka setting 'port', ignored");
}

static void a_value_that_librdkafka_refuses_has_its_place(void **state)
{
    struct world *w = *state;

    put(w, "linger.ms", "soon", PF_FROM_FILE);
    assert_int_equal(make(w), PF_CONFIG);
    assert_contains(w->err.text, "f:12: linger.ms: ");
    pf_settings_release(&w->settings);
    put(w, "compression.codec", "zip", PF_FROM_FILE);
    assert_int_equal(make(w), PF_CONFIG);
    assert_contains(w->err.text, "f:12: compression.codec: ");
}

static void brokers_are_host_and_port(void **state)
{
    static const char *const good[] = {"a",
                                       "a:9092",
                                       "a:1,b:65535",
                                       "127.0.0.1:9092,",
                                       "a:1, b:2",
                                       "[::1]:9092",
                                       "[::1]",
                                       "PLAINTEXT://a:9092",
                                       "SSL://[::1]:9093"};
    static const char *const bad[] = {
        "",        ",",      " , ",    ":9092",  "a:",      "a:0",
        "a:65536", "a:port", "a:-1",   "a:1:2",  "a:9092x", "[]:1",
        "[::1",    "[abc",   "[::1]x", "SSL://", "a:1,:2"};

    for (size_t i = 0; i < COUNT(good); i++) {
        struct world *w = *state;

        pf_settings_release(&w->settings);
        put(w, "bootstrap.servers", good[i], PF_FROM_FILE);
        if (make(w))
            fail_msg("'%s': %s", good[i], w->err.text);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct world *w = *state;

        pf_settings_release(&w->settings);
        put(w, i % 2 ? "bootstrap.servers" : "metadata.broker.list", bad[i],
            PF_FROM_FILE);
        if (make(w) != PF_CONFIG)
            fail_msg("'%s' was taken", bad[i]);
        assert_contains(w->err.text, "f:12: ");
        assert_contains(w->err.text, "host:port");
    }
}

static void a_topic_has_a_legal_name(void **state)
{
    char name[251];
    struct pf_error err = {0};
    static const char *const bad[] = {"",    ".",    "..",       "a b", "a/b",
                                      "a\n", "\x1b", "\xc3\xa9", "a:b"};

    (void)state;
    memset(name, 'x', sizeof name);
    name[250] = '\0';
    assert_int_equal(pf_topic_check(name, &err), PF_CONFIG);
    name[249] = '\0';
    assert_int_equal(pf_topic_check(name, &err), PF_OK);
    assert_int_equal(pf_topic_check("prices-topic", &err), PF_OK);
    assert_int_equal(pf_topic_check("...", &err), PF_OK);
    assert_int_equal(pf_topic_check("A_b-9.z", &err), PF_OK);
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(pf_topic_check(bad[i], &err), PF_CONFIG);
    pf_topic_check("a\x1b[2J\n", &err);
    assert_string_equal(err.text,
                        "'a\\x1b[2J\\n' is not a topic name: use 1 to 249 "
                        "letters, digits, '.', '_' and '-'");
}

static void a_listing_hides_secrets_and_escapes_the_rest(void **state)
{
    struct world *w = *state;
    char text[1000] = "";
    FILE *out = fmemopen(text, sizeof text, "w");

    put(w, "sasl.password", "geheim", PF_FROM_FILE);
    put(w, "client.id", "a\x1b[2J", PF_FROM_FILE);
    put(w, "feed.rate", "5", PF_FROM_FILE);
    pf_kafka_library.show(defaults, &w->settings, out);
    fclose(out);
    assert_contains(text, "bootstrap.servers = 127.0.0.1:9092  # default\n");
    assert_contains(text, "sasl.password = [hidden]  # f:12\n");
    assert_contains(text, "client.id = a\\x1b[2J  # f:12\n");
    assert_null(strstr(text, "geheim"));
    assert_null(strstr(text, "feed.rate"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_world, free_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(defaults_hold_until_they_are_set),
        TEST(a_fixed_one_cannot_be_set_otherwise),
        TEST(an_unknown_name_is_an_error_with_the_nearest),
        TEST(in_the_environment_it_is_a_warning),
        TEST(a_value_that_librdkafka_refuses_has_its_place),
        TEST(brokers_are_host_and_port),
        TEST(a_topic_has_a_legal_name),
        TEST(a_listing_hides_secrets_and_escapes_the_rest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
