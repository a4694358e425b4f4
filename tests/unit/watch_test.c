/* A feed's end, as pf-init sees it: with a supervisord that says and does what
 * a test wants. Each test is a process of its own, with a group of its own. */
#include "unit.h"

#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "clock.h"
#include "feed_state.h"
#include "programs.h"
#include "watch.h"

/* In a child: the number of the line that does not hold is its exit code. */
#define MUST(holds) \
    if (!(holds))   \
    return __LINE__ % 250 + 1

static struct feed feed;
static char run[] = "/tmp/watch_test.XXXXXX"; /* its PF_RUN */
static int supervisord; /* where it tells what happens to its programs */

static void mask(int how, int signal)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, signal);
    sigprocmask(how, &set, NULL);
}

/* A signal to the whole process group is then seen, and harmless. */
static bool begin(void)
{
    int events[2];
    sigset_t child;

    mask(SIG_BLOCK, SIGTERM);
    mask(SIG_BLOCK, SIGCHLD);
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    if (setpgid(0, 0) ||
        socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, events))
        return false;
    supervisord = events[1];
    feed = (struct feed){
        .places = {.data = "/nonexistent", .run = "/nonexistent"},
        .checked = {.lock = -1},
        .console = {.pipe = -1},
        .supervisor = {.events = events[0], .asked = -1},
        .signals = signalfd(-1, &child, SFD_NONBLOCK),
    };
    return feed.signals >= 0 && !state_open("", &feed.state, NULL);
}

/* As supervisord has it: a header, and what it is about. */
static void tell(const char *state, const char *program)
{
    dprintf(supervisord,
            "ver:3.0 server:supervisor serial:21 pool:listener poolserial:10 "
            "eventname:PROCESS_STATE_%s len:80\n"
            "processname:%s groupname:%s from_state:STOPPING expected:0 pid:0",
            state, program, program);
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
    tell("FATAL", "kafka");
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

static bool write_log(const char *program, const char *text)
{
    char path[80];
    FILE *out;

    snprintf(path, sizeof path, "%s/log/%s.log", run, program);
    out = fopen(path, "w");
    return out && fputs(text, out) >= 0 && !fclose(out);
}

/* With these as the end of two logs, and a file for what is said. */
static bool begin_with_logs(const char *supervisord_log, const char *kafka_log)
{
    if (!begin() || !write_log("supervisord", supervisord_log) ||
        !write_log("kafka", kafka_log))
        return false;
    feed.places.run = run;
    feed.places.data = "/";
    return dup2(fileno(tmpfile()), STDERR_FILENO) == STDERR_FILENO;
}

static bool was_said(const char *part)
{
    char text[4096] = "";
    ssize_t len = pread(STDERR_FILENO, text, sizeof text - 1, 0);

    return len > 0 && strstr(text, part);
}

/* A supervisord that runs until it is asked to stop, or part is said. */
static void supervisord_runs(const char *part)
{
    feed.supervisor.pid = fork();
    if (feed.supervisor.pid)
        return;
    alarm(10);
    mask(SIG_UNBLOCK, SIGTERM);
    while (!part || !was_said(part))
        poll(NULL, 0, 5);
    _exit(0);
}

/* That old is nobody who has only been slow to start. */
static void tell_end_of_kafka(int times)
{
    program_find("kafka")->alive_after_ms = 0;
    for (int i = 0; i < times; i++) {
        tell("RUNNING", "kafka");
        tell("EXITED", "kafka");
    }
}

static int fails_slowly(void)
{
    MUST(begin_with_logs("WARN exited: kafka (exit status 1; not expected)\n",
                         "nobody listens there\n"));
    tell_end_of_kafka(4);
    supervisord_runs(NULL);
    feed_run(&feed);
    MUST(!strcmp(feed.failed, "kafka"));
    MUST(feed.exit_code == 1);
    MUST(was_said("kafka: nobody listens there"));
    MUST(was_said("kafka failed (exit status 1), which ended the feed"));
    return 0;
}

static void a_program_that_fails_late_each_time_ends_the_feed(void **state)
{
    (void)state;
    assert_int_equal(outcome(fails_slowly), 0);
}

static int is_killed_often(const char *log)
{
    MUST(begin_with_logs(log, ""));
    tell_end_of_kafka(20);
    tell("FATAL", "consumer"); /* and that is the end */
    supervisord_runs(NULL);
    feed_run(&feed);
    MUST(!strcmp(feed.failed, "consumer"));
    return 0;
}

static int is_killed_hard(void)
{
    return is_killed_often(
        "WARN exited: kafka (terminated by SIGKILL; not expected)\n");
}

/* The JVM has taken the signal, and ends as a shell would. */
static int is_killed_softly(void)
{
    return is_killed_often(
        "WARN exited: kafka (exit status 143; not expected)\n");
}

static void a_program_that_is_killed_is_started_again_each_time(void **state)
{
    (void)state;
    assert_int_equal(outcome(is_killed_hard), 0);
    assert_int_equal(outcome(is_killed_softly), 0);
}

/* After how many ends it has failed, when it had lived that long each time;
 * 0: it never does. */
static int ends_until_failed(int64_t lived_ms, bool by_itself)
{
    struct program kafka = *program_find("kafka");

    for (int i = 1; i <= 20; i++) {
        kafka.started_ms = pf_now_ms() - lived_ms;
        if (program_ended(&kafka, by_itself))
            return i;
    }
    return 0;
}

static void a_program_fails_by_ending_four_times_too_early(void **state)
{
    (void)state;
    assert_int_equal(ends_until_failed(0, true), 4);
    assert_int_equal(ends_until_failed(0, false), 4);
    assert_int_equal(ends_until_failed(20000, true), 4);
    assert_int_equal(ends_until_failed(20000, false), 0);
    assert_int_equal(ends_until_failed(290000, true), 4);
    assert_int_equal(ends_until_failed(300000, true), 0);
}

static void tell_end_of_web(int times)
{
    for (int i = 0; i < times; i++) {
        tell("RUNNING", "web");
        tell("EXITED", "web");
    }
}

/* A metric of feed.state, of that name. */
static uint64_t state_of(const char *name)
{
    uint64_t value = UINT64_MAX;

    pf_stats_read(feed.state, name, &value, NULL);
    return value;
}

static int loses_the_page(void)
{
    MUST(begin_with_logs("WARN exited: web (exit status 1; not expected)\n",
                         ""));
    MUST(write_log("web", "that port is taken\n"));
    tell_end_of_web(4);
    supervisord_runs("the feed goes on without its page");
    feed_run(&feed);
    MUST(!feed.failed && feed.exit_code == 0);
    MUST(was_said("web: that port is taken"));
    MUST(was_said("web failed (exit status 1); the feed goes on without its "
                  "page; its log is "));
    MUST(state_of("program_state{program=\"web\"}") == PROGRAM_FAILED);
    MUST(state_of("program_restarts{program=\"web\"}") == 3);
    return 0;
}

static int has_a_mistake_in_the_page(void)
{
    MUST(begin_with_logs("WARN exited: web (exit status 2; not expected)\n",
                         ""));
    tell_end_of_web(1);
    supervisord_runs("the feed goes on without its page");
    feed_run(&feed);
    MUST(!feed.failed && feed.exit_code == 0);
    MUST(!was_said("restarting it"));
    MUST(feed.page == PAGE_NOTHING);
    return 0;
}

static void a_page_that_fails_is_given_up_and_the_feed_goes_on(void **state)
{
    (void)state;
    assert_int_equal(outcome(loses_the_page), 0);
    assert_int_equal(outcome(has_a_mistake_in_the_page), 0);
}

static int tells_what_happens(void)
{
    uint64_t before = (uint64_t)pf_now_ns();

    MUST(begin_with_logs("", ""));
    tell("RUNNING", "kafka");
    tell("STOPPED", "producer");
    tell("FATAL", "consumer");
    supervisord_runs(NULL);
    feed_run(&feed);
    MUST(state_of("program_state{program=\"kafka\"}") == PROGRAM_RUNNING);
    MUST(state_of("program_since_ns{program=\"kafka\"}") >= before);
    MUST(state_of("program_state{program=\"producer\"}") == PROGRAM_STOPPED);
    MUST(state_of("program_state{program=\"consumer\"}") == PROGRAM_FAILED);
    MUST(state_of("program_state{program=\"topic\"}") == PROGRAM_WAITING);
    MUST(state_of("feed_stopping") == 1);
    return 0;
}

static void what_happens_can_be_read_by_others(void **state)
{
    (void)state;
    assert_int_equal(outcome(tells_what_happens), 0);
}

static int does_not_come_up(void)
{
    MUST(begin_with_logs("", "still reading\n"));
    feed.started_ms = pf_now_ms() - 60000;
    supervisord_runs("the broker is not ready after 60 s");
    feed_run(&feed);
    MUST(was_said("kafka: still reading"));
    MUST(feed.exit_code == 0); /* it may come yet */
    return 0;
}

static void a_broker_that_does_not_come_up_is_said(void **state)
{
    (void)state;
    assert_int_equal(outcome(does_not_come_up), 0);
}

static int make_run(void **state)
{
    char log[80];

    (void)state;
    snprintf(log, sizeof log, "%s/log", mkdtemp(run));
    return mkdir(log, 0700);
}

static int remove_one(const char *path, const struct stat *status, int type,
                      struct FTW *where)
{
    (void)status, (void)type, (void)where;
    return remove(path);
}

static int remove_run(void **state)
{
    (void)state;
    return nftw(run, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_that_fails_late_each_time_ends_the_feed),
        cmocka_unit_test(a_program_that_is_killed_is_started_again_each_time),
        cmocka_unit_test(a_program_fails_by_ending_four_times_too_early),
        cmocka_unit_test(a_page_that_fails_is_given_up_and_the_feed_goes_on),
        cmocka_unit_test(what_happens_can_be_read_by_others),
        cmocka_unit_test(a_broker_that_does_not_come_up_is_said),
        cmocka_unit_test(nobody_else_is_stopped_when_supervisord_is_gone),
    };

    return cmocka_run_group_tests(tests, make_run, remove_run);
}
