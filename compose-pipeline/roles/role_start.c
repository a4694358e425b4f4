#include "role_start.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "role_note.h"
#include "role_wait.h"
#include "say.h"

/* In the new process, whose parent is the one that asked for it. */
static void settle(pid_t parent)
{
    sigset_t none;

    setsid();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1); /* it is dead already */
    signal(SIGPIPE, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void write_to(int log, bool is_jvm)
{
    if (log >= 0)
        dup2(log, STDERR_FILENO);
    if (log >= 0 && is_jvm)
        dup2(log, STDOUT_FILENO);
}

/* The brokers give them once they are up, and then make the topic. Whatever
 * comes of it, the program finds out itself. */
static void wait_for_rights(const struct role *role,
                            const struct role_needs *needs, int log)
{
    pid_t pid = fork();

    if (!pid) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        write_to(log, true);
        execlp("pf-broker", "pf-broker", "wait", "--of", role->program,
               "--bootstrap", needs->addresses, "-F", needs->identity.text,
               "--timeout", "86400", NULL);
        fprintf(stderr, "pf-broker: %s\n", strerror(errno));
        _exit(1);
    }
    if (pid > 0)
        waitpid(pid, NULL, 0);
}

pid_t role_start(const struct role *role, const struct role_needs *needs,
                 int log, struct pf_error *err)
{
    pid_t parent = getpid(), pid = fork();

    if (pid > 0)
        return pid;
    if (pid < 0) {
        pf_fail(err, PF_IO, "fork: %s", strerror(errno));
        return 0;
    }
    settle(parent);
    if (needs->tls)
        role_wait_for_files(needs->tls, role->files);
    if (role->needs && *needs->addresses)
        role_wait(role->needs, needs->addresses, role->port);
    if (needs->tls && role->needs_rights)
        wait_for_rights(role, needs, log);
    if (!role->once)
        say("%s started", role->program);
    write_to(log, role->kind != ROLE_CLIENT);
    execvp(*needs->command, needs->command);
    fprintf(stderr, "%s: %s\n", *needs->command, strerror(errno));
    _exit(1);
}

/* The timeout is the longest there is: it waits for as many brokers as the
 * topic has replicas. */
pid_t role_start_topic(int log)
{
    pid_t parent = getpid(), pid = fork();

    if (pid)
        return pid > 0 ? pid : 0;
    settle(parent);
    write_to(log, true);
    execlp("pf-broker", "pf-broker", "topic", "--timeout", "86400", NULL);
    fprintf(stderr, "pf-broker: %s\n", strerror(errno));
    _exit(1);
}

pid_t role_start_connectors(const struct pf_places *places, const char *url)
{
    struct pf_path dir = pf_path_in(places->config, "connectors");
    struct pf_path state = pf_path_in(places->run, PF_CONNECTORS_STATE);
    struct pf_path log = pf_path_in(places->run, "log/connect.log");
    char *values[4];
    pid_t parent = getpid(), pid = fork();

    if (pid)
        return pid > 0 ? pid : 0;
    settle(parent);
    if (asprintf(&values[0], "feed.url=%s", url) > 0 &&
        asprintf(&values[1], "feed.dir=%s", dir.text) > 0 &&
        asprintf(&values[2], "feed.state=%s", state.text) > 0 &&
        asprintf(&values[3], "feed.log=%s", log.text) > 0)
        execlp("pf-connect", "pf-connect", "-X", values[0], "-X", values[1],
               "-X", values[2], "-X", values[3], NULL);
    fprintf(stderr, "pf-connect: %s\n", strerror(errno));
    _exit(1);
}
