#include "children.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"

/* How often to look for new orphans while waiting. */
#define LOOK_MS 20

bool children_reap(pid_t pid, int *ret_status)
{
    bool found = false;
    int status;
    pid_t gone;

    while ((gone = waitpid(-1, &status, WNOHANG)) > 0) {
        if (gone == pid) {
            *ret_status = status;
            found = true;
        }
    }
    return found;
}

static bool is_among(pid_t pid, const pid_t *pids, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (pids[i] == pid)
            return true;
    return false;
}

/* Returns how many children there are but those that are spared. */
static int signal_each(int signal, const pid_t *spared, size_t n_spared)
{
    FILE *list = fopen("/proc/thread-self/children", "re");
    int n = 0, pid;

    while (list && fscanf(list, "%d", &pid) == 1) {
        if (is_among(pid, spared, n_spared))
            continue;
        kill(pid, signal);
        n++;
    }
    if (list)
        fclose(list);
    return n;
}

bool children_end(int signal, const pid_t *spared, size_t n, int ms,
                  int signals)
{
    int64_t deadline = pf_now_ms() + ms;
    int status;

    for (;;) {
        struct pollfd wake = {.fd = signals, .events = POLLIN};
        struct signalfd_siginfo info;

        children_reap(0, &status);
        if (!signal_each(signal, spared, n))
            return true;
        if (pf_now_ms() >= deadline)
            return false;
        if (poll(&wake, 1, LOOK_MS) > 0 &&
            read(signals, &info, sizeof info) < 0)
            return false;
    }
}
