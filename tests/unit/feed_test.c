/* A feed's end, as pf-init sees it: with a supervisord that says and does what
 * a test wants. Each test is a process of its own, with a group of its own. */
#include "unit.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include "../../compose-pipeline/feed.h"
#include "../../compose-pipeline/programs.h"

/* In a child: the number of the line that does not hold is its exit code. */
#define MUST(holds) \
    if (!(holds))   \
    return __LINE__ % 250 + 1

static struct feed feed;
static int supervisord; /* where it tells what happens to its programs */

static void block(int signal)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, signal);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

/* A signal to the whole process group is then seen, and harmless. */
static bool begin(void)
{
    int events[2];
    sigset_t child;

    block(SIGTERM);
    block(SIGCHLD);
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    if (setpgid(0, 0) ||
        socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, events))
        return false;
    supervisord = events[1];
    feed = (struct feed){
        .places = {.run = "/nonexistent"},
        .checked = {.lock = -1},
        .console = {.pipe = -1},
        .supervisor = {.events = events[0]},
        .signals = signalfd(-1, &child, SFD_NONBLOCK),
    };
    return feed.signals >= 0;
}

static void tell(const char *event)
{
    send(supervisord, event, strlen(event), 0);
}

/* It has ended, and is not buried yet. */
static bool supervisord_ends(void)
{
    siginfo_t info;

    feed.supervisor.pid = fork();
    if (feed.supervisor.pid == 0)
        _exit(0);
    return !waitid(P_PID, (id_t)feed.supervisor.pid, &info, WEXITED | WNOWAIT);
}

static bool own_group_was_hit(void)
{
    sigset_t pending;

    return !sigpending(&pending) && sigismember(&pending, SIGTERM);
}

static int fails_as_supervisord_ends(void)
{
    MUST(begin());
    tell("FATAL kafka 0 0");
    MUST(supervisord_ends());
    feed_run(&feed);
    MUST(feed.supervisor.pid == 0);
    MUST(!own_group_was_hit());
    MUST(!strcmp(feed.failed, "kafka"));
    MUST(feed.exit_code == 1);
    return 0;
}

static int loses_the_console_as_supervisord_ends(void)
{
    int console[2];

    MUST(begin());
    MUST(!pipe(console));
    close(console[0]);
    dup2(console[1], STDOUT_FILENO);
    MUST(supervisord_ends());
    feed_run(&feed);
    MUST(feed.supervisor.pid == 0);
    MUST(feed.stopping_ms); /* both were seen in one turn */
    MUST(!own_group_was_hit());
    return 0;
}

static void nobody_else_is_stopped_when_supervisord_is_gone(void **state)
{
    (void)state;
    assert_int_equal(outcome(fails_as_supervisord_ends), 0);
    assert_int_equal(outcome(loses_the_console_as_supervisord_ends), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_else_is_stopped_when_supervisord_is_gone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
