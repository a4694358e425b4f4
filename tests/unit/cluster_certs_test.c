/* The certificates of a secure cluster: who gets which, and who takes whose. */
#include "unit.h"

#include <ftw.h>
#include <sys/stat.h>
#include <time.h>

#include "certs.h"
#include "cluster_certs.h"

#define DAY 86400

static const char *const brokers[] = {"broker-a", "broker-b"};
static const char *const zookeepers[] = {"zookeeper-a"};
static const char *const more[] = {"prices.example"};

struct world {
    char dir[40];
    struct pf_cluster_certs wanted;
    struct pf_made made;
    struct pf_error err;
};

static const char *path_of(const struct world *w, const char *file)
{
    return path_in(w->dir, file);
}

static int make_world(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    strcpy(w->dir, "/tmp/pf-cluster-certs-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    w->wanted = (struct pf_cluster_certs){
        .dir = w->dir,
        .brokers = {brokers, COUNT(brokers)},
        .zookeepers = {zookeepers, COUNT(zookeepers)},
        .more = {more, COUNT(more)},
        .now = time(NULL),
    };
    *state = w;
    return 0;
}

static int remove_one(const char *path, const struct stat *status, int type,
                      struct FTW *where)
{
    (void)status, (void)type, (void)where;
    return remove(path);
}

static int remove_world(void **state)
{
    struct world *w = *state;

    assert_int_equal(nftw(w->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
    free(w);
    return 0;
}

static void settle(struct world *w)
{
    if (pf_cluster_certs_settle(&w->wanted, &w->made, &w->err))
        fail_msg("%s", w->err.text);
}

static bool exists(const struct world *w, const char *file)
{
    return !access(path_of(w, file), F_OK);
}

/* Does who trusts ca take the certificate in file? */
static bool takes(const struct world *w, const char *ca, const char *file,
                  int purpose, const char *host)
{
    return is_taken(path_of(w, file), path_of(w, ca), purpose, host);
}

static void each_node_has_what_it_needs_and_no_key_of_others(void **state)
{
    static const char *const there[] = {"authority/authority.pem",
                                        "authority/zookeeper.pem",
                                        "authority/reader.password",
                                        "broker/1/ca.pem",
                                        "broker/1/broker.pem",
                                        "broker/1/server.pem",
                                        "broker/1/pf-broker.pem",
                                        "broker/1/zookeeper-ca.pem",
                                        "broker/1/zookeeper.pem",
                                        "broker/2/broker.pem",
                                        "broker/2/reader.password",
                                        "zookeeper/1/zookeeper-ca.pem",
                                        "zookeeper/1/zookeeper.pem",
                                        "producer/ca.pem",
                                        "producer/producer.pem",
                                        "consumer/consumer.pem",
                                        "web/web.pem"};
    static const char *const missing[] = {"broker/3",
                                          "zookeeper/2",
                                          "zookeeper/1/ca.pem",
                                          "broker/authority.pem",
                                          "broker/1/authority.pem",
                                          "producer/zookeeper-ca.pem",
                                          "producer/consumer.pem"};
    struct world *w = *state;
    struct stat status;

    settle(w);
    for (size_t i = 0; i < COUNT(there); i++) {
        if (stat(path_of(w, there[i]), &status))
            fail_msg("%s is missing", there[i]);
        assert_int_equal(status.st_mode & 0777, 0600);
    }
    for (size_t i = 0; i < COUNT(missing); i++)
        if (exists(w, missing[i]))
            fail_msg("%s is there", missing[i]);
}

static void a_broker_is_known_by_its_own_names(void **state)
{
    struct world *w = *state;
    const char *ca = "producer/ca.pem";
    static const char *const own[] = {"broker-a", "localhost", "127.0.0.1"};

    settle(w);
    for (size_t i = 0; i < COUNT(own); i++) {
        assert_true(takes(w, ca, "broker/1/broker.pem", X509_PURPOSE_SSL_SERVER,
                          own[i]));
        assert_true(takes(w, ca, "broker/1/server.pem", X509_PURPOSE_SSL_SERVER,
                          own[i]));
    }
    assert_false(takes(w, ca, "broker/1/broker.pem", X509_PURPOSE_SSL_SERVER,
                       "broker-b"));
    assert_true(takes(w, ca, "broker/2/server.pem", X509_PURPOSE_SSL_SERVER,
                      "prices.example"));
    assert_true(
        takes(w, ca, "broker/2/broker.pem", X509_PURPOSE_SSL_CLIENT, NULL));
}

static void a_zookeeper_takes_brokers_and_no_client_of_theirs(void **state)
{
    static const char *const others[] = {
        "producer/producer.pem", "consumer/consumer.pem", "web/web.pem",
        "broker/1/broker.pem", "broker/1/pf-broker.pem"};
    struct world *w = *state;
    const char *ca = "zookeeper/1/zookeeper-ca.pem";

    settle(w);
    assert_true(
        takes(w, ca, "broker/1/zookeeper.pem", X509_PURPOSE_SSL_CLIENT, NULL));
    assert_true(takes(w, ca, "zookeeper/1/zookeeper.pem",
                      X509_PURPOSE_SSL_CLIENT, NULL));
    assert_true(takes(w, "broker/1/zookeeper-ca.pem",
                      "zookeeper/1/zookeeper.pem", X509_PURPOSE_SSL_SERVER,
                      "zookeeper-a"));
    assert_false(
        takes(w, ca, "broker/1/zookeeper.pem", X509_PURPOSE_SSL_SERVER, NULL));
    for (size_t i = 0; i < COUNT(others); i++)
        if (takes(w, ca, others[i], X509_PURPOSE_SSL_CLIENT, NULL))
            fail_msg("ZooKeeper takes %s", others[i]);
}

static void leaves_what_fits_alone_and_renews_what_clients_see(void **state)
{
    struct world *w = *state;

    settle(w);
    settle(w);
    assert_string_equal(w->made.text, "");
    w->wanted.renew = true;
    settle(w);
    assert_string_equal(w->made.text,
                        "broker/1/server.pem broker/2/server.pem");
    w->wanted.renew = false;
    w->wanted.now += (PF_SERVER_DAYS - PF_SPARE_DAYS + 1) * (time_t)DAY;
    settle(w);
    assert_string_equal(w->made.text,
                        "broker/1/server.pem broker/2/server.pem");
}

static void makes_all_again_when_the_authorities_end_soon(void **state)
{
    struct world *w = *state;

    settle(w);
    w->wanted.now += (PF_AUTHORITY_DAYS - PF_SPARE_DAYS + 1) * (time_t)DAY;
    settle(w);
    assert_contains(w->made.text,
                    "authority/authority.pem authority/zookeeper.pem "
                    "zookeeper/1/zookeeper.pem broker/1/broker.pem");
    assert_contains(w->made.text, "web/web.pem");
}

static void a_clock_that_is_wrong_replaces_no_authority(void **state)
{
    struct world *w = *state;

    settle(w);
    w->wanted.now -= 50L * 365 * DAY;
    settle(w);
    assert_string_equal(w->made.text, "");
}

static void a_node_more_gets_its_own_and_the_others_keep_theirs(void **state)
{
    static const char *const three[] = {"broker-a", "broker-b", "broker-c"};
    struct world *w = *state;

    settle(w);
    w->wanted.brokers = (struct pf_cert_hosts){three, COUNT(three)};
    settle(w);
    assert_string_equal(w->made.text,
                        "broker/3/broker.pem broker/3/server.pem "
                        "broker/3/pf-broker.pem broker/3/zookeeper.pem");
}

static void
goes_on_with_no_other_authority_than_the_one_that_signed(void **state)
{
    struct world *w = *state;

    settle(w);
    remove(path_of(w, "authority/zookeeper.pem"));
    assert_int_equal(pf_cluster_certs_settle(&w->wanted, &w->made, &w->err),
                     PF_CONFIG);
    assert_contains(w->err.text, "authority/zookeeper.pem is missing, and ");
    assert_contains(w->err.text, "broker/1/zookeeper.pem, which it has signed");
    assert_false(exists(w, "authority/zookeeper.pem"));
}

static void so_it_does_where_the_brokers_are_elsewhere(void **state)
{
    struct world *w = *state;

    w->wanted.brokers.n = 0;
    settle(w);
    remove(path_of(w, "authority/zookeeper.pem"));
    assert_int_equal(pf_cluster_certs_settle(&w->wanted, &w->made, &w->err),
                     PF_CONFIG);
    assert_contains(w->err.text, "zookeeper/1/zookeeper.pem, which it has");
    remove(path_of(w, "zookeeper/1/zookeeper.pem"));
    remove(path_of(w, "authority/authority.pem"));
    assert_int_equal(pf_cluster_certs_settle(&w->wanted, &w->made, &w->err),
                     PF_CONFIG);
    assert_contains(w->err.text, "producer/producer.pem, which it has signed");
}

static void all_brokers_are_told_the_password_that_is_set(void **state)
{
    struct world *w = *state;
    char line[100] = "";
    FILE *file;

    settle(w);
    file = fopen(path_of(w, "authority/reader.password"), "we");
    assert_non_null(file);
    fputs("another one\n", file);
    fclose(file);
    settle(w);
    file = fopen(path_of(w, "broker/2/reader.password"), "re");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    fclose(file);
    assert_string_equal(line, "another one");
}

static void names_a_directory_that_it_may_not_write(void **state)
{
    struct world *w = *state;
    FILE *file = fopen(path_of(w, "broker"), "we");

    assert_non_null(file);
    fclose(file);
    assert_int_equal(pf_cluster_certs_settle(&w->wanted, &w->made, &w->err),
                     PF_CONFIG);
    assert_contains(w->err.text, "/broker: uid ");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_world, remove_world)
    const struct CMUnitTest tests[] = {
        TEST(each_node_has_what_it_needs_and_no_key_of_others),
        TEST(a_broker_is_known_by_its_own_names),
        TEST(a_zookeeper_takes_brokers_and_no_client_of_theirs),
        TEST(leaves_what_fits_alone_and_renews_what_clients_see),
        TEST(makes_all_again_when_the_authorities_end_soon),
        TEST(a_clock_that_is_wrong_replaces_no_authority),
        TEST(a_node_more_gets_its_own_and_the_others_keep_theirs),
        TEST(goes_on_with_no_other_authority_than_the_one_that_signed),
        TEST(so_it_does_where_the_brokers_are_elsewhere),
        TEST(all_brokers_are_told_the_password_that_is_set),
        TEST(names_a_directory_that_it_may_not_write),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
