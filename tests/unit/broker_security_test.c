/* FEED_SECURITY=tls: what the environment asks for, and what becomes of the
 * broker's settings. */
#include "unit.h"

#include "broker_security.h"
#include "zookeeper_security.h"

static const struct pf_places places = {
    .home = "/home", .config = "/config", .data = "/data", .run = "/run"};

struct world {
    struct pf_settings server, machine;
    struct pf_security security;
    struct pf_error err;
};

static int make_world(void **state)
{
    *state = calloc(1, sizeof(struct world));
    return 0;
}

static int remove_world(void **state)
{
    struct world *w = *state;

    pf_settings_release(&w->server);
    pf_settings_release(&w->machine);
    free(w);
    return 0;
}

static enum pf_rc ask(struct world *w, const char *const *environment)
{
    return pf_security_read((char *const *)environment, &places, &w->machine,
                            &w->security, &w->err);
}

static void refuses(struct world *w, const char *const *environment,
                    const char *why)
{
    assert_int_equal(ask(w, environment), PF_CONFIG);
    assert_contains(w->err.text, why);
}

static void put(struct world *w, const char *name, const char *value)
{
    assert_int_equal(
        pf_settings_put(&w->server, name, value, "here:1", PF_FROM_FILE, NULL),
        PF_OK);
}

static void put_listeners(struct world *w)
{
    put(w, "listeners",
        "LOCAL://127.0.0.1:1,DOCKER://0.0.0.0:2,HOST://0.0.0.0:3");
}

static const char *value(const struct world *w, const char *name)
{
    const struct pf_setting *s = pf_settings_get(&w->server, name);

    return s ? s->value : "(none)";
}

static void secure(struct world *w)
{
    static const char *const environment[] = {"FEED_SECURITY=tls", NULL};

    if (ask(w, environment) ||
        pf_security_put(&w->server, &places, &w->security, &w->err))
        fail_msg("%s", w->err.text);
}

static void is_off_unless_asked_for(void **state)
{
    static const char *const off[][2] = {
        {NULL}, {"FEED_SECURITY=", NULL}, {"FEED_SECURITY=none", NULL}};
    struct world *w = *state;

    for (size_t i = 0; i < COUNT(off); i++) {
        assert_int_equal(ask(w, off[i]), PF_OK);
        assert_false(w->security.is_on);
    }
}

static void refuses_another_word(void **state)
{
    static const char *const environment[] = {"FEED_SECURITY=yes", NULL};

    refuses(*state, environment, "FEED_SECURITY: 'yes' is neither none nor");
}

static void takes_names_and_the_paths_of_an_own_certificate(void **state)
{
    static const char *const environment[] = {
        "FEED_SECURITY=tls", "FEED_TLS_NAMES=a.example, 10.0.0.1,::2",
        "FEED_TLS_CERTIFICATE=tls/a.pem", "FEED_TLS_KEY=/secret/a.key", NULL};
    struct world *w = *state;

    assert_int_equal(ask(w, environment), PF_OK);
    assert_true(w->security.is_on);
    assert_string_equal(w->security.names, "a.example, 10.0.0.1,::2");
    assert_string_equal(w->security.certificate.text, "/config/tls/a.pem");
    assert_string_equal(w->security.key.text, "/secret/a.key");
}

static void refuses_a_certificate_without_its_key(void **state)
{
    static const char *const one[] = {"FEED_SECURITY=tls",
                                      "FEED_TLS_CERTIFICATE=a.pem", NULL};

    refuses(*state, one, "FEED_TLS_CERTIFICATE is set and FEED_TLS_KEY is not");
}

static void refuses_a_key_without_its_certificate(void **state)
{
    static const char *const environment[] = {"FEED_SECURITY=tls",
                                              "FEED_TLS_KEY=a.key", NULL};

    refuses(*state, environment,
            "FEED_TLS_KEY is set and FEED_TLS_CERTIFICATE is not");
}

static void refuses_wishes_that_would_have_no_effect(void **state)
{
    static const char *const names[] = {"FEED_TLS_NAMES=a", NULL};
    static const char *const own[] = {"FEED_TLS_CERTIFICATE=a.pem",
                                      "FEED_TLS_KEY=a.key", NULL};

    refuses(*state, names, "FEED_TLS_NAMES: without FEED_SECURITY=tls");
    refuses(*state, own, "FEED_TLS_CERTIFICATE: without FEED_SECURITY=tls");
}

static void refuses_what_is_not_a_list_of_names(void **state)
{
    static const char *const environments[][3] = {
        {"FEED_SECURITY=tls", "FEED_TLS_NAMES=https://a.example/", NULL},
        {"FEED_SECURITY=tls", "FEED_TLS_NAMES=*.example", NULL},
        {"FEED_SECURITY=tls", "FEED_TLS_NAMES=b, a.example:9093", NULL},
        {"FEED_SECURITY=tls", "FEED_TLS_NAMES=a.example b.example", NULL},
        {"FEED_SECURITY=tls", "FEED_TLS_NAMES=[::1]", NULL},
    };

    for (size_t i = 0; i < COUNT(environments); i++)
        refuses(*state, environments[i], "is not a host name or an IP address");
}

static void leaves_no_listener_open(void **state)
{
    struct world *w = *state;

    put_listeners(w);
    put(w, "listener.security.protocol.map",
        "LOCAL:PLAINTEXT,DOCKER:PLAINTEXT,HOST:SASL_PLAINTEXT");
    secure(w);
    assert_string_equal(value(w, "listener.security.protocol.map"),
                        "LOCAL:SSL,DOCKER:SASL_SSL,HOST:SASL_SSL");
    assert_string_equal(value(w, "inter.broker.listener.name"), "LOCAL");
    assert_string_equal(value(w, "listener.name.local.ssl.client.auth"),
                        "required");
    assert_contains(
        value(w, "listener.name.docker.scram-sha-512.sasl.jaas.config"),
        "ScramLoginModule");
    assert_contains(
        value(w, "listener.name.host.scram-sha-512.sasl.jaas.config"),
        "ScramLoginModule");
    assert_string_equal(value(w, "allow.everyone.if.no.acl.found"), "false");
    assert_true(pf_security_is_on(&w->server));
}

static void nobody_gets_a_right_by_default(void **state)
{
    struct world *w = *state;

    put_listeners(w);
    put(w, "allow.everyone.if.no.acl.found", "true");
    put(w, "listener.name.local.ssl.client.auth", "none");
    secure(w);
    assert_string_equal(value(w, "allow.everyone.if.no.acl.found"), "false");
    assert_string_equal(value(w, "listener.name.local.ssl.client.auth"),
                        "required");
}

static void a_listener_that_only_encrypts_stays(void **state)
{
    struct world *w = *state;

    put(w, "listeners", "LOCAL://127.0.0.1:1,MINE://0.0.0.0:2");
    put(w, "listener.security.protocol.map", "LOCAL:SASL_SSL,MINE:ssl");
    secure(w);
    assert_string_equal(value(w, "listener.security.protocol.map"),
                        "LOCAL:SSL,MINE:SSL");
}

static void each_listener_shows_its_own_certificate(void **state)
{
    struct world *w = *state;

    put_listeners(w);
    secure(w);
    assert_string_equal(value(w, "ssl.keystore.location"),
                        "/data/security/server.pem");
    assert_string_equal(value(w, "listener.name.local.ssl.keystore.location"),
                        "/data/security/broker.pem");
    assert_string_equal(value(w, "listener.name.local.ssl.truststore.location"),
                        "/data/security/ca.pem");
}

static void users_see_the_certificate_that_was_given(void **state)
{
    static const char *const environment[] = {
        "FEED_SECURITY=tls", "FEED_TLS_CERTIFICATE=a", "FEED_TLS_KEY=b", NULL};
    struct world *w = *state;

    put_listeners(w);
    assert_int_equal(ask(w, environment), PF_OK);
    assert_int_equal(
        pf_security_put(&w->server, &places, &w->security, &w->err), PF_OK);
    assert_string_equal(value(w, "ssl.keystore.location"), "/run/given.pem");
    assert_string_equal(value(w, "listener.name.local.ssl.keystore.location"),
                        "/data/security/broker.pem");
}

static void keeps_the_users_own_settings_and_adds_to_them(void **state)
{
    struct world *w = *state;

    put_listeners(w);
    put(w, "super.users", "User:boss");
    put(w, "authorizer.class.name", "com.example.Mine");
    secure(w);
    assert_string_equal(value(w, "super.users"),
                        "User:CN=broker;User:CN=pf-broker;User:boss");
    assert_string_equal(value(w, "authorizer.class.name"), "com.example.Mine");
}

static void refuses_brokers_that_talk_elsewhere(void **state)
{
    static const char *const names[] = {"inter.broker.listener.name",
                                        "security.inter.broker.protocol"};
    struct world *w = *state;

    put_listeners(w);
    secure(w);
    for (size_t i = 0; i < COUNT(names); i++) {
        pf_settings_release(&w->server);
        put_listeners(w);
        put(w, names[i], "HOST");
        assert_int_equal(
            pf_security_put(&w->server, &places, &w->security, &w->err),
            PF_CONFIG);
        assert_contains(w->err.text, "here:1: ");
        assert_contains(w->err.text, names[i]);
    }
}

static void a_program_has_a_name_of_its_own(void **state)
{
    struct world *w = *state;

    assert_int_equal(pf_security_put_client(&w->server, &places, NULL, &w->err),
                     PF_OK);
    assert_int_equal(
        pf_security_put_client(&w->server, &places, "web", &w->err), PF_OK);
    assert_string_equal(value(w, "security.protocol"), "ssl");
    assert_string_equal(value(w, "ssl.ca.location"), "/data/security/ca.pem");
    assert_string_equal(value(w, "ssl.certificate.location"),
                        "/data/security/web.pem");
    assert_string_equal(value(w, "ssl.key.location"), "/data/security/web.pem");
}

static void without_it_local_is_not_secure(void **state)
{
    struct world *w = *state;

    assert_false(pf_security_is_on(&w->server));
    put(w, "listener.security.protocol.map", "LOCAL:PLAINTEXT,HOST:SSL");
    assert_false(pf_security_is_on(&w->server));
}

static void a_node_of_a_cluster_has_its_certificates_elsewhere(void **state)
{
    static const struct pf_places node = {.home = "/home",
                                          .config = "/config",
                                          .data = "/data",
                                          .run = "/run",
                                          .tls = "/tls/broker/1"};
    struct world *w = *state;

    put_listeners(w);
    assert_int_equal(pf_security_put(&w->server, &node, &w->security, &w->err),
                     PF_OK);
    assert_int_equal(pf_security_put_client(&w->server, &node, "web", &w->err),
                     PF_OK);
    assert_string_equal(value(w, "listener.name.local.ssl.keystore.location"),
                        "/tls/broker/1/broker.pem");
    assert_string_equal(value(w, "ssl.keystore.location"),
                        "/tls/broker/1/server.pem");
    assert_string_equal(value(w, "ssl.certificate.location"),
                        "/tls/broker/1/web.pem");
}

static void an_authority_needs_a_directory_and_names(void **state)
{
    static const char *const lists[][4] = {
        {"FEED_SECURITY=tls", "FEED_TLS_BROKERS=a,b", NULL},
        {"FEED_SECURITY=tls", "FEED_TLS_ZOOKEEPERS=a", NULL},
    };
    static const char *const wrong[] = {"FEED_SECURITY=tls",
                                        "FEED_TLS_BROKERS=a/b", NULL};
    struct pf_places node = places;
    struct world *w = *state;

    refuses(w, lists[0], "FEED_TLS_BROKERS: FEED_TLS_DIR is not set");
    pf_settings_release(&w->machine);
    refuses(w, lists[1], "FEED_TLS_ZOOKEEPERS: FEED_TLS_DIR is not set");
    node.tls = "/tls";
    pf_settings_release(&w->machine);
    assert_int_equal(pf_security_read((char *const *)lists[0], &node,
                                      &w->machine, &w->security, &w->err),
                     PF_OK);
    assert_string_equal(w->security.brokers, "a,b");
    assert_null(w->security.zookeepers);
    assert_int_equal(pf_security_read((char *const *)wrong, &node, &w->machine,
                                      &w->security, &w->err),
                     PF_CONFIG);
    assert_contains(w->err.text, "FEED_TLS_BROKERS: 'a/b' is not a host name");
}

static void zookeeper_and_who_asks_it_speak_tls_only(void **state)
{
    static const struct pf_places node = {
        .config = "/config", .data = "/data", .run = "/run", .tls = "/tls/1"};
    struct pf_settings zookeeper = pf_settings_init();
    struct world *w = *state;
    struct pf_zookeeper_tls tls;

    pf_settings_put(&zookeeper, "clientPort", "2181", "", PF_FROM_FILE, NULL);
    pf_settings_put(&zookeeper, "clientPortAddress", "0.0.0.0", "",
                    PF_FROM_FILE, NULL);
    pf_settings_put(&zookeeper, "4lw.commands.whitelist", "srvr", "",
                    PF_FROM_FILE, NULL);
    pf_settings_put(&zookeeper, "ssl.quorum.clientAuth", "want", "",
                    PF_FROM_FILE, NULL);
    assert_int_equal(
        pf_zookeeper_security_put(&zookeeper, &w->server, &node, &w->err),
        PF_OK);
#define HAS(name) pf_settings_get(&zookeeper, name)->value
    assert_null(pf_settings_get(&zookeeper, "clientPort"));
    assert_null(pf_settings_get(&zookeeper, "clientPortAddress"));
    assert_string_equal(HAS("secureClientPort"), "2181");
    assert_string_equal(HAS("secureClientPortAddress"), "0.0.0.0");
    assert_string_equal(HAS("4lw.commands.whitelist"), "srvr,dump");
    assert_string_equal(HAS("sslQuorum"), "true");
    assert_string_equal(HAS("ssl.clientAuth"), "need");
    assert_string_equal(HAS("ssl.quorum.clientAuth"), "want"); /* the user's */
    assert_string_equal(HAS("ssl.trustStore.location"),
                        "/tls/1/zookeeper-ca.pem");
    tls = pf_zookeeper_tls_of_itself(&zookeeper);
    assert_string_equal(tls.certificate, "/tls/1/zookeeper.pem");
    pf_settings_release(&zookeeper);

    assert_string_equal(value(w, "zookeeper.ssl.client.enable"), "true");
    tls = pf_zookeeper_tls_of_broker(&w->server);
    assert_string_equal(tls.certificate, "/tls/1/zookeeper.pem");
    assert_string_equal(tls.authority, "/tls/1/zookeeper-ca.pem");
    put(w, "zookeeper.ssl.keystore.type", "JKS");
    pf_settings_put(&w->server, "zookeeper.ssl.keystore.type", "JKS", "",
                    PF_FROM_COMMAND, NULL);
    assert_null(pf_zookeeper_tls_of_broker(&w->server).certificate);
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, make_world, remove_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(is_off_unless_asked_for),
        TEST(refuses_another_word),
        TEST(takes_names_and_the_paths_of_an_own_certificate),
        TEST(refuses_a_certificate_without_its_key),
        TEST(refuses_a_key_without_its_certificate),
        TEST(refuses_wishes_that_would_have_no_effect),
        TEST(refuses_what_is_not_a_list_of_names),
        TEST(leaves_no_listener_open),
        TEST(nobody_gets_a_right_by_default),
        TEST(a_listener_that_only_encrypts_stays),
        TEST(each_listener_shows_its_own_certificate),
        TEST(users_see_the_certificate_that_was_given),
        TEST(keeps_the_users_own_settings_and_adds_to_them),
        TEST(refuses_brokers_that_talk_elsewhere),
        TEST(a_program_has_a_name_of_its_own),
        TEST(without_it_local_is_not_secure),
        TEST(a_node_of_a_cluster_has_its_certificates_elsewhere),
        TEST(an_authority_needs_a_directory_and_names),
        TEST(zookeeper_and_who_asks_it_speak_tls_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
