#include "role_wait.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address.h"
#include "clock.h"
#include "say.h"

#define CONNECT_MS 2000
#define PAUSE_MS 100 /* from one round to the next */

/* Who is started a little too early says nothing. */
#define SAY_AFTER_MS 1000
#define SAY_AGAIN_MS 10000

/* Connect to one of its addresses, and hang up. Returns an errno, 0 if it has
 * accepted. */
static int connect_once(const struct addrinfo *to)
{
    int fd = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
                    0);
    struct pollfd done = {.fd = fd, .events = POLLOUT};
    socklen_t size = sizeof(int);
    int why = 0;

    if (fd < 0)
        return errno;
    if (connect(fd, to->ai_addr, to->ai_addrlen))
        why = errno;
    if (why == EINPROGRESS && poll(&done, 1, CONNECT_MS) == 1)
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &size);
    else if (why == EINPROGRESS)
        why = ETIMEDOUT;
    close(fd);
    return why;
}

static bool knock(const char *address, struct pf_error *err)
{
    struct addrinfo *found;
    int why = 0;

    if (pf_resolve_address(address, 0, &found, err))
        return false;
    for (const struct addrinfo *to = found; to; to = to->ai_next) {
        why = connect_once(to);
        if (!why)
            break;
    }
    freeaddrinfo(found);
    if (why)
        pf_fail(err, PF_AGAIN, "%s: %s", address, strerror(why));
    return !why;
}

/* Copy the address that begins at text, without its protocol and its path, and
 * with a port. Returns where the next one begins. */
static const char *next_address(const char *text, const char *port, char *ret,
                                size_t size)
{
    size_t len = strcspn(text, ",");
    const char *end = text + len, *protocol = memmem(text, len, "://", 3);

    if (protocol)
        text = protocol + 3;
    while (*text == ' ' && text < end)
        text++;
    len = strcspn(text, " ,/");
    snprintf(ret, size, memchr(text, ':', len) ? "%.*s" : "%.*s:%s", (int)len,
             text, port);
    return *end ? end + 1 : end;
}

bool role_knock(const char *list, const char *port, struct pf_error *err)
{
    char address[PF_HOST_SIZE + 16];

    while (*list) {
        list = next_address(list, port, address, sizeof address);
        if (knock(address, err))
            return true;
    }
    return false;
}

void role_wait(const char *what, const char *list, const char *port)
{
    struct pf_error err = {"there is no address"};
    int64_t began_ms = pf_now_ms(), say_ms = began_ms + SAY_AFTER_MS;
    bool said = false;

    while (!role_knock(list, port, &err)) {
        if (pf_now_ms() >= say_ms) {
            say("waiting for %s at %s (%s)", what, list, err.text);
            say_ms = pf_now_ms() + SAY_AGAIN_MS;
            said = true;
        }
        poll(NULL, 0, PAUSE_MS);
    }
    if (said)
        say("%s answers after %.1f s", what,
            (double)(pf_now_ms() - began_ms) / 1000);
}
