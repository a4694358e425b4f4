/* Being asked to stop, and waiting. Each test is a process of its own: the
 * request to stop is the whole process's, and ends it when it comes twice. */
#include "unit.h"

#include <poll.h>
#include <signal.h>
#include <sys/time.h>

#include "clock.h"
#include "stop.h"

/* In a child: the number of the line that does not hold is its exit code. */
#define MUST(holds) \
    if (!(holds))   \
    return __LINE__ % 250 + 1

static int waits_as_poll_does(void)
{
    int64_t begin = pf_now_ms();
    int fds[2];

    MUST(pipe(fds) == 0);
    MUST(pf_stop_init(NULL) == PF_OK);
    MUST(pf_wait(-1, 0, 0) == PF_AGAIN);
    MUST(pf_wait(fds[0], POLLIN, 40) == PF_AGAIN);
    MUST(pf_now_ms() - begin >= 39);
    MUST(pf_wait(fds[1], POLLOUT, -1) == PF_OK);
    MUST(write(fds[1], "x", 1) == 1);
    MUST(pf_wait(fds[0], POLLIN, -1) == PF_OK);
    MUST(!pf_stop_asked());

    close(fds[0]); /* broken is ready: the next call tells */
    MUST(pf_wait(fds[1], POLLOUT, -1) == PF_OK);
    MUST(write(fds[1], "x", 1) == -1); /* and SIGPIPE does not kill */
    return 0;
}

static void wait_is_poll(void **state)
{
    (void)state;
    assert_int_equal(outcome(waits_as_poll_does), 0);
}

static int works_without_init(void)
{
    MUST(pf_wait(-1, 0, 10) == PF_AGAIN);
    MUST(!pf_stop_asked());
    kill(getpid(), SIGTERM);
    return 0;
}

static void without_init_nothing_is_held_back(void **state)
{
    (void)state;
    assert_int_equal(outcome(works_without_init), -SIGTERM);
}

static int stops(int signal)
{
    MUST(pf_stop_init(NULL) == PF_OK);
    kill(getpid(), signal);
    MUST(pf_wait(-1, 0, -1) == PF_END);
    MUST(pf_stop_asked());
    MUST(pf_wait(-1, 0, 0) == PF_END); /* it stays asked */
    MUST(pf_wait(STDERR_FILENO, POLLOUT, 0) == PF_END);

    pf_stop_accept();
    MUST(pf_stop_asked());
    MUST(pf_wait(-1, 0, 0) == PF_AGAIN);
    MUST(pf_wait(-1, 0, 20) == PF_AGAIN);
    return 0;
}

static int stops_by_term(void)
{
    return stops(SIGTERM);
}

static int stops_by_int(void)
{
    return stops(SIGINT);
}

static void a_signal_ends_waiting_until_it_is_accepted(void **state)
{
    (void)state;
    assert_int_equal(outcome(stops_by_term), 0);
    assert_int_equal(outcome(stops_by_int), 0);
}

static int is_asked_by_looking(void)
{
    MUST(pf_stop_init(NULL) == PF_OK);
    MUST(!pf_stop_asked());
    kill(getpid(), SIGTERM);
    while (!pf_stop_asked())
        poll(NULL, 0, 1);
    return 0;
}

static void looking_is_enough(void **state)
{
    (void)state;
    assert_int_equal(outcome(is_asked_by_looking), 0);
}

/* Until the same wish may be told from the next one. */
static int ask_again_until_dead(int signal)
{
    for (;;) {
        kill(getpid(), signal);
        poll(NULL, 0, 10);
    }
    return 0; /* not reached */
}

static int asked_twice(int first, int second)
{
    MUST(pf_stop_init(NULL) == PF_OK);
    kill(getpid(), first);
    MUST(pf_wait(-1, 0, -1) == PF_END);
    pf_stop_accept();
    return ask_again_until_dead(second);
}

static int asked_twice_by_term(void)
{
    return asked_twice(SIGTERM, SIGTERM);
}

static int asked_twice_by_both(void)
{
    return asked_twice(SIGTERM, SIGINT);
}

/* As a shell starts what it runs in the background. */
static int asked_twice_and_born_deaf(void)
{
    signal(SIGINT, SIG_IGN);
    return asked_twice(SIGINT, SIGINT);
}

static void the_second_signal_kills(void **state)
{
    (void)state;
    assert_int_equal(outcome(asked_twice_by_term), -SIGTERM);
    assert_int_equal(outcome(asked_twice_by_both), -SIGINT);
    assert_int_equal(outcome(asked_twice_and_born_deaf), -SIGINT);
}

/* The main thread is in a call that does not return, and has not looked. */
static int asked_twice_while_deaf(void)
{
    pid_t parent = getpid();

    MUST(pf_stop_init(NULL) == PF_OK);
    if (fork() == 0) {
        while (!kill(parent, SIGTERM) && getppid() == parent)
            poll(NULL, 0, 10);
        _exit(0);
    }
    for (;;)
        pause();
}

static void the_second_signal_kills_whatever_the_main_thread_does(void **state)
{
    (void)state;
    assert_int_equal(outcome(asked_twice_while_deaf), -SIGTERM);
}

/* As timeout(1) sends it, to a process and to its group. */
static int asked_twice_at_once(void)
{
    sigset_t both, pending;

    sigemptyset(&both);
    sigaddset(&both, SIGTERM);
    sigaddset(&both, SIGINT);
    sigprocmask(SIG_BLOCK, &both, NULL);
    kill(getpid(), SIGTERM);
    kill(getpid(), SIGINT);
    MUST(pf_stop_init(NULL) == PF_OK);
    do
        MUST(sigpending(&pending) == 0);
    while (sigismember(&pending, SIGTERM) || sigismember(&pending, SIGINT));
    MUST(pf_wait(-1, 0, -1) == PF_END);
    pf_stop_accept();
    MUST(pf_wait(-1, 0, 50) == PF_AGAIN); /* it would be dead */
    return 0;
}

static void two_signals_at_once_are_one_wish(void **state)
{
    (void)state;
    assert_int_equal(outcome(asked_twice_at_once), 0);
}

static int stopped_while_waiting(void)
{
    pid_t parent = getpid(), pid;
    int64_t begin = pf_now_ms();

    MUST(pf_stop_init(NULL) == PF_OK);
    pid = fork();
    if (pid == 0) {
        poll(NULL, 0, 30);
        kill(parent, SIGTERM);
        _exit(0);
    }
    MUST(pf_wait(-1, 0, 9000) == PF_END);
    MUST(pf_now_ms() - begin < 5000);
    return 0;
}

static void a_signal_wakes_who_waits(void **state)
{
    (void)state;
    assert_int_equal(outcome(stopped_while_waiting), 0);
}

static void on_alarm(int signal)
{
    (void)signal;
}

static int other_signals_come(void)
{
    struct itimerval each_5_ms = {{0, 5000}, {0, 5000}};
    int64_t begin;

    MUST(pf_stop_init(NULL) == PF_OK);
    signal(SIGALRM, on_alarm);
    MUST(setitimer(ITIMER_REAL, &each_5_ms, NULL) == 0);
    begin = pf_now_ms();
    MUST(pf_wait(-1, 0, 60) == PF_AGAIN);
    MUST(pf_now_ms() - begin >= 59);
    MUST(pf_now_ms() - begin < 900);
    return 0;
}

static void other_signals_neither_end_nor_prolong_a_wait(void **state)
{
    (void)state;
    assert_int_equal(outcome(other_signals_come), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wait_is_poll),
        cmocka_unit_test(without_init_nothing_is_held_back),
        cmocka_unit_test(a_signal_ends_waiting_until_it_is_accepted),
        cmocka_unit_test(looking_is_enough),
        cmocka_unit_test(the_second_signal_kills),
        cmocka_unit_test(the_second_signal_kills_whatever_the_main_thread_does),
        cmocka_unit_test(two_signals_at_once_are_one_wish),
        cmocka_unit_test(a_signal_wakes_who_waits),
        cmocka_unit_test(other_signals_neither_end_nor_prolong_a_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
