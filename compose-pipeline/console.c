#include "console.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Copy from the pipe until all its writers are gone. This may wait for the
 * reader of standard output: nothing waits for this process. */
static void copy(int from)
{
    char buf[65536];
    ssize_t n;

    while ((n = read(from, buf, sizeof buf)) > 0)
        for (ssize_t done = 0, m; done < n; done += m) {
            m = write(STDOUT_FILENO, buf + done, (size_t)(n - done));
            if (m < 0 && errno == EAGAIN) {
                struct pollfd out = {STDOUT_FILENO, POLLOUT, 0};

                poll(&out, 1, -1);
                m = 0;
            } else if (m < 0) {
                _exit(1);
            }
        }
    _exit(0);
}

static void become_relay(const int ends[2])
{
    setsid(); /* only pf-init gets the terminal's signals */
    dup2(ends[0], STDIN_FILENO);
    close_range(STDERR_FILENO + 1, ~0u, 0); /* also the volume's lock */
    copy(STDIN_FILENO);
}

static enum pf_rc open_relay(struct console *ret, struct pf_error *err)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC))
        return pf_fail(err, PF_IO, "pipe: %s", strerror(errno));
    ret->relay = fork();
    if (ret->relay == 0)
        become_relay(ends);
    if (ret->relay < 0) {
        pf_fail(err, PF_IO, "fork: %s", strerror(errno));
        ret->relay = 0;
        close(ends[0]);
        close(ends[1]);
        return PF_IO;
    }
    close(ends[0]);
    ret->pipe = ends[1];
    return PF_OK;
}

enum pf_rc console_open(struct console *ret, struct pf_error *err)
{
    struct stat status;
    enum pf_rc rc = PF_OK;

    *ret = (struct console){.pipe = -1};
    if (!fstat(STDOUT_FILENO, &status) && S_ISSOCK(status.st_mode))
        rc = open_relay(ret, err);
    snprintf(ret->path, sizeof ret->path, "/proc/%d/fd/%d", (int)getpid(),
             ret->pipe < 0 ? STDOUT_FILENO : ret->pipe);
    return rc;
}

bool console_is_gone(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO};

    return poll(&out, 1, 0) == 1 && out.revents & (POLLERR | POLLHUP);
}

void console_close(struct console *console)
{
    if (console->pipe >= 0)
        close(console->pipe);
    console->pipe = -1;
}
