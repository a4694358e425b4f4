/* The HTTP server, by what a client sees. */
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "clock.h"
#include "http.h"
#include "text.h"

#define WAIT_MS 5000 /* for what must come */

/* What the routes below and the tests share. */
static struct {
    char listen[40];
    struct pf_http *http;
    atomic_int open_streams, frames;
    atomic_bool is_held; /* slow routes wait */
} it;

static void hello(void *context, const struct pf_http_request *request,
                  struct pf_http_reply *reply)
{
    const char *name = pf_http_query(request, "name");

    (void)context;
    reply->type = "text/plain";
    pf_buffer_printf(&reply->body, "hello %s", name ? name : "nobody");
}

static void parts(void *context, const struct pf_http_request *request,
                  struct pf_http_reply *reply)
{
    (void)context;
    pf_buffer_printf(&reply->body, "<%s><%s>", pf_http_part(request, 0),
                     pf_http_part(request, 1));
}

static bool put_query(void *body, const char *name, const char *value)
{
    pf_buffer_printf(body, "<%s=%s>", name, value);
    return strcmp(name, "last") != 0;
}

static void queries(void *context, const struct pf_http_request *request,
                    struct pf_http_reply *reply)
{
    bool all = pf_http_queries(request, put_query, &reply->body);

    (void)context;
    pf_buffer_text(&reply->body, all ? " all" : " not all");
    pf_http_tag(request, reply);
}

static void slow(void *context, const struct pf_http_request *request,
                 struct pf_http_reply *reply)
{
    (void)context;
    while (atomic_load(&it.is_held) && !pf_http_is_ending(request))
        poll(NULL, 0, 1);
    pf_buffer_text(&reply->body, "at last");
}

static void large(void *context, const struct pf_http_request *request,
                  struct pf_http_reply *reply)
{
    (void)context;
    (void)request;
    for (int i = 0; i < 100000; i++)
        pf_buffer_text(&reply->body, "0123456789");
}

static struct pf_http_frame *next_frame(struct pf_http_stream *stream)
{
    char text[40];
    int n;

    (void)stream;
    n = snprintf(text, sizeof text, "data: %d\n\n",
                 atomic_fetch_add(&it.frames, 1) + 1);
    return pf_http_frame_new(text, (size_t)n);
}

static void close_stream(struct pf_http_stream *stream)
{
    atomic_fetch_sub(&it.open_streams, 1);
    free(stream);
}

static struct pf_http_stream *events(void *context,
                                     const struct pf_http_request *request,
                                     struct pf_http_reply *reply)
{
    static const struct pf_http_stream_ops ops = {next_frame, close_stream};
    struct pf_http_stream *stream;

    (void)context;
    if (pf_http_query(request, "none")) {
        pf_http_refuse(reply, 404, "none here");
        return NULL;
    }
    stream = calloc(1, sizeof *stream);
    stream->ops = &ops;
    atomic_fetch_add(&it.open_streams, 1);
    return stream;
}

static const struct pf_http_route routes[] = {
    {.path = "/hello", .answer = hello},
    {.path = "/open", .answer = hello, .is_open = true},
    {.path = "/of/{}/in/{}", .answer = parts},
    {.path = "/queries", .answer = queries},
    {.path = "/slow", .slow = slow},
    {.path = "/large", .answer = large},
    {.path = "/events", .stream = events},
    {0},
};

/* An address of this machine that nobody has. */
static void choose_address(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    close(fd);
    snprintf(it.listen, sizeof it.listen, "127.0.0.1:%d",
             ntohs(address.sin_port));
}

static void begin(struct pf_http_conf conf)
{
    struct pf_error err = {""};

    choose_address();
    conf.listen = it.listen;
    if (!conf.connections)
        conf.connections = 50;
    if (pf_http_open(&conf, routes, NULL, &it.http, &err))
        fail_msg("%s", err.text);
}

static int end(void **state)
{
    (void)state;
    atomic_store(&it.is_held, false);
    pf_http_close(it.http);
    it.http = NULL;
    assert_int_equal(atomic_load(&it.open_streams), 0);
    return 0;
}

static int connect_to_it(void)
{
    const struct timeval limit = {.tv_sec = WAIT_MS / 1000};
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_port = htons((uint16_t)pf_http_port(it.http));
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address),
                     0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    return fd;
}

/* The server may have heard enough already. */
static void put(int fd, const char *text)
{
    (void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
}

/* All that comes until the server closes the connection, or NULL: it does not
 * in time. */
static const char *rest(int fd)
{
    static char text[65536];
    size_t used = 0;
    ssize_t n;

    while ((n = recv(fd, text + used, sizeof text - 1 - used, 0)) > 0)
        used += (size_t)n;
    text[used] = '\0';
    close(fd);
    return n < 0 && errno == EAGAIN ? NULL : text;
}

/* The answer to a request without its last header. */
static const char *ask(const char *request)
{
    const char *answer;
    int fd = connect_to_it();

    put(fd, request);
    put(fd, "Connection: close\r\n\r\n");
    answer = rest(fd);
    assert_non_null(answer);
    return answer;
}

#define LOCAL "Host: localhost:8080\r\n"

static void a_route_answers(void **state)
{
    const char *answer;

    (void)state;
    begin((struct pf_http_conf){0});
    answer = ask("GET /hello?name=a%20b%3d HTTP/1.1\r\n" LOCAL);
    assert_contains(answer, "HTTP/1.1 200 OK");
    assert_contains(answer, "Content-Type: text/plain\r\n");
    assert_contains(answer, "X-Content-Type-Options: nosniff\r\n");
    assert_contains(answer, "default-src 'none'; script-src 'self'");
    assert_null(strstr(answer, "Access-Control"));
    assert_contains(answer, "\r\n\r\nhello a b=");
    answer = ask("HEAD /hello HTTP/1.1\r\n" LOCAL);
    assert_contains(answer, "Content-Length: 12\r\n");
    assert_null(strstr(answer, "nobody"));
    assert_contains(ask("GET /hello HTTP/1.0\r\nHost: 127.0.0.1\r\n"),
                    "hello nobody");
}

static void a_connection_serves_one_request_after_the_other(void **state)
{
    const char *answer, *second;
    int fd;

    (void)state;
    begin((struct pf_http_conf){0});
    fd = connect_to_it();
    put(fd, "GET /hello?name=1 HTTP/1.1\r\n" LOCAL "\r\n"
            "POST /hello HTTP/1.1\r\n" LOCAL "Content-Length: 3\r\n\r\nabc"
            "GET /slow HTTP/1.1\r\n" LOCAL "\r\n"
            "GET /hello?name=4 HTTP/1.1\r\n" LOCAL "Connection: close\r\n\r\n");
    answer = rest(fd);
    assert_non_null(answer);
    assert_contains(answer, "hello 1");
    assert_contains(answer, "405 Method Not Allowed");
    second = strstr(answer, "at last");
    assert_non_null(second);
    assert_contains(second, "hello 4");
}

static void a_path_has_parts(void **state)
{
    (void)state;
    begin((struct pf_http_conf){0});
    assert_contains(ask("GET /of/a%2Fb/in/%c3%a4?x HTTP/1.1\r\n" LOCAL),
                    "<a/b><\xc3\xa4>");
    assert_contains(ask("GET /of/a/in/b/c HTTP/1.1\r\n" LOCAL), "404");
    assert_contains(ask("GET /of//in/b HTTP/1.1\r\n" LOCAL), "404");
    assert_contains(ask("GET /of/%00/in/b HTTP/1.1\r\n" LOCAL), "400");
    assert_contains(ask("GET /of/%4/in/b HTTP/1.1\r\n" LOCAL), "400");
    assert_contains(ask("GET /of/a/in/%zz HTTP/1.1\r\n" LOCAL), "400");
}

static void
parameters_are_looked_at_in_their_order_until_no_more_is_wanted(void **state)
{
    (void)state;
    begin((struct pf_http_conf){0});
    assert_contains(
        ask("GET /queries?b=2&a=1%20%3D&b=3&&c&d= HTTP/1.1\r\n" LOCAL),
        "\r\n\r\n<b=2><a=1 =><b=3><c=><d=> all");
    assert_contains(ask("GET /queries?a=1&last=2&b=3 HTTP/1.1\r\n" LOCAL),
                    "\r\n\r\n<a=1><last=2> not all");
    assert_contains(ask("GET /queries?a=1&b=x%00y&c=3 HTTP/1.1\r\n" LOCAL),
                    "\r\n\r\n<a=1> not all");
    assert_contains(ask("GET /queries?a=1&b%00=x HTTP/1.1\r\n" LOCAL),
                    "\r\n\r\n<a=1> not all");
    assert_contains(ask("GET /queries HTTP/1.1\r\n" LOCAL), "\r\n\r\n all");
}

static void who_has_an_answer_already_gets_none(void **state)
{
    char request[200], tag[20] = "";
    const char *answer;

    (void)state;
    begin((struct pf_http_conf){0});
    answer = ask("GET /queries?a=1 HTTP/1.1\r\n" LOCAL);
    assert_contains(answer, "Cache-Control: private, no-cache\r\n");
    assert_contains(answer, "\r\nETag: \"");
    snprintf(tag, sizeof tag, "%.18s", strstr(answer, "ETag: ") + 6);
    snprintf(request, sizeof request,
             "GET /queries?a=1 HTTP/1.1\r\n" LOCAL
             "If-None-Match: \"x\", W/%s\r\n",
             tag);
    answer = ask(request);
    assert_contains(answer, "HTTP/1.1 304 Not Modified\r\n");
    assert_contains(answer, tag);
    assert_null(strstr(answer, "<a=1>"));
    /* What it has is of another answer. */
    snprintf(request, sizeof request,
             "GET /queries?a=2 HTTP/1.1\r\n" LOCAL "If-None-Match: %s\r\n",
             tag);
    answer = ask(request);
    assert_contains(answer, "HTTP/1.1 200 OK\r\n");
    assert_contains(answer, "<a=2> all");
    assert_null(strstr(answer, tag));
    answer = ask("GET /hello HTTP/1.1\r\n" LOCAL "If-None-Match: *\r\n");
    assert_contains(answer, "hello nobody");
    assert_contains(answer, "Cache-Control: no-store\r\n");
    assert_null(strstr(answer, "ETag"));
}

static void what_is_not_there_is_said_without_raw_bytes(void **state)
{
    const char *answer;

    (void)state;
    begin((struct pf_http_conf){0});
    answer = ask("GET /\x1b[31m<script> HTTP/1.1\r\n" LOCAL);
    assert_contains(answer, "404 Not Found");
    assert_contains(answer, "Content-Type: application/json\r\n");
    assert_contains(answer, "\"error\":\"there is no /\\\\x1b[31m<script>\"");
    answer = ask("POST /hello HTTP/1.1\r\nContent-Length: 0\r\n" LOCAL);
    assert_contains(answer, "405 Method Not Allowed");
    assert_contains(answer, "Allow: GET, HEAD\r\n");
}

static void only_hosts_that_are_allowed_are_served(void **state)
{
    static const char *const good[] = {
        "localhost",      "LOCALHOST:1", "a.localhost",
        "127.0.0.1:8080", "127.9.8.7",   "[::1]",
        "[::1]:8080",     "feed:8080",   "prices.example",
    };
    static const char *const bad[] = {
        "",
        "evil.example",
        "127.0.0.1.evil.example",
        "127.evil",
        "localhost.evil",
        "xlocalhost",
        "[::1",
        "[::2]:8080",
        "feed.evil",
        "10.0.0.1",
        "prices",
        "prices.example,x",
        "notlocalhost.",
    };
    char request[200];

    (void)state;
    begin((struct pf_http_conf){.hosts = "feed, prices.example"});
    for (size_t i = 0; i < COUNT(good); i++) {
        snprintf(request, sizeof request, "GET /hello HTTP/1.1\r\nHost: %s\r\n",
                 good[i]);
        assert_contains(ask(request), "200 OK");
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        snprintf(request, sizeof request, "GET /hello HTTP/1.1\r\nHost: %s\r\n",
                 bad[i]);
        assert_contains(ask(request), " 421 ");
    }
    assert_null(strstr(ask("GET /hello HTTP/1.0\r\n"), "hello"));
}

static void a_token_is_asked_for(void **state)
{
    const char *answer;

    (void)state;
    begin((struct pf_http_conf){.token = "abcdefgh-1234.56"});
    answer = ask("GET /hello HTTP/1.1\r\nHost: x\r\n");
    assert_contains(answer, "401 Unauthorized");
    assert_contains(answer, "WWW-Authenticate: Bearer\r\n");
    assert_contains(ask("GET /nothing HTTP/1.1\r\nHost: x\r\n"), "401");
    assert_contains(ask("GET /open HTTP/1.1\r\nHost: x\r\n"), "200");
    assert_contains(ask("GET /hello HTTP/1.1\r\nHost: x\r\n"
                        "Authorization: Bearer abcdefgh-1234.57\r\n"),
                    "401");
    assert_contains(ask("GET /hello HTTP/1.1\r\nHost: x\r\n"
                        "Authorization: Bearer abcdefgh-1234.56\r\n"),
                    "200 OK");
    assert_contains(ask("GET /login?token=abcdefgh-1234.5 HTTP/1.1\r\n" LOCAL),
                    "401");
    answer = ask("GET /login?token=abcdefgh-1234.56 HTTP/1.1\r\n" LOCAL);
    assert_contains(answer, "303 See Other");
    assert_contains(answer, "Location: /\r\n");
    assert_contains(answer, "Set-Cookie: pricefeed=abcdefgh-1234.56; HttpOnly; "
                            "SameSite=Strict; Path=/\r\n");
    assert_contains(ask("GET /hello HTTP/1.1\r\nHost: x\r\n"
                        "Cookie: a=b; pricefeed=abcdefgh-1234.56\r\n"),
                    "200 OK");
}

static void who_may_listen_where(void **state)
{
    static const struct {
        const char *listen, *token;
        bool is_published;
        enum pf_rc rc;
    } cases[] = {
        {"127.0.0.1:80", NULL, false, PF_OK},
        {"[::1]:80", NULL, false, PF_OK},
        {"localhost:80", NULL, false, PF_OK},
        {"0.0.0.0:80", NULL, false, PF_CONFIG},
        {"127.example.org:80", NULL, false, PF_CONFIG},
        {":80", NULL, false, PF_CONFIG},
        {"0.0.0.0:80", NULL, true, PF_OK},
        {"0.0.0.0:80", "0123456789abcdef", false, PF_OK},
        {"0.0.0.0:80", "0123456789abcde", false, PF_CONFIG},
        {"127.0.0.1:80", "0123456789abcde;", false, PF_CONFIG},
        {"127.0.0.1", NULL, false, PF_CONFIG},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct pf_http_conf conf = {.listen = cases[i].listen,
                                          .token = cases[i].token};
        struct pf_error err = {""};

        assert_int_equal(pf_http_check(&conf, cases[i].is_published, &err),
                         cases[i].rc);
        assert_int_equal(!*err.text, !cases[i].rc);
    }
}

static void an_address_that_is_taken_is_named(void **state)
{
    struct pf_http_conf conf = {.listen = it.listen, .connections = 10};
    struct pf_http *second = NULL;
    struct pf_error err = {""};

    (void)state;
    begin((struct pf_http_conf){0});
    assert_int_equal(pf_http_open(&conf, routes, NULL, &second, &err), PF_IO);
    assert_null(second);
    assert_contains(err.text, it.listen);
    assert_contains(err.text, "in use");
    conf.listen = "192.0.2.1:8080";
    assert_int_equal(pf_http_open(&conf, routes, NULL, &second, &err),
                     PF_CONFIG);
}

static void slow_routes_keep_nobody_else_waiting(void **state)
{
    int fds[80];

    (void)state;
    begin((struct pf_http_conf){.connections = 100});
    atomic_store(&it.is_held, true);
    for (size_t i = 0; i < COUNT(fds); i++) {
        fds[i] = connect_to_it();
        put(fds[i], "GET /slow HTTP/1.1\r\n" LOCAL "Connection: close\r\n\r\n");
    }
    assert_contains(ask("GET /hello HTTP/1.1\r\n" LOCAL), "hello");
    atomic_store(&it.is_held, false);
    for (size_t i = 0; i < COUNT(fds); i++) {
        const char *answer = rest(fds[i]);

        assert_non_null(answer);
        assert_contains(answer, strstr(answer, "200 OK")
                                    ? "at last"
                                    : "too much is asked at once");
    }
}

static void a_stream_goes_on_until_its_client_ends(void **state)
{
    char text[4096];
    size_t used = 0;
    int fd;

    (void)state;
    begin((struct pf_http_conf){0});
    atomic_store(&it.frames, 0);
    assert_contains(ask("GET /events?none=1 HTTP/1.1\r\n" LOCAL), "none here");
    fd = connect_to_it();
    put(fd, "GET /events HTTP/1.1\r\n" LOCAL "\r\n");
    do {
        ssize_t n = recv(fd, text + used, sizeof text - 1 - used, 0);

        assert_true(n > 0);
        used += (size_t)n;
        text[used] = '\0';
    } while (!strstr(text, "data: 3\n\n"));
    assert_contains(text, "Content-Type: text/event-stream\r\n");
    assert_contains(text, "data: 1\n\n");
    assert_contains(text, "data: 2\n\n");
    assert_int_equal(atomic_load(&it.open_streams), 1);
    close(fd);
    for (int64_t until = pf_now_ms() + WAIT_MS;
         atomic_load(&it.open_streams) && pf_now_ms() < until;)
        poll(NULL, 0, 1);
    assert_int_equal(atomic_load(&it.open_streams), 0);
}

static void streams_and_slow_routes_end_with_the_server(void **state)
{
    int fds[6];

    (void)state;
    begin((struct pf_http_conf){0});
    atomic_store(&it.is_held, true);
    for (size_t i = 0; i < COUNT(fds); i++) {
        fds[i] = connect_to_it();
        put(fds[i], i % 2 ? "GET /events HTTP/1.1\r\n" LOCAL "\r\n"
                          : "GET /slow HTTP/1.1\r\n" LOCAL "\r\n");
    }
    assert_contains(ask("GET /hello HTTP/1.1\r\n" LOCAL), "hello");
    pf_http_close(it.http);
    it.http = NULL;
    for (size_t i = 0; i < COUNT(fds); i++)
        assert_non_null(rest(fds[i]));
}

static void who_dribbles_is_shut_out(void **state)
{
    int64_t begin_ms;
    int fd;

    (void)state;
    begin((struct pf_http_conf){.request_ms = 300});
    begin_ms = pf_now_ms();
    fd = connect_to_it();
    put(fd, "GET /hello HTTP/1.1\r\n");
    while (pf_now_ms() < begin_ms + WAIT_MS) {
        struct pollfd at = {.fd = fd, .events = POLLIN};

        if (poll(&at, 1, 20))
            break; /* the server has closed it */
        if (send(fd, "x: y\r\n", 6, MSG_NOSIGNAL) < 0)
            break;
    }
    assert_true(pf_now_ms() < begin_ms + WAIT_MS);
    close(fd);
    assert_contains(ask("GET /hello HTTP/1.1\r\n" LOCAL), "hello");
}

static void what_is_too_long_is_refused(void **state)
{
    char request[40000];

    (void)state;
    begin((struct pf_http_conf){0});
    snprintf(request, sizeof request, "GET /hello?name=%030000d HTTP/1.1\r\n",
             0);
    assert_null(strstr(ask(request), "200 OK"));
    snprintf(request, sizeof request,
             "GET /hello HTTP/1.1\r\n" LOCAL "X: %030000d\r\n", 0);
    assert_null(strstr(ask(request), "200 OK"));
}

static void a_client_that_does_not_read_holds_nobody_up(void **state)
{
    int fds[20];

    (void)state;
    begin((struct pf_http_conf){0});
    for (size_t i = 0; i < COUNT(fds); i++) {
        fds[i] = connect_to_it();
        put(fds[i], "GET /large HTTP/1.1\r\n" LOCAL "\r\n");
    }
    assert_contains(ask("GET /hello HTTP/1.1\r\n" LOCAL), "hello");
    for (size_t i = 0; i < COUNT(fds); i++)
        close(fds[i]);
}

static void another_site_may_read_if_it_is_set(void **state)
{
    (void)state;
    begin((struct pf_http_conf){.origin = "https://example.org"});
    assert_contains(ask("GET /hello HTTP/1.1\r\n" LOCAL),
                    "Access-Control-Allow-Origin: https://example.org\r\n");
}

#define TEST(name) cmocka_unit_test_teardown(name, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_route_answers),
        TEST(a_connection_serves_one_request_after_the_other),
        TEST(a_path_has_parts),
        TEST(parameters_are_looked_at_in_their_order_until_no_more_is_wanted),
        TEST(who_has_an_answer_already_gets_none),
        TEST(what_is_not_there_is_said_without_raw_bytes),
        TEST(only_hosts_that_are_allowed_are_served),
        TEST(a_token_is_asked_for),
        TEST(who_may_listen_where),
        TEST(an_address_that_is_taken_is_named),
        TEST(slow_routes_keep_nobody_else_waiting),
        TEST(a_stream_goes_on_until_its_client_ends),
        TEST(streams_and_slow_routes_end_with_the_server),
        TEST(who_dribbles_is_shut_out),
        TEST(what_is_too_long_is_refused),
        TEST(a_client_that_does_not_read_holds_nobody_up),
        TEST(another_site_may_read_if_it_is_set),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
