#include "watch.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "children.h"
#include "clock.h"
#include "feed_state.h"
#include "programs.h"
#include "progress.h"
#include "say.h"
#include "start_page.h"

/* How often to wake supervisord. It works in steps, and may sleep up to a
 * second before each: while it starts all programs, between the end of a
 * program and its restart, and from one stop to the next. */
#define POKE_MS 4
#define STOP_POKE_MS 20
#define START_MS 20000  /* wake it at most this long after its start */
#define POKE_FOR_MS 500 /* and this long after a program has ended */

/* If everything hangs, all stops take 2 + 4 + 1 + 3 + 1 s. Docker allows 10 s:
 * what still runs after STOP_MS is killed. */
#define STOP_MS 9000
#define ORPHANS_MS 300
#define KILL_MS 300
#define RELAY_MS 300

/* A second signal within this time is the same request, sent to a process and
 * to its group, as timeout(1) does. */
#define SAME_REQUEST_MS 300

static void begin_stop(struct feed *feed)
{
    if (feed->stopping_ms)
        return;
    feed->stopping_ms = pf_now_ms();
    state_stopping(feed->state);
    say("stopping");
    supervisor_kill(&feed->supervisor, SIGTERM);
}

/* The stop takes too long, for example because supervisord waits for the
 * console. */
static void lose_patience(struct feed *feed)
{
    if (!feed->out_of_patience)
        say_at(PF_LOG_ERROR,
               "not everything has stopped within %d s; killing the rest",
               STOP_MS / 1000);
    feed->out_of_patience = true;
    if (!feed->exit_code)
        feed->exit_code = 1;
    supervisor_kill(&feed->supervisor, SIGKILL);
}

static void take_signal(struct feed *feed)
{
    struct signalfd_siginfo info;
    int status;

    if (read(feed->signals, &info, sizeof info) != sizeof info)
        return;
    if (info.ssi_signo != SIGCHLD) {
        if (!feed->asked_ms) {
            feed->asked_ms = pf_now_ms();
        } else if (pf_now_ms() - feed->asked_ms > SAME_REQUEST_MS) {
            feed->exit_code = 128 + (int)info.ssi_signo;
            supervisor_kill(&feed->supervisor, SIGKILL);
        }
        begin_stop(feed);
    }
    relayed_look(&feed->relayed);
    if (!children_reap(feed->supervisor.pid, &status))
        return;
    feed->supervisor.pid = 0;
    if (feed->stopping_ms || !status)
        return; /* our stop, or `supervisorctl shutdown` */
    feed->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
    if (WIFEXITED(status))
        say_at(PF_LOG_ERROR, "supervisord ended with code %d",
               WEXITSTATUS(status));
    else
        say_at(PF_LOG_ERROR, "supervisord was killed by signal %d",
               WTERMSIG(status));
}

static void keep_awake(struct feed *feed, int64_t for_ms)
{
    int64_t until_ms = pf_now_ms() + for_ms;

    if (feed->poke_until_ms < until_ms)
        feed->poke_until_ms = until_ms;
}

static bool must_poke(const struct feed *feed, int64_t now_ms)
{
    return now_ms < feed->poke_until_ms && !programs_settled();
}

static void fail(struct feed *feed, struct program *program, int code)
{
    if (feed->stopping_ms)
        return;
    state_program(feed->state, program, PROGRAM_FAILED, 0);
    if (program->optional) {
        program_lost(program);
        progress_lost(feed, program);
        return;
    }
    feed->failed = program->name;
    feed->exit_code = code;
    begin_stop(feed);
}

/* From 128 on it means a signal, by the convention of shells and JVMs. */
static bool is_own_code(int code)
{
    return code > 0 && code < 128;
}

/* supervisord does it by itself, but for an optional one. */
static void restart(struct feed *feed, const struct program *program)
{
    say_at(PF_LOG_WARNING, "%s ended (%s); restarting it", program->name,
           feed->how);
    state_restart(feed->state, program);
    if (program->optional)
        page_restart(feed);
}

static void program_exited(struct feed *feed, struct program *program,
                           bool expected)
{
    int code;

    program_let_go(program);
    if (feed->stopping_ms)
        return;
    if (expected && program->may_finish) {
        if (!strcmp(program->name, "topic"))
            progress_broker_ready(feed);
        else
            say("%s has finished", program->name);
        program->settled = true;
        state_program(feed->state, program, PROGRAM_FINISHED, 0);
        return;
    }
    code = supervisor_last_end(&feed->places, program->name, feed->how,
                               sizeof feed->how);
    if (code == 2)
        fail(feed, program, 2); /* a restart would not fix its settings */
    else if (program_ended(program, is_own_code(code)))
        fail(feed, program, 1);
    else
        restart(feed, program);
}

static void take_event(struct feed *feed)
{
    struct supervisor_event event;
    struct program *program;

    if (supervisor_next_event(&feed->supervisor, &event))
        return;
    program = program_find(event.program);
    if (!program)
        return; /* a program that the user has added */
    if (!strcmp(event.state, "PROCESS_STATE_RUNNING")) {
        program_runs(program, event.pid);
        state_program(feed->state, program, PROGRAM_RUNNING, event.pid);
    } else if (!strcmp(event.state, "PROCESS_STATE_EXITED")) {
        keep_awake(feed, POKE_FOR_MS);
        program_exited(feed, program, event.expected);
    } else if (!strcmp(event.state, "PROCESS_STATE_STOPPED")) {
        state_program(feed->state, program, PROGRAM_STOPPED, 0);
    } else if (!strcmp(event.state, "PROCESS_STATE_FATAL")) {
        snprintf(feed->how, sizeof feed->how, "it cannot be started");
        fail(feed, program, 1);
    }
}

/* Milliseconds until the next timeout; -1: none. */
static int next_tick_ms(const struct feed *feed)
{
    int progress_ms = progress_due_ms(feed), page_ms = page_due_ms(feed);

    if (feed->stopping_ms)
        return STOP_POKE_MS;
    if (must_poke(feed, pf_now_ms()))
        return POKE_MS;
    if (progress_ms < 0 || page_ms < 0)
        return progress_ms < 0 ? page_ms : progress_ms;
    return progress_ms < page_ms ? progress_ms : page_ms;
}

static void tick(struct feed *feed)
{
    int64_t now = pf_now_ms();

    if (feed->stopping_ms || must_poke(feed, now))
        supervisor_poke(&feed->supervisor);
    if (feed->stopping_ms && now - feed->stopping_ms > STOP_MS)
        lose_patience(feed);
    if (feed->stopping_ms)
        return;
    progress_look(feed);
    page_look(feed);
}

/* Wait for the next event and handle it. */
static void turn(struct feed *feed)
{
    struct pollfd fds[3 + PROGRAMS] = {
        {.fd = feed->signals, .events = POLLIN},
        {.fd = feed->supervisor.events, .events = POLLIN},
        {.fd = feed->stopping_ms ? -1 : STDOUT_FILENO}, /* errors only */
    };

    for (size_t i = 0; i < PROGRAMS; i++)
        fds[3 + i] = (struct pollfd){programs[i].pidfd, POLLIN, 0};
    if (poll(fds, 3 + PROGRAMS, next_tick_ms(feed)) < 0)
        return;
    /* First, because supervisord's events are newer. */
    for (size_t i = 0; i < PROGRAMS; i++) {
        if (!fds[3 + i].revents)
            continue;
        program_let_go(&programs[i]);
        keep_awake(feed, POKE_FOR_MS);
    }
    if (fds[0].revents)
        take_signal(feed);
    if (fds[1].revents)
        take_event(feed);
    if (fds[2].revents && console_is_gone()) {
        say_at(PF_LOG_WARNING, "nobody reads the console any more");
        begin_stop(feed);
    }
    if (feed->supervisor.pid)
        tick(feed);
}

/* supervisord has ended. After a clean stop nothing else is running. */
static void bury_the_rest(struct feed *feed)
{
    const pid_t relays[] = {feed->relayed.relay, feed->console.relay};

    if (!children_end(SIGTERM, relays, 2, ORPHANS_MS, feed->signals))
        children_end(SIGKILL, relays, 2, KILL_MS, feed->signals);
    console_close(&feed->console);
    if (feed->console.relay &&
        !children_end(0, relays, 1, RELAY_MS, feed->signals))
        children_end(SIGKILL, relays, 1, KILL_MS, feed->signals);
}

void feed_run(struct feed *feed)
{
    keep_awake(feed, START_MS);
    while (feed->supervisor.pid)
        turn(feed);
    bury_the_rest(feed);
    progress_report(feed);
}
