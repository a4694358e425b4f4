#include "stop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "clock.h"

/* A signal within this time of the first is the same request, sent to a
 * process and to its group, as timeout(1) does. pf-init has the same rule. */
#define SAME_WISH_MS 300

#define WATCHER_STACK 65536 /* bytes; it only waits */

/* Global, as signals are for the whole process. */
static int stop_fd = -1; /* stays readable once a stop is asked for */
static atomic_int asked; /* the first signal; 0: none yet */
static bool accepted;

static void stop_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
}

/* A directory cannot be written to, nor opened again for writing. */
void pf_hold_standard_descriptors(void)
{
    int fd;

    do
        fd = open("/", O_RDONLY | O_DIRECTORY);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

/* End the process by a signal, even if a shell has started it in the
 * background with SIGINT ignored. */
static void die_of(int signo)
{
    sigset_t set;

    signal(signo, SIG_DFL);
    stop_signals(&set);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    raise(signo);
    _exit(128 + signo); /* as PID 1, which Linux does not end by a signal */
}

/*
 * Take the first signal as a request, and end the process at the second. This
 * is a separate thread because the main thread may be in a call that does not
 * return: a name server that does not answer, a disk that is gone. It waits
 * for blocked signals, so that no system call is ever interrupted.
 */
static void *watch(void *unused)
{
    sigset_t set;
    int64_t first_ms;
    int signo = 0;

    stop_signals(&set);
    while (sigwait(&set, &signo))
        ;
    first_ms = pf_now_ms();
    atomic_store(&asked, signo);
    eventfd_write(stop_fd, 1);
    do
        sigwait(&set, &signo);
    while (pf_now_ms() - first_ms <= SAME_WISH_MS);
    die_of(signo);
    return unused;
}

static int start_watcher(void)
{
    pthread_attr_t attr;
    pthread_t watcher;
    int code = pthread_attr_init(&attr);

    if (code)
        return code;
    pthread_attr_setstacksize(&attr, WATCHER_STACK);
    code = pthread_create(&watcher, &attr, watch, NULL);
    pthread_attr_destroy(&attr);
    return code;
}

enum pf_rc pf_stop_init(struct pf_error *err)
{
    sigset_t set;
    int code;

    pf_hold_standard_descriptors();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* write(2) says that a file may not grow */
    stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (stop_fd < 0)
        return pf_fail(err, PF_IO, "eventfd: %s", strerror(errno));
    stop_signals(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    code = start_watcher();
    if (!code)
        return PF_OK;
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    close(stop_fd);
    stop_fd = -1;
    return pf_fail(err, PF_IO,
                   "cannot start a thread: %s; see ulimit -u, and the limit "
                   "on processes of the container",
                   strerror(code));
}

bool pf_stop_asked(void)
{
    return atomic_load_explicit(&asked, memory_order_relaxed);
}

void pf_stop_accept(void)
{
    accepted = true;
}

enum pf_rc pf_wait(int fd, short events, int ms)
{
    int64_t deadline = pf_now_ms() + ms;

    for (;;) {
        /* poll(2) ignores negative descriptors. */
        struct pollfd fds[] = {
            {.fd = fd, .events = events},
            {.fd = accepted ? -1 : stop_fd, .events = POLLIN},
        };
        int n;

        if (pf_stop_asked() && !accepted)
            return PF_END;
        n = poll(fds, 2, ms);
        if (n < 0 && errno != EINTR)
            return PF_OK; /* the caller's next call on fd gets the error */
        if (n > 0 && fds[1].revents)
            return PF_END;
        if (n > 0)
            return PF_OK;
        if (n == 0)
            return PF_AGAIN;

        if (ms > 0) /* interrupted: what is left of the time */
            ms = pf_left_ms(deadline);
    }
}

enum pf_rc pf_wait_until(int timer, int64_t at_ns, int ms)
{
    struct itimerspec at = {.it_value = {.tv_sec = at_ns / PF_SECOND_NS,
                                         .tv_nsec = at_ns % PF_SECOND_NS}};

    timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, NULL);
    return pf_wait(timer, POLLIN, ms);
}
