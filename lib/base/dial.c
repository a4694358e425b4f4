#include "dial.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address.h"
#include "stop.h"

/* The outcome of a connection that was under way, as errno has it. */
static int outcome(int fd, int ms)
{
    int why = ETIMEDOUT;

    if (pf_wait(fd, POLLOUT, ms))
        return why;
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &(socklen_t){sizeof why});
    return why;
}

/* Connect to one address. Returns 0, or why that failed. */
static int dial_one(const struct addrinfo *to, int ms, int *ret)
{
    int fd = socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
                    0);
    int why = 0;

    if (fd < 0)
        return errno;
    if (connect(fd, to->ai_addr, to->ai_addrlen))
        why = errno == EINPROGRESS ? outcome(fd, ms) : errno;
    if (why)
        close(fd);
    else
        *ret = fd;
    return why;
}

enum pf_rc pf_dial(const char *address, int ms, int *ret, struct pf_error *err)
{
    struct addrinfo *found;
    int why = EADDRNOTAVAIL;

    if (pf_resolve_address(address, 0, &found, err))
        return PF_CONFIG;
    for (const struct addrinfo *at = found; at && why; at = at->ai_next)
        why = dial_one(at, ms, ret);
    freeaddrinfo(found);
    return why ? pf_fail(err, PF_AGAIN, "%s: %s", address, strerror(why))
               : PF_OK;
}

enum pf_rc pf_knock(const char *address, int ms, struct pf_error *err)
{
    int fd = -1;
    enum pf_rc rc = pf_dial(address, ms, &fd, err);

    if (!rc)
        close(fd);
    return rc;
}
