#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

void process_open_standard_descriptors(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    close(fd);
}

void process_find_own_programs(void)
{
    char own[4096], *path = NULL;
    ssize_t len = readlink("/proc/self/exe", own, sizeof own - 1);
    const char *old = getenv("PATH");

    if (len <= 0)
        return;
    own[len] = '\0';
    *strrchr(own, '/') = '\0';
    if (asprintf(&path, "%s:%s", own, old ? old : "/usr/bin:/bin") > 0)
        setenv("PATH", path, 1);
    free(path);
}

static void leave(int signo)
{
    (void)signo;
    _exit(0);
}

void process_leave_when_asked(void)
{
    signal(SIGTERM, leave);
    signal(SIGINT, leave);
}

enum pf_rc process_open_signals(int *ret, struct pf_error *err)
{
    static const int wanted[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGCHLD};
    struct sigaction old;
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (!sigaction(wanted[i], NULL, &old) && old.sa_handler != SIG_IGN)
            sigaddset(&set, wanted[i]); /* SIGHUP may be, see machine.c */
    sigprocmask(SIG_BLOCK, &set, NULL); /* before leave() is forgotten */
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (sigismember(&set, wanted[i]))
            signal(wanted[i], SIG_DFL);
    *ret = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return *ret < 0 ? pf_fail(err, PF_IO, "signalfd: %s", strerror(errno))
                    : PF_OK;
}
