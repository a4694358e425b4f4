/* A program that runs alone, asked for its metrics and health by HTTP. */
#include "unit.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include "clock.h"
#include "pump_metrics.h"
#include "serve.h"

enum { BEGAN = PF_PUMP_METRICS, METRICS };

static const struct pf_metric metrics[METRICS] = {
    PF_PUMP_METRIC_ROWS,
    {"began_ns", "When it began.", PF_GAUGE, PF_UNIT_MOMENT}};

static struct {
    struct sockaddr_in address;
    char listen[40];
    struct pf_stats *stats;
    struct pf_serve *serve;
} it;

/* An address of this machine that nobody has. */
static void choose_address(void)
{
    socklen_t size = sizeof it.address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    it.address = (struct sockaddr_in){.sin_family = AF_INET,
                                      .sin_addr = {htonl(INADDR_LOOPBACK)}};
    assert_int_equal(bind(fd, (struct sockaddr *)&it.address, size), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&it.address, &size), 0);
    close(fd);
    snprintf(it.listen, sizeof it.listen, "127.0.0.1:%d",
             ntohs(it.address.sin_port));
}

static int begin(size_t n)
{
    char none[] = "";
    struct pf_serve_conf conf = {it.listen, none, none};
    struct pf_error err = {""};

    choose_address();
    if (pf_stats_open("", metrics, n, &it.stats, &err) ||
        pf_serve_open(&conf, "consumer", it.stats, &it.serve, &err))
        fail_msg("%s", err.text);
    return 0;
}

/* A program that has to find where to begin, and one that has not. */
static int begin_consumer(void **state)
{
    (void)state;
    return begin(METRICS);
}

static int begin_producer(void **state)
{
    (void)state;
    return begin(BEGAN);
}

static int end(void **state)
{
    (void)state;
    pf_serve_close(it.serve);
    pf_stats_close(it.stats);
    return 0;
}

/* What comes back for a path, with headers that each end in CRLF. */
static const char *ask(const char *path, const char *headers)
{
    const struct timeval limit = {.tv_sec = 5};
    static char text[65536];
    size_t used = 0;
    ssize_t n;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    assert_int_equal(
        connect(fd, (struct sockaddr *)&it.address, sizeof it.address), 0);
    dprintf(fd, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n%s\r\n",
            path, it.listen, headers);
    while ((n = recv(fd, text + used, sizeof text - 1 - used, 0)) > 0)
        used += (size_t)n;
    assert_int_equal(n, 0);
    text[used] = '\0';
    close(fd);
    return text;
}

static void assert_answer(const char *path, const char *status,
                          const char *part)
{
    const char *answer = ask(path, "");

    assert_contains(answer, status);
    assert_contains(answer, part);
}

static void set_beat(int64_t ago_ns)
{
    pf_stats_set(it.stats, PF_PUMP_BEAT, (uint64_t)(pf_now_ns() - ago_ns));
}

static void metrics_are_in_the_form_that_is_asked_for(void **state)
{
    const char *answer;

    (void)state;
    pf_stats_set(it.stats, PF_PUMP_READ, 5);
    answer = ask("/metrics", "");
    assert_contains(answer, "HTTP/1.1 200 ");
    assert_contains(answer, "Content-Type: text/plain; version=0.0.4; "
                            "charset=utf-8\r\n");
    assert_contains(answer, "# TYPE pricefeed_records_read_total counter\n"
                            "pricefeed_records_read_total{program="
                            "\"consumer\"} 5\n");
    answer = ask("/metrics", "Accept: application/openmetrics-text\r\n");
    assert_contains(answer, "Content-Type: application/openmetrics-text; "
                            "version=1.0.0; charset=utf-8\r\n");
    assert_contains(answer, "# TYPE pricefeed_records_read counter\n");
    assert_contains(answer, "\n# EOF\n");
}

static void health_is_that_of_the_main_loop(void **state)
{
    (void)state;
    assert_answer("/health", "HTTP/1.1 503 ",
                  "\n{\"state\":\"starting\",\"why\":\"it has not begun; its "
                  "log says what it waits for\"}\n");
    set_beat(2 * PF_SECOND_NS);
    assert_answer("/health", "HTTP/1.1 200 ", "\"healthy\"");
    set_beat(4 * PF_SECOND_NS);
    assert_answer("/health", "HTTP/1.1 503 ",
                  "{\"state\":\"unhealthy\",\"why\":\"it has not moved for 4 "
                  "s; its log says why\"}");
    pf_stats_set(it.stats, PF_PUMP_FINISHED, 1);
    assert_answer("/health", "HTTP/1.1 200 ", "\"finished\"");
    assert_answer("/ready", "HTTP/1.1 200 ", "\"finished\"");
}

static void ready_is_who_knows_where_to_begin(void **state)
{
    (void)state;
    assert_answer("/ready", "HTTP/1.1 503 ", "it has not begun");
    set_beat(0);
    assert_answer("/health", "HTTP/1.1 200 ", "\"healthy\"");
    assert_answer("/ready", "HTTP/1.1 503 ", "where to begin");
    pf_stats_set(it.stats, BEGAN, 1);
    assert_answer("/ready", "HTTP/1.1 200 ", "\"healthy\"");
    set_beat(4 * PF_SECOND_NS);
    assert_answer("/ready", "HTTP/1.1 503 ", "\"unhealthy\"");
}

static void who_has_nothing_to_find_is_ready_when_it_moves(void **state)
{
    (void)state;
    set_beat(0);
    assert_answer("/ready", "HTTP/1.1 200 ", "\"healthy\"");
}

static void without_an_address_nothing_is_served(void **state)
{
    char none[] = "";
    struct pf_serve_conf conf = {none, none, none};
    struct pf_serve *serve = NULL;

    (void)state;

    assert_int_equal(pf_serve_check(&conf, NULL, NULL), PF_OK);
    assert_int_equal(pf_serve_open(&conf, "x", NULL, &serve, NULL), PF_OK);
    assert_null(serve);
    pf_serve_close(serve);
}

static void an_address_that_is_taken_is_an_error(void **state)
{
    char none[] = "";
    struct pf_serve_conf conf = {it.listen, none, none};
    struct pf_serve *serve;
    struct pf_error err;

    (void)state;
    assert_int_equal(pf_serve_open(&conf, "x", it.stats, &serve, &err), PF_IO);
    assert_contains(err.text, "feed.metrics.listen: ");
    assert_contains(err.text, "in use");
}

static void others_need_a_token(void **state)
{
    static const struct {
        const char *listen, *token, *error; /* NULL: none */
    } cases[] = {
        {"127.0.0.1:9404", "", NULL},
        {"[::1]:9404", "", NULL},
        {"localhost:9404", "", NULL},
        {"0.0.0.0:9404", "0123456789abcdef", NULL},
        {"0.0.0.0:9404", "", "default: feed.metrics.listen: "},
        {":9404", "", "default: feed.metrics.listen: "},
        {"127.0.0.1", "", "default: feed.metrics.listen: "},
        {"127.0.0.1:9404", "short", "default: feed.metrics.token: "},
        {"127.0.0.1:9404", "0123456789abcde ", "default: feed.metrics.token: "},
    };
    struct pf_settings settings = pf_settings_init();

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char listen[20], token[20], hosts[] = "";
        struct pf_serve_conf conf = {listen, token, hosts};
        struct pf_error err = {""};

        strcpy(listen, cases[i].listen);
        strcpy(token, cases[i].token);
        assert_int_equal(pf_serve_check(&conf, &settings, &err),
                         cases[i].error ? PF_CONFIG : PF_OK);
        assert_contains(err.text, cases[i].error ? cases[i].error : "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            metrics_are_in_the_form_that_is_asked_for, begin_consumer, end),
        cmocka_unit_test_setup_teardown(health_is_that_of_the_main_loop,
                                        begin_consumer, end),
        cmocka_unit_test_setup_teardown(ready_is_who_knows_where_to_begin,
                                        begin_consumer, end),
        cmocka_unit_test_setup_teardown(
            who_has_nothing_to_find_is_ready_when_it_moves, begin_producer,
            end),
        cmocka_unit_test(without_an_address_nothing_is_served),
        cmocka_unit_test_setup_teardown(an_address_that_is_taken_is_an_error,
                                        begin_consumer, end),
        cmocka_unit_test(others_need_a_token),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
