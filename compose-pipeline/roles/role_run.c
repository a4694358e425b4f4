#include "role_run.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "children.h"
#include "clock.h"
#include "console.h"
#include "kept_log.h"
#include "machine.h"
#include "process.h"
#include "programs.h"
#include "relayed.h"
#include "role_checks.h"
#include "role_note.h"
#include "role_start.h"
#include "say.h"
#include "shortage.h"

/* A second signal within this time is the same request, sent to a process and
 * to its group, as timeout(1) does. */
#define SAME_REQUEST_MS 300

#define ORPHANS_MS 300
#define KILL_MS 300

/** A role that runs. */
struct life {
    const struct role *role;
    struct pf_places places;
    struct role_needs needs;
    struct relayed relayed;
    struct kept_log log;
    struct program program; /* by whose rule it is started again */
    pid_t child;            /* the program; 0: it does not run */
    pid_t beside; /* makes a broker's topic, or puts connectors; 0: none */
    struct program connectors; /* by whose rule the latter is started again */
    int signals;               /* signalfd */

    int64_t started_ms;  /* these three are on the monotonic clock */
    int64_t stopping_ms; /* when the stop began; 0: no stop yet */
    int64_t asked_ms;    /* when a signal first asked for it; 0: none did */
    bool out_of_patience;
    int exit_code;
};

/* From 128 on it means a signal, by the convention of shells and JVMs. */
static bool is_own_code(int code)
{
    return code > 0 && code < 128;
}

/* How it ended, in words; returns its exit code, or -1. */
static int describe_end(int status, char *buf, size_t size)
{
    const char *name = WIFSIGNALED(status) ? sigabbrev_np(WTERMSIG(status))
                                           : NULL;

    if (WIFEXITED(status)) {
        snprintf(buf, size, "exit status %d", WEXITSTATUS(status));
        return WEXITSTATUS(status);
    }
    snprintf(buf, size, "terminated by SIG%s", name ? name : "?");
    return -1;
}

static void note(const struct life *life)
{
    struct pf_error err;

    if (!life->role->once &&
        pf_role_note_write(&life->places, life->role->name, life->child, &err))
        say_at(PF_LOG_WARNING, "%s", err.text);
}

static void begin(struct life *life)
{
    struct pf_error err;

    life->child = role_start(life->role, &life->needs, life->log.given, &err);
    if (!life->child) {
        say_at(PF_LOG_ERROR, "%s", err.text);
        life->exit_code = 1;
        return;
    }
    program_runs(&life->program, 0);
    note(life);
}

/* Right after its start it may lead no group yet. */
static void signal_group(pid_t leader, int signal)
{
    if (leader > 0 && kill(-leader, signal))
        kill(leader, signal);
}

static void begin_stop(struct life *life)
{
    if (life->stopping_ms)
        return;
    life->stopping_ms = pf_now_ms();
    if (!life->role->once)
        say("stopping");
    signal_group(life->child, SIGTERM);
    signal_group(life->beside, SIGTERM);
}

static void lose_patience(struct life *life)
{
    say_at(PF_LOG_ERROR, "%s has not stopped within %d s; killing it",
           life->program.name, life->role->stop_ms / 1000);
    life->out_of_patience = true;
    if (!life->exit_code)
        life->exit_code = 1;
    signal_group(life->child, SIGKILL);
}

/* The program is not started again: say why. */
static void fail(struct life *life, const char *how, int code)
{
    life->exit_code = code;
    say_end_of_log(life->program.name, life->log.path.text);
    say_at(PF_LOG_ERROR, "%s failed (%s); its log is %s", life->program.name,
           how, life->log.path.text);
    shortage_explain(&life->places);
}

/* It has ended because it was asked to: with its own code. A JVM, or one that
 * had not begun, ends by the signal. */
static void has_stopped(struct life *life, int code)
{
    if (!life->exit_code && is_own_code(code))
        life->exit_code = code;
}

/* Its work is done, whatever came of it: it has said so itself. */
static void has_done_its_work(struct life *life, const char *how, int code)
{
    if (code < 0 || code >= 128)
        say_at(PF_LOG_ERROR, "%s failed (%s)", life->program.name, how);
    life->exit_code = code < 0 ? 1 : code;
}

static void program_has_ended(struct life *life, int status)
{
    char how[60];
    int code = describe_end(status, how, sizeof how);

    life->child = 0;
    if (!life->role->once)
        kept_log_copy(&life->log);
    if (life->stopping_ms)
        has_stopped(life, code);
    else if (life->role->once)
        has_done_its_work(life, how, code);
    else if (code == 0 && life->role->may_finish)
        say("%s has finished", life->program.name);
    else if (code == 2)
        fail(life, how, 2); /* a restart would not fix its settings */
    else if (program_ended(&life->program, code == 0 || is_own_code(code)))
        fail(life, how, is_own_code(code) ? code : 1);
    else {
        say_at(PF_LOG_WARNING, "%s ended (%s); restarting it",
               life->program.name, how);
        begin(life);
    }
}

static void begin_connectors(struct life *life)
{
    life->beside = role_start_connectors(&life->places, life->needs.url);
    program_runs(&life->connectors, 0);
}

/* Nobody else would put an edited file, or see what has failed. */
static void connectors_have_ended(struct life *life, const char *how, int code)
{
    if (program_ended(&life->connectors, is_own_code(code))) {
        say_at(PF_LOG_ERROR, "pf-connect failed (%s)", how);
        life->exit_code = is_own_code(code) ? code : 1;
        begin_stop(life);
        return;
    }
    say_at(PF_LOG_WARNING, "pf-connect ended (%s); restarting it", how);
    begin_connectors(life);
}

static void beside_has_ended(struct life *life, int status)
{
    char how[60];
    int code = describe_end(status, how, sizeof how);

    life->beside = 0;
    if (life->stopping_ms)
        return;
    if (life->role->kind == ROLE_CONNECT)
        connectors_have_ended(life, how, code);
    else if (!code)
        say("broker ready after %.1f s",
            (double)(pf_now_ms() - life->started_ms) / 1000);
    else
        say_at(PF_LOG_WARNING,
               "topic failed (%s); the broker goes on without it; its log is "
               "%s",
               how, life->log.path.text);
}

/* Handle the end of each child; orphans are among them. */
static void reap(struct life *life)
{
    pid_t pid;
    int status;

    relayed_look(&life->relayed);
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid == life->child)
            program_has_ended(life, status);
        else if (pid == life->beside)
            beside_has_ended(life, status);
    }
}

static void take_signal(struct life *life)
{
    struct signalfd_siginfo info;

    if (read(life->signals, &info, sizeof info) != sizeof info)
        return;
    if (info.ssi_signo == SIGCHLD) {
        reap(life);
        return;
    }
    if (!life->asked_ms) {
        life->asked_ms = pf_now_ms();
    } else if (pf_now_ms() - life->asked_ms > SAME_REQUEST_MS) {
        life->exit_code = 128 + (int)info.ssi_signo;
        signal_group(life->child, SIGKILL);
    }
    begin_stop(life);
}

/* Is it of use to go on only as long as somebody reads what the program prints?
 * What prints nothing now would not see that by itself. */
static bool watches_console(const struct life *life)
{
    return life->role->kind == ROLE_CLIENT && !life->stopping_ms;
}

/* Wait for the next event and handle it. */
static void turn(struct life *life)
{
    int64_t deadline_ms = life->stopping_ms + life->role->stop_ms;
    bool waits = life->stopping_ms && !life->out_of_patience;
    struct pollfd fds[] = {
        {.fd = life->signals, .events = POLLIN},
        {.fd = life->log.from, .events = POLLIN},
        {.fd = watches_console(life) ? STDOUT_FILENO : -1}, /* errors only */
    };

    if (waits && !pf_left_ms(deadline_ms)) {
        lose_patience(life);
        return;
    }
    if (poll(fds, 3, waits ? pf_left_ms(deadline_ms) : -1) < 0)
        return;
    if (fds[1].revents)
        kept_log_copy(&life->log);
    if (fds[0].revents)
        take_signal(life);
    if (fds[2].revents && console_is_gone()) {
        say_at(PF_LOG_WARNING, "nobody reads the console any more");
        begin_stop(life);
    }
}

static void bury_the_rest(struct life *life)
{
    const pid_t relays[] = {life->relayed.relay};

    if (!children_end(SIGTERM, relays, 1, ORPHANS_MS, life->signals))
        children_end(SIGKILL, relays, 1, KILL_MS, life->signals);
    if (life->role->once)
        return;
    kept_log_copy(&life->log);
    pf_role_note_remove(&life->places);
    if (life->stopping_ms)
        say("stopped%s", life->exit_code ? "" : " cleanly");
}

static void live(struct life *life)
{
    begin(life);
    if (life->child && life->role->kind == ROLE_BROKER)
        life->beside = role_start_topic(life->log.given);
    if (life->child && life->role->kind == ROLE_CONNECT)
        begin_connectors(life);
    while (life->child)
        turn(life);
    bury_the_rest(life);
}

/* Names that the program's scripts need: they have no defaults. */
static void export_places(const struct pf_places *places)
{
    setenv("PF_HOME", places->home, 1);
    setenv("PF_CONFIG", places->config, 1);
    setenv("PF_DATA", places->data, 1);
    setenv("PF_RUN", places->run, 1);
    process_find_own_programs();
}

static enum pf_rc start(struct life *life, char *const *args,
                        struct pf_error *err)
{
    const struct role *role = life->role;
    enum pf_rc rc = role->once
                        ? PF_OK
                        : relayed_open(&life->places, &life->relayed, err);

    if (!rc)
        rc = machine_settle(&life->places, err);
    if (rc)
        return rc;
    signal(SIGPIPE, SIG_IGN);
    process_leave_when_asked();
    prctl(PR_SET_CHILD_SUBREAPER, 1); /* adopt orphans, PID 1 or not */
    export_places(&life->places);
    rc = role_check(role, &life->places, args, &life->needs, err);
    if (!rc && !role->once)
        rc = kept_log_open(&life->places, role->program, &life->log, err);
    return rc ? rc : process_open_signals(&life->signals, err);
}

int role_run(const struct role *role, char *const *args)
{
    struct life life = {
        .role = role,
        .places = pf_places_get(),
        .needs = {.checked = {.lock = -1}},
        .relayed = {.given = -1},
        .log = {.file = -1, .given = -1, .from = -1},
        .program = {.name = role->program,
                    .alive_after_ms = role->alive_after_ms,
                    .pidfd = -1},
        .connectors = {.name = "pf-connect",
                       .alive_after_ms = 1000,
                       .pidfd = -1},
        .signals = -1,
        .started_ms = pf_now_ms(),
    };
    struct pf_error err = {""};
    enum pf_rc rc = start(&life, args, &err);

    if (!rc)
        live(&life);
    else
        life.exit_code = pf_exit_code(rc);
    if (rc && *err.text)
        say_at(PF_LOG_ERROR, "%s", err.text);
    if (life.signals >= 0)
        close(life.signals);
    kept_log_close(&life.log);
    role_needs_release(&life.needs);
    relayed_close(&life.relayed);
    return life.exit_code;
}
