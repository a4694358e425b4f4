#include "outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* O_NONBLOCK belongs to the open file, which others share: open it again. */
void outlet_init(struct outlet *outlet, int fd)
{
    char path[40];

    outlet->n = outlet->done = 0;
    outlet->is_gone = false;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    outlet->fd = open(path,
                      O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    outlet->may_block = outlet->fd < 0;
    if (outlet->fd < 0)
        outlet->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

void outlet_release(struct outlet *outlet)
{
    if (outlet->fd >= 0)
        close(outlet->fd);
    outlet->fd = -1;
}

bool outlet_is_full(const struct outlet *outlet)
{
    return outlet->done < outlet->n;
}

/* A socket cannot be opened again, but asked for one write that does not wait.
 * Of what else may block, a pipe that is ready has room for PIPE_BUF bytes. */
static ssize_t write_without_waiting(int fd, const char *buf, size_t n)
{
    struct pollfd out = {.fd = fd, .events = POLLOUT};
    ssize_t done = send(fd, buf, n, MSG_DONTWAIT | MSG_NOSIGNAL);

    if (done >= 0 || errno != ENOTSOCK)
        return done;
    if (poll(&out, 1, 0) != 1) {
        errno = EAGAIN;
        return -1;
    }
    return write(fd, buf, n < PIPE_BUF ? n : PIPE_BUF);
}

void outlet_flush(struct outlet *outlet)
{
    while (outlet_is_full(outlet)) {
        const char *from = outlet->buf + outlet->done;
        size_t left = outlet->n - outlet->done;
        ssize_t n = outlet->may_block
                        ? write_without_waiting(outlet->fd, from, left)
                        : write(outlet->fd, from, left);

        if (n > 0) {
            outlet->done += (size_t)n;
        } else if (n < 0 && errno != EAGAIN && errno != EINTR) {
            outlet->is_gone = true;
            outlet->done = outlet->n;
        } else if (n >= 0 || errno == EAGAIN) {
            return;
        }
    }
}

void outlet_put(struct outlet *outlet, const struct log_record *record)
{
    if (outlet->is_gone)
        return;
    outlet->n = log_object_write(outlet->buf, record);
    outlet->done = 0;
    outlet_flush(outlet);
}
