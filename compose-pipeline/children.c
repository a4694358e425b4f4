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

/* Send signal (0: none) to every child but except; returns how many there are.
 */
static int signal_each(int signal, pid_t except)
{
    FILE *list = fopen("/proc/thread-self/children", "re");
    int n = 0, pid;

    while (list && fscanf(list, "%d", &pid) == 1) {
        if (pid == except)
            continue;
        kill(pid, signal);
        n++;
    }
    if (list)
        fclose(list);
    return n;
}

bool children_end(int signal, pid_t except, int ms, int signals)
{
    int64_t deadline = pf_now_ms() + ms;
    int status;

    for (;;) {
        struct pollfd wake = {.fd = signals, .events = POLLIN};
        struct signalfd_siginfo info;

        children_reap(0, &status);
        if (!signal_each(signal, except))
            return true;
        if (pf_now_ms() >= deadline)
            return false;
        if (poll(&wake, 1, LOOK_MS) > 0 &&
            read(signals, &info, sizeof info) < 0)
            return false;
    }
}
