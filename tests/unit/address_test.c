/* host:port, as settings have it. */
#include "unit.h"

#include "address.h"

static void takes_apart_host_and_port(void **state)
{
    static const struct {
        const char *text, *host;
        int port;
    } rows[] = {
        {"localhost:9092", "localhost", 9092},
        {"127.0.0.1:1", "127.0.0.1", 1},
        {"[::1]:65535", "::1", 65535},
        {":9092", "", 9092},
        {"[]:9092", "", 9092},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char host[PF_HOST_SIZE];
        int port = 0;

        assert_int_equal(pf_parse_address(rows[i].text, host, &port, NULL),
                         PF_OK);
        assert_string_equal(host, rows[i].host);
        assert_int_equal(port, rows[i].port);
    }
}

static void refuses_what_is_not_an_address_and_leaves_both_alone(void **state)
{
    static const char *const rows[] = {
        "",     "localhost", "localhost:",   "localhost:0", "localhost:65536",
        "::1",  "::1:9092",  "localhost:9x", "[::1]",       "[::1]9092",
        "[::1", "a:b:9092",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char host[PF_HOST_SIZE] = "as it was";
        int port = -7;
        struct pf_error err = {""};

        assert_int_equal(pf_parse_address(rows[i], host, &port, &err),
                         PF_CONFIG);
        assert_string_equal(host, "as it was");
        assert_int_equal(port, -7);
        assert_non_null(strstr(err.text, rows[i]));
    }
}

static void a_host_that_does_not_fit_is_refused(void **state)
{
    char text[PF_HOST_SIZE + 10], host[PF_HOST_SIZE];
    int port;

    (void)state;
    memset(text, 'h', sizeof text);
    strcpy(text + PF_HOST_SIZE - 1, ":9092");
    assert_int_equal(pf_parse_address(text, host, &port, NULL), PF_OK);
    assert_int_equal(strlen(host), PF_HOST_SIZE - 1);
    text[PF_HOST_SIZE - 1] = 'h';
    strcpy(text + PF_HOST_SIZE, ":9092");
    assert_int_equal(pf_parse_address(text, host, &port, NULL), PF_CONFIG);
}

static void tells_hosts_for_all_and_for_this_machine_from_others(void **state)
{
    (void)state;
    assert_true(pf_host_is_any("") && pf_host_is_any("0.0.0.0") &&
                pf_host_is_any("::"));
    assert_false(pf_host_is_any("127.0.0.1") || pf_host_is_any("::1"));
    assert_true(pf_host_is_loopback("127.0.0.1") &&
                pf_host_is_loopback("127.9.9.9") &&
                pf_host_is_loopback("localhost") && pf_host_is_loopback("::1"));
    assert_false(pf_host_is_loopback("") || pf_host_is_loopback("0.0.0.0") ||
                 pf_host_is_loopback("example.com"));
}

static void looks_an_address_up(void **state)
{
    struct addrinfo *found = NULL;
    struct pf_error err = {""};

    (void)state;
    assert_int_equal(pf_resolve_address("127.0.0.1:9092", 0, &found, NULL),
                     PF_OK);
    assert_int_equal(found->ai_family, AF_INET);
    assert_int_equal(found->ai_socktype, SOCK_STREAM);
    freeaddrinfo(found);
    assert_int_equal(pf_resolve_address("127.0.0.1", 0, &found, NULL),
                     PF_CONFIG);
    assert_int_equal(
        pf_resolve_address("name:9092", AI_NUMERICHOST, &found, &err), PF_IO);
    assert_non_null(strstr(err.text, "name:9092: "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_apart_host_and_port),
        cmocka_unit_test(refuses_what_is_not_an_address_and_leaves_both_alone),
        cmocka_unit_test(a_host_that_does_not_fit_is_refused),
        cmocka_unit_test(tells_hosts_for_all_and_for_this_machine_from_others),
        cmocka_unit_test(looks_an_address_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
