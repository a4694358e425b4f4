#include "routes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address.h"

/* Most connections that may wait to be accepted. */
#define BACKLOG 128

/* Listen at the first address that works. */
static enum pf_rc listen_at(struct route *route, struct pf_error *err)
{
    struct addrinfo *addresses = NULL;
    int why = EADDRNOTAVAIL;
    enum pf_rc rc = pf_resolve_address(route->from, AI_PASSIVE, &addresses,
                                       err);

    if (rc)
        return PF_CONFIG;
    for (struct addrinfo *a = addresses; a && route->fd < 0; a = a->ai_next) {
        int fd = socket(a->ai_family,
                        SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

        if (fd >= 0 &&
            !setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)) &&
            !bind(fd, a->ai_addr, a->ai_addrlen) && !listen(fd, BACKLOG)) {
            route->fd = fd;
            continue;
        }
        why = errno;
        if (fd >= 0)
            close(fd);
    }
    freeaddrinfo(addresses);
    if (route->fd < 0)
        return pf_fail(err, PF_IO, "%s: cannot listen: %s", route->from,
                       strerror(why));
    return PF_OK;
}

/* Add the route that LISTEN=TO describes; splits it in place. */
static enum pf_rc add(struct routes *routes, char *element,
                      struct pf_error *err)
{
    struct route *route = &routes->list[routes->n];
    char host[PF_HOST_SIZE], *to = strchr(element, '=');
    int port;
    enum pf_rc rc;

    if (routes->n == ROUTES_MAX)
        return pf_fail(err, PF_CONFIG, "more than %d routes", ROUTES_MAX);
    if (!to)
        return pf_fail(err, PF_CONFIG,
                       "'%.80s' is not LISTEN=TO, as in "
                       "127.0.0.1:9093=127.0.0.1:9092",
                       element);
    *to++ = '\0';
    *route = (struct route){.from = element, .to = to, .fd = -1};
    routes->n++;
    rc = pf_parse_address(to, host, &port, err);
    if (!rc && !*host)
        rc = pf_fail(err, PF_CONFIG, "'%.80s' has no host", to);
    return rc ? rc : listen_at(route, err);
}

enum pf_rc routes_open(const char *text, struct routes *ret,
                       struct pf_error *err)
{
    char *rest, *element;
    enum pf_rc rc = PF_OK;

    *ret = (struct routes){.text = strdup(text)};
    if (!ret->text)
        return pf_fail(err, PF_NOMEM, "out of memory");
    rest = ret->text;
    while (!rc && (element = strsep(&rest, ",")))
        rc = add(ret, element, err);
    return rc;
}

void routes_close(struct routes *routes)
{
    for (size_t i = 0; i < routes->n; i++)
        if (routes->list[i].fd >= 0)
            close(routes->list[i].fd);
    free(routes->text);
    *routes = (struct routes){0};
}
