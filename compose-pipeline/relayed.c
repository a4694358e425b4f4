#include "relayed.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "checks.h"
#include "clock.h"
#include "relay.h"
#include "say.h"

#define NAME "FEED_LOGS"

/* How long a relay may take for the last lines: none is waiting, unless the
 * reader is slow. */
#define LAST_LINES_MS 500

/* A relay that ends sooner would end again and again. */
#define ALIVE_MS 1000

/* In the relay process: pipe and given become its standard input and standard
 * error, started its descriptor 3; it keeps no others, such as the console. */
static void become_relay(const struct relayed *relayed, int started)
{
    int null = open("/dev/null", O_RDWR);
    struct relay *relay = calloc(1, sizeof *relay);
    struct pf_error err = {"out of memory"};

    setsid(); /* only pf-init gets the terminal's signals */
    signal(SIGPIPE, SIG_IGN);
    setenv("TZ", "UTC", 1); /* supervisord's times */
    dup2(relayed->pipe, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    dup2(relayed->given, STDERR_FILENO);
    dup2(started, STDERR_FILENO + 1);
    close_range(STDERR_FILENO + 2, ~0u, 0);
    fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
    if (!relay || relay_open(relay, STDIN_FILENO, STDERR_FILENO,
                             pf_path_in(relayed->logs, "log").text, &err)) {
        if (write(STDERR_FILENO + 1, err.text, strlen(err.text)) < 0)
            _exit(2);
        _exit(1);
    }
    close(STDERR_FILENO + 1);
    relay_run(relay);
    _exit(0);
}

/* Returns when the relay watches the logs: none is missed from then on. */
static enum pf_rc start_relay(struct relayed *relayed, struct pf_error *err)
{
    struct pf_error why = {""};
    int started[2];

    if (pipe2(started, O_CLOEXEC))
        return pf_fail(err, PF_IO, "pipe: %s", strerror(errno));
    relayed->relay = fork();
    if (relayed->relay == 0)
        become_relay(relayed, started[1]);
    if (relayed->relay < 0) {
        relayed->relay = 0;
        pf_fail(&why, PF_IO, "fork: %s", strerror(errno));
    }
    close(started[1]);
    /* It says why it cannot, or closes its end. */
    if (relayed->relay && read(started[0], why.text, sizeof why.text - 1) < 0)
        pf_fail(&why, PF_IO, "read: %s", strerror(errno));
    close(started[0]);
    relayed->since_ms = pf_now_ms();
    return *why.text ? pf_fail(err, PF_IO, "%s: %s", NAME, why.text) : PF_OK;
}

/* Make standard error a pipe to the relay. */
static enum pf_rc replace_standard_error(struct relayed *relayed,
                                         struct pf_error *err)
{
    int ends[2];

    relayed->given = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
    if (relayed->given < 0 || pipe2(ends, O_CLOEXEC))
        return pf_fail(err, PF_IO, "%s: %s", NAME, strerror(errno));
    relayed->pipe = ends[0];
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    return PF_OK;
}

static enum pf_rc wants_relay(bool *ret, struct pf_error *err)
{
    const char *value = getenv(NAME);

    *ret = value && !strcmp(value, "stderr");
    if (*ret || !value || !*value || !strcmp(value, "files"))
        return PF_OK;
    return pf_fail(err, PF_CONFIG,
                   "environment " NAME
                   ": '%.60s' is neither 'files' (each program's log in a "
                   "file of its own) nor 'stderr' (also all logs on "
                   "standard error, as lines of JSON)",
                   value);
}

/* Standard error is again what was given to us. */
static void give_back(struct relayed *relayed)
{
    say_as_log(false);
    dup2(relayed->given, STDERR_FILENO);
    close(relayed->given);
    close(relayed->pipe);
    relayed->given = relayed->pipe = -1;
}

enum pf_rc relayed_open(const struct pf_places *places, struct relayed *ret,
                        struct pf_error *err)
{
    bool wanted;
    enum pf_rc rc = wants_relay(&wanted, err);

    *ret = (struct relayed){.given = -1, .pipe = -1, .logs = places->run};
    if (rc || !wanted)
        return rc;
    rc = make_directory(pf_path_in(places->run, "log").text, err);
    if (!rc)
        rc = replace_standard_error(ret, err);
    if (!rc)
        rc = start_relay(ret, err);
    if (!rc)
        say_as_log(true);
    else if (ret->given >= 0)
        give_back(ret);
    return rc;
}

void relayed_look(struct relayed *relayed)
{
    struct pf_error err = {"it ended right after its start"};
    int status;

    if (!relayed->relay ||
        waitpid(relayed->relay, &status, WNOHANG) != relayed->relay)
        return;
    relayed->relay = 0;
    if (pf_now_ms() - relayed->since_ms < ALIVE_MS ||
        start_relay(relayed, &err)) {
        give_back(relayed);
        say_at(PF_LOG_ERROR,
               "logs are in their files only, because no relay writes them to "
               "standard error any more: %s",
               err.text);
        return;
    }
    say_at(PF_LOG_WARNING,
           "the relay of the logs had ended, and is started again; lines of "
           "the meantime are in %s/log only",
           relayed->logs);
}

/* Wait for a child's end, but not longer than that. */
static void await_end(pid_t pid, int ms)
{
    struct pollfd end = {.fd = (int)syscall(SYS_pidfd_open, pid, 0),
                         .events = POLLIN};

    if (end.fd < 0)
        return; /* it has ended */
    if (poll(&end, 1, ms) != 1)
        kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    close(end.fd);
}

void relayed_close(struct relayed *relayed)
{
    if (relayed->given < 0)
        return;
    give_back(relayed);
    if (relayed->relay)
        await_end(relayed->relay, LAST_LINES_MS);
    relayed->relay = 0;
}
