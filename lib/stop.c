#include "stop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "clock.h"

/* Signals belong to the whole process, and so does this. */
static int stop_fd = -1;
static bool asked, accepted;

static void stop_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
}

/* A file of ours would get the number of a standard descriptor that is
 * closed, and prices would go there. A directory takes none, and nobody can
 * open it again for writing. */
static void hold_standard_descriptors(void)
{
    int fd;

    do
        fd = open("/", O_RDONLY | O_DIRECTORY);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

enum pf_rc pf_stop_init(struct pf_error *err)
{
    sigset_t set;

    hold_standard_descriptors();
    signal(SIGPIPE, SIG_IGN);
    stop_signals(&set);
    stop_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (stop_fd < 0)
        return pf_fail(err, PF_IO, "signalfd: %s", strerror(errno));
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    return PF_OK;
}

void pf_stop_release(void)
{
    sigset_t set;

    if (stop_fd >= 0)
        close(stop_fd);
    stop_fd = -1;
    signal(SIGPIPE, SIG_DFL);
    stop_signals(&set);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

/* Take the first signal; let the second one kill, even where a shell has
 * started us in the background with SIGINT ignored. */
static void take_signal(void)
{
    struct signalfd_siginfo info;
    sigset_t set;

    if (read(stop_fd, &info, sizeof info) != sizeof info)
        return;
    asked = true;
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    stop_signals(&set);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

bool pf_stop_asked(void)
{
    if (stop_fd >= 0 && !asked)
        take_signal();
    return asked;
}

void pf_stop_accept(void)
{
    accepted = true;
}

enum pf_rc pf_wait(int fd, short events, int ms)
{
    int64_t deadline = pf_now_ms() + ms;

    for (;;) {
        /* poll(2) passes over descriptors below zero. */
        struct pollfd fds[] = {
            {.fd = fd, .events = events},
            {.fd = asked ? -1 : stop_fd, .events = POLLIN},
        };
        int n;

        if (asked && !accepted)
            return PF_END;
        n = poll(fds, 2, ms);
        if (n < 0 && errno != EINTR)
            return PF_OK; /* the caller's next call on fd says what it is */
        if (n > 0 && fds[1].revents) {
            take_signal();
            continue;
        }
        if (n > 0)
            return PF_OK;
        if (n == 0)
            return PF_AGAIN;

        if (ms > 0) { /* interrupted: what is left of the time */
            int64_t left = deadline - pf_now_ms();

            ms = left > 0 ? (int)left : 0;
        }
    }
}

enum pf_rc pf_wait_until(int timer, int64_t at_ns, int ms)
{
    struct itimerspec at = {.it_value = {.tv_sec = at_ns / PF_SECOND_NS,
                                         .tv_nsec = at_ns % PF_SECOND_NS}};

    timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, NULL);
    return pf_wait(timer, POLLIN, ms);
}
