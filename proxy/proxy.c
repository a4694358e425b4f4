#include "proxy.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address.h"
#include "clock.h"
#include "connection.h"
#include "log.h"
#include "prng.h"
#include "routes.h"
#include "stop.h"

/* Pause in accepting connections after the kernel had no descriptor left. */
#define REST_NS INT64_C(1000000000)

/* Data in epoll: the number of a route; after these, those of connections. */
struct proxy {
    const struct proxy_conf *conf;
    struct routes routes;
    int epoll;
    bool accepting; /* the routes are in epoll */
    int64_t began_ns, rest_ns;
    bool away; /* during an outage */

    struct connection **list; /* conf->connections of them, NULL: free */
    size_t n;
    bool *woken; /* which of them epoll has reported */
    uint64_t accepted, cut, bytes;
    struct pf_log_limit crowded, unreachable, lost;
};

enum pf_rc proxy_open(const struct proxy_conf *conf, struct proxy **ret,
                      struct pf_error *err)
{
    struct proxy *p = calloc(1, sizeof *p);
    enum pf_rc rc;

    if (!p)
        return pf_fail(err, PF_NOMEM, "out of memory");
    p->conf = conf;
    p->began_ns = pf_now_ns();
    p->list = calloc(conf->connections, sizeof *p->list);
    p->woken = calloc(conf->connections, sizeof *p->woken);
    p->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (p->epoll < 0)
        rc = pf_fail(err, PF_IO, "epoll: %s", strerror(errno));
    else if (!p->list || !p->woken)
        rc = pf_fail(err, PF_NOMEM, "out of memory");
    else
        rc = routes_open(conf->routes, &p->routes, err);
    if (rc) {
        proxy_close(p);
        return rc;
    }
    for (size_t i = 0; i < p->routes.n; i++)
        pf_log(PF_LOG_INFO, "%s leads to %s", p->routes.list[i].from,
               p->routes.list[i].to);
    *ret = p;
    return PF_OK;
}

static void drop(struct proxy *p, size_t i, bool reset)
{
    if (!p->list[i])
        return;
    p->bytes += connection_bytes(p->list[i]);
    p->cut += connection_was_cut(p->list[i]);
    connection_close(p->list[i], reset);
    p->list[i] = NULL;
    p->n--;
}

static void drop_all(struct proxy *p)
{
    for (size_t i = 0; i < p->conf->connections; i++)
        drop(p, i, true);
}

/* Notice whether the network is away. Returns when the next outage begins or
 * ends; INT64_MAX: never. */
static int64_t heed_network(struct proxy *p, int64_t now_ns)
{
    int64_t period = p->conf->outage_period_ns, phase, up;
    bool away;

    if (!period)
        return INT64_MAX;
    phase = (now_ns - p->began_ns) % period;
    up = period - p->conf->outage_ns;
    away = phase >= up;
    if (away != p->away)
        pf_log(PF_LOG_INFO,
               away ? "the network is away" : "the network is back");
    if (away && !p->away)
        drop_all(p);
    p->away = away;
    return now_ns - phase + (away ? period : up);
}

static void refuse(int fd)
{
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1},
               sizeof(struct linger));
    close(fd);
}

static void connect_through(struct proxy *p, int fd, const struct route *route)
{
    struct addrinfo *addresses;
    struct pf_error err;
    size_t i = 0;
    enum pf_rc rc = pf_resolve_address(route->to, 0, &addresses, &err);

    if (rc) {
        pf_log_limited(&p->unreachable, PF_LOG_WARNING, "%s", err.text);
        refuse(fd);
        return;
    }
    while (p->list[i])
        i++;
    rc = connection_open(fd, addresses, p->epoll, ROUTES_MAX + i,
                         &p->conf->faults, p->conf->buffer,
                         pf_prng_at(p->conf->seed, p->accepted), &p->list[i],
                         &err);
    if (rc) {
        pf_log_limited(&p->unreachable, PF_LOG_WARNING, "%s", err.text);
        return;
    }
    p->accepted++;
    p->n++;
    p->woken[i] = true; /* let it start */
}

static void accept_from(struct proxy *p, const struct route *route,
                        int64_t now_ns)
{
    while (p->n < p->conf->connections) {
        int fd = accept4(route->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd >= 0 && p->away) {
            refuse(fd);
        } else if (fd >= 0) {
            connect_through(p, fd, route);
        } else {
            if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
                pf_log_limited(&p->crowded, PF_LOG_WARNING, "accept: %s",
                               strerror(errno));
                p->rest_ns = now_ns + REST_NS;
            }
            return;
        }
    }
    pf_log_limited(&p->crowded, PF_LOG_WARNING,
                   "%zu connections, as many as feed.connections allows; "
                   "others wait",
                   p->n);
}

/* Make epoll report new connections, as long as there is room for them. */
static enum pf_rc watch_routes(struct proxy *p, int64_t now_ns,
                               struct pf_error *err)
{
    bool accepting = p->n < p->conf->connections && p->rest_ns <= now_ns;

    for (size_t i = 0; accepting != p->accepting && i < p->routes.n; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.u64 = i};

        if (epoll_ctl(p->epoll, accepting ? EPOLL_CTL_ADD : EPOLL_CTL_DEL,
                      p->routes.list[i].fd, &event))
            return pf_fail(err, PF_IO, "epoll: %s", strerror(errno));
    }
    p->accepting = accepting;
    return PF_OK;
}

/* Handle what epoll reports. */
static void listen_to_all(struct proxy *p, int64_t now_ns)
{
    struct epoll_event events[64];
    int n = epoll_wait(p->epoll, events, 64, 0);

    for (int i = 0; i < n; i++) {
        uint64_t tag = events[i].data.u64;

        if (tag < ROUTES_MAX)
            accept_from(p, &p->routes.list[tag], now_ns);
        else
            p->woken[tag - ROUTES_MAX] = true;
    }
}

/* Let each connection that is due do its work. Returns when the next one is
 * due. */
static int64_t turn_all(struct proxy *p, int64_t now_ns)
{
    int64_t next_ns = INT64_MAX;

    for (size_t i = 0; i < p->conf->connections; i++) {
        struct connection *c = p->list[i];
        struct pf_error err;
        enum pf_rc rc = PF_OK;

        if (!c)
            continue;
        if (p->woken[i] || connection_due_ns(c) <= now_ns)
            rc = connection_turn(c, now_ns, &err);
        p->woken[i] = false;
        if (rc == PF_OK && connection_due_ns(c) < next_ns)
            next_ns = connection_due_ns(c);
        if (rc && rc != PF_END)
            pf_log_limited(&p->lost, PF_LOG_INFO, "a connection is lost: %s",
                           err.text);
        if (rc)
            drop(p, i, rc != PF_END);
    }
    return next_ns;
}

/* Wait until then, for epoll, or for a request to stop. */
static enum pf_rc wait_until(const struct proxy *p, int64_t then_ns)
{
    int64_t ms = (then_ns - pf_now_ns() + 999999) / 1000000;

    if (then_ns == INT64_MAX)
        return pf_wait(p->epoll, POLLIN, -1);
    ms = ms < 0 ? 0 : ms > 60000 ? 60000 : ms;
    return pf_wait(p->epoll, POLLIN, (int)ms);
}

enum pf_rc proxy_run(struct proxy *p, struct pf_error *err)
{
    int64_t next_ns = 0;
    enum pf_rc rc;

    while ((rc = wait_until(p, next_ns)) != PF_END) {
        int64_t now_ns = pf_now_ns();
        int64_t turn_ns = heed_network(p, now_ns);

        listen_to_all(p, now_ns);
        next_ns = turn_all(p, now_ns);
        if (turn_ns < next_ns)
            next_ns = turn_ns;
        rc = watch_routes(p, now_ns, err);
        if (rc)
            return rc;
        if (p->rest_ns > now_ns && p->rest_ns < next_ns)
            next_ns = p->rest_ns;
    }
    drop_all(p);
    pf_log(PF_LOG_INFO,
           "%" PRIu64 " connections, of which %" PRIu64
           " were cut by chance; %" PRIu64 " bytes",
           p->accepted, p->cut, p->bytes);
    return PF_OK;
}

void proxy_close(struct proxy *p)
{
    if (!p)
        return;
    if (p->list)
        drop_all(p);
    routes_close(&p->routes);
    if (p->epoll >= 0)
        close(p->epoll);
    free(p->list);
    free(p->woken);
    free(p);
}
