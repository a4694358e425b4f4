/* Lines for people: their form, what they may hold, and when they are lost. */
#include "unit.h"

#include <fcntl.h>
#include <regex.h>

#include "log.h"

static void assert_matches(const char *text, const char *pattern)
{
    regex_t regex;

    assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
    if (regexec(&regex, text, 0, NULL, 0) != 0)
        fail_msg("'%s' does not match %s", text, pattern);
    regfree(&regex);
}

static void a_line_says_when_how_bad_who_and_what(void **state)
{
    struct heard heard;

    (void)state;
    pf_log_init("tester", PF_LOG_INFO);
    begin_to_listen(&heard);
    pf_log(PF_LOG_WARNING, "%d things", 3);
    end_to_listen(&heard);
    assert_matches(heard.text,
                   "^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:"
                   "[0-6][0-9]\\.[0-9]{3}Z warning tester: 3 things\n$");
}

static void lesser_lines_are_left_out(void **state)
{
    struct heard heard;

    (void)state;
    pf_log_init("tester", PF_LOG_WARNING);
    begin_to_listen(&heard);
    pf_log(PF_LOG_DEBUG, "no");
    pf_log(PF_LOG_INFO, "no");
    pf_log(PF_LOG_ERROR, "yes");
    end_to_listen(&heard);
    pf_log_init("tester", PF_LOG_INFO);
    assert_matches(heard.text, "^[^\n]* error tester: yes\n$");
}

static void text_from_outside_is_escaped_and_cut(void **state)
{
    struct heard heard;
    char text[5000];

    (void)state;
    begin_to_listen(&heard);
    pf_log(PF_LOG_INFO, "%s", "\x1b[2J\nnext");
    end_to_listen(&heard);
    assert_matches(heard.text, "tester: \\\\x1b\\[2J\\\\nnext\n$");

    for (int byte = 1; byte < 'x' + 1; byte += 'x' - 1) {
        memset(text, byte, sizeof text - 1); /* plain, and all to escape */
        text[sizeof text - 1] = '\0';
        begin_to_listen(&heard);
        pf_log(PF_LOG_INFO, "%s", text);
        end_to_listen(&heard);
        assert_in_range(strlen(heard.text), 1000, 2048);
        assert_ptr_equal(strchr(heard.text, '\n'),
                         heard.text + strlen(heard.text) - 1);
    }
}

static void a_flood_of_one_kind_is_held_back_and_counted(void **state)
{
    struct pf_log_limit one = {0}, other = {0};
    struct heard heard;

    (void)state;
    begin_to_listen(&heard);
    for (int i = 0; i < 100; i++)
        pf_log_limited(&one, PF_LOG_INFO, "flood %d", i);
    pf_log_limited(&other, PF_LOG_INFO, "another");
    one.next_ms = 0; /* as if five seconds had gone by */
    pf_log_limited(&one, PF_LOG_INFO, "later");
    pf_log_limited(&one, PF_LOG_DEBUG, "not even counted");
    end_to_listen(&heard);
    assert_matches(heard.text, "^[^\n]*flood 0\n[^\n]*another\n"
                               "[^\n]*later \\(and 99 more like this\\)\n$");
    assert_int_equal(one.held, 0);
}

/* Whoever reads the log has stopped: lines are dropped, nothing waits. */
static void a_full_pipe_drops_lines_and_says_so_later(void **state)
{
    int fds[2], stderr_fd = dup(STDERR_FILENO), n_lines = 0;
    static char text[200000];
    ssize_t len;

    (void)state;
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0); /* blocking, as a terminal */
    dup2(fds[1], STDERR_FILENO);
    alarm(10);
    for (int i = 0; i < 2000; i++)
        pf_log(PF_LOG_INFO, "%0100d", i);
    alarm(0);
    len = read(fds[0], text, sizeof text - 1);
    while (fcntl(fds[0], F_SETFL, O_NONBLOCK) == 0) {
        ssize_t more = read(fds[0], text + len, sizeof text - 1 - (size_t)len);

        if (more <= 0)
            break;
        len += more;
    }
    for (ssize_t i = 0; i < len; i++)
        n_lines += text[i] == '\n';
    assert_in_range(n_lines, 100, 1999);
    assert_int_equal(text[len - 1], '\n'); /* whole lines only */

    pf_log(PF_LOG_INFO, "again");
    len = read(fds[0], text, sizeof text - 1);
    assert_true(len > 0);
    text[len] = '\0';
    dup2(stderr_fd, STDERR_FILENO);
    close(stderr_fd);
    close(fds[0]);
    close(fds[1]);
    assert_matches(text, "\\([0-9]+ lines before this one were dropped\\) "
                         "again\n$");
    assert_int_equal(2000 - n_lines, strtol(strchr(text, '(') + 1, NULL, 10));
}

static void a_closed_standard_error_does_no_harm(void **state)
{
    int stderr_fd = dup(STDERR_FILENO);

    (void)state;
    close(STDERR_FILENO);
    pf_log(PF_LOG_ERROR, "nobody hears");
    dup2(stderr_fd, STDERR_FILENO);
    close(stderr_fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_says_when_how_bad_who_and_what),
        cmocka_unit_test(lesser_lines_are_left_out),
        cmocka_unit_test(text_from_outside_is_escaped_and_cut),
        cmocka_unit_test(a_flood_of_one_kind_is_held_back_and_counted),
        cmocka_unit_test(a_full_pipe_drops_lines_and_says_so_later),
        cmocka_unit_test(a_closed_standard_error_does_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
