/* When supervisord is asked to start the page, and how. */
#include "unit.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "clock.h"
#include "feed_state.h"
#include "start_page.h"

static char dir[] = "/tmp/start_page_test.XXXXXX";

/* A feed that was started just now, and a supervisord's socket. */
struct world {
    struct feed feed;
    int listener; /* -1: it does not listen yet */
};

static void listen_as_supervisord(struct world *w)
{
    w->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(w->listener,
                          (struct sockaddr *)&w->feed.supervisor.control,
                          sizeof w->feed.supervisor.control),
                     0);
    assert_int_equal(listen(w->listener, 5), 0);
}

static int set_up(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    w->listener = -1;
    w->feed.started_ms = pf_now_ms();
    w->feed.supervisor.asked = -1;
    w->feed.supervisor.control.sun_family = AF_UNIX;
    snprintf(w->feed.supervisor.control.sun_path,
             sizeof w->feed.supervisor.control.sun_path, "%s/socket", dir);
    unsetenv("WEB_ENABLED");
    *state = w;
    return state_open("", &w->feed.state, NULL);
}

static int tear_down(void **state)
{
    struct world *w = *state;

    if (w->listener >= 0)
        close(w->listener);
    unlink(w->feed.supervisor.control.sun_path);
    if (w->feed.supervisor.asked >= 0)
        close(w->feed.supervisor.asked);
    pf_stats_close(w->feed.state);
    free(w);
    return 0;
}

/* Accept a connection, and read what supervisord was asked. */
static void assert_asked(struct world *w)
{
    char text[1000], length[40];
    int fd = accept(w->listener, NULL, NULL);
    ssize_t len = recv(fd, text, sizeof text - 1, 0);
    const char *body;

    close(fd);
    assert_true(len > 0);
    text[len] = '\0';
    body = strstr(text, "\r\n\r\n");
    assert_non_null(body);
    snprintf(length, sizeof length, "Content-Length: %zu\r\n",
             strlen(body + 4));
    assert_contains(text, length);
    assert_contains(body, "supervisor.startProcess");
    assert_contains(body, "<string>web</string>");
}

static void assert_not_asked(struct world *w)
{
    assert_int_equal(accept(w->listener, NULL, NULL), -1);
    assert_int_equal(errno, EAGAIN);
}

static void the_page_is_started_after_the_first_price_and_once(void **state)
{
    struct world *w = *state;

    listen_as_supervisord(w);
    assert_int_equal(page_init(&w->feed, NULL), PF_OK);
    page_look(&w->feed);
    assert_not_asked(w);
    w->feed.first_price = true;
    page_look(&w->feed);
    assert_asked(w);
    page_look(&w->feed);
    assert_not_asked(w);
    assert_int_equal(page_due_ms(&w->feed), -1);
}

static void the_page_is_started_after_5_s_without_a_price(void **state)
{
    struct world *w = *state;
    int due_ms;

    listen_as_supervisord(w);
    assert_int_equal(page_init(&w->feed, NULL), PF_OK);
    due_ms = page_due_ms(&w->feed);
    assert_in_range(due_ms, 4000, 5000);
    w->feed.started_ms -= due_ms;
    assert_int_equal(page_due_ms(&w->feed), 0);
    page_look(&w->feed);
    assert_asked(w);
}

static void a_page_that_has_ended_is_started_again(void **state)
{
    struct world *w = *state;

    listen_as_supervisord(w);
    page_restart(&w->feed);
    page_look(&w->feed);
    assert_asked(w);
    page_restart(&w->feed);
    page_look(&w->feed);
    assert_asked(w);
}

static void a_supervisord_that_does_not_listen_is_asked_again(void **state)
{
    struct world *w = *state;

    page_restart(&w->feed);
    page_look(&w->feed);
    assert_in_range(page_due_ms(&w->feed), 1, 100);
    listen_as_supervisord(w);
    page_look(&w->feed);
    assert_asked(w);
}

static void web_enabled_leaves_the_page_out(void **state)
{
    struct world *w = *state;
    struct pf_error err;
    uint64_t is = 0;

    setenv("WEB_ENABLED", "false", 1);
    assert_int_equal(page_init(&w->feed, NULL), PF_OK);
    assert_int_equal(w->feed.page, PAGE_NOTHING);
    assert_int_equal(pf_stats_read(w->feed.state,
                                   "program_state{program=\"web\"}", &is, NULL),
                     PF_OK);
    assert_int_equal(is, PROGRAM_STOPPED);
    setenv("WEB_ENABLED", "no", 1);
    assert_int_equal(page_init(&w->feed, &err), PF_CONFIG);
    assert_string_equal(err.text, "environment WEB_ENABLED: 'no' is neither "
                                  "true nor false");
    setenv("WEB_ENABLED", "", 1); /* as compose passes it on */
    assert_int_equal(page_init(&w->feed, NULL), PF_OK);
    assert_int_equal(w->feed.page, PAGE_LATER);
}

static int make_dir(void **state)
{
    (void)state;
    return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
    (void)state;
    return rmdir(dir);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_page_is_started_after_the_first_price_and_once),
        TEST(the_page_is_started_after_5_s_without_a_price),
        TEST(a_page_that_has_ended_is_started_again),
        TEST(a_supervisord_that_does_not_listen_is_asked_again),
        TEST(web_enabled_leaves_the_page_out),
    };

    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
