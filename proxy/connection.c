#include "connection.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* Most writes in one turn, so that slices of one byte do not starve others. */
#define WRITES_MAX 256

/* A socket, and the line that leads to it. */
struct end {
    int fd; /* -1: none */
    struct line *to;
    uint32_t watched; /* events that epoll waits for; 0: not in epoll */
    bool full;        /* the socket's buffer is full */
    bool ended;       /* shut down for writing */
};

enum { CLIENT, SERVER };

struct connection {
    struct end ends[2];
    int epoll; /* borrowed */
    uint64_t tag, bytes;
    struct addrinfo *addresses, *next; /* all of them, and the next to try */
    bool connecting, cut;
};

enum pf_rc connection_open(int client, struct addrinfo *addresses, int epoll,
                           uint64_t tag, const struct line_faults *faults,
                           size_t size, uint64_t seed, struct connection **ret,
                           struct pf_error *err)
{
    struct connection *c = calloc(1, sizeof *c);

    if (!c) {
        close(client);
        freeaddrinfo(addresses);
        return pf_fail(err, PF_NOMEM, "out of memory");
    }
    c->epoll = epoll;
    c->tag = tag;
    c->addresses = c->next = addresses;
    c->connecting = true;
    c->ends[CLIENT] = (struct end){.fd = client,
                                   .to = line_new(faults, size, seed)};
    c->ends[SERVER] = (struct end){.fd = -1,
                                   .to = line_new(faults, size, ~seed)};
    if (!c->ends[CLIENT].to || !c->ends[SERVER].to) {
        connection_close(c, true);
        return pf_fail(err, PF_NOMEM, "out of memory");
    }
    *ret = c;
    return PF_OK;
}

/* Send at once what is written: only the line delays bytes. */
static void do_not_delay(int fd)
{
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
}

/* PF_AGAIN: connecting, the outcome is not known yet. */
static enum pf_rc connect_server(struct connection *c, struct pf_error *err)
{
    struct end *server = &c->ends[SERVER];
    int why = EADDRNOTAVAIL;

    for (; c->next; c->next = c->next->ai_next) {
        if (server->fd < 0)
            server->fd = socket(c->next->ai_family,
                                SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (server->fd >= 0 &&
            (!connect(server->fd, c->next->ai_addr, c->next->ai_addrlen) ||
             errno == EISCONN))
            return PF_OK;
        why = errno;
        if (server->fd >= 0 && (why == EINPROGRESS || why == EALREADY))
            return PF_AGAIN;
        if (server->fd >= 0)
            close(server->fd); /* this removes it from epoll, too */
        server->fd = -1;
        server->watched = 0;
    }
    return pf_fail(err, PF_IO, "the server does not answer: %s", strerror(why));
}

static enum pf_rc broken(const struct connection *c, const struct end *end,
                         struct pf_error *err)
{
    return pf_fail(err, PF_IO, "the %s: %s",
                   end == &c->ends[CLIENT] ? "client" : "server",
                   strerror(errno));
}

static bool not_now(void)
{
    return errno == EAGAIN || errno == EINTR;
}

/* Put what from has sent into the line to the other end. */
static enum pf_rc fill(struct connection *c, struct end *from, struct line *to,
                       int64_t now_ns, struct pf_error *err)
{
    char *bytes;
    size_t room = line_room(to, now_ns, &bytes);
    ssize_t n;

    if (!room)
        return PF_OK;
    n = recv(from->fd, bytes, room, 0);
    if (n < 0)
        return not_now() ? PF_OK : broken(c, from, err);
    if (n)
        line_put(to, (size_t)n, now_ns);
    else
        line_end(to, now_ns);
    return PF_OK;
}

/* Write to this end what has come through its line. */
static enum pf_rc drain(struct connection *c, struct end *end, int64_t now_ns,
                        struct pf_error *err)
{
    const char *bytes;
    size_t room;
    ssize_t n;

    end->full = false;
    for (int i = 0; i < WRITES_MAX; i++) {
        switch (line_look(end->to, now_ns, &bytes, &room)) {
        case LINE_NOTHING:
            return PF_OK;
        case LINE_RESET:
            c->cut = true;
            return pf_fail(err, PF_IO, "cut by chance");
        case LINE_END:
            shutdown(end->fd, SHUT_WR);
            line_take(end->to, 0);
            end->ended = true;
            return PF_OK;
        case LINE_BYTES:
            n = send(end->fd, bytes, room, MSG_NOSIGNAL);
            if (n < 0 && !not_now())
                return broken(c, end, err);
            end->full = n < 0;
            if (end->full)
                return PF_OK;
            line_take(end->to, (size_t)n);
            c->bytes += (uint64_t)n;
        }
    }
    return PF_OK;
}

/* Make epoll wait for these events. A socket with none has to be removed, or
 * epoll would report its hang-up again and again. */
static enum pf_rc watch(struct connection *c, struct end *end, uint32_t events,
                        struct pf_error *err)
{
    struct epoll_event event = {.events = events, .data.u64 = c->tag};
    int change = !events         ? EPOLL_CTL_DEL
                 : !end->watched ? EPOLL_CTL_ADD
                                 : EPOLL_CTL_MOD;

    if (events == end->watched)
        return PF_OK;
    if (epoll_ctl(c->epoll, change, end->fd, &event))
        return pf_fail(err, PF_IO, "epoll: %s", strerror(errno));
    end->watched = events;
    return PF_OK;
}

static enum pf_rc watch_both(struct connection *c, int64_t now_ns,
                             struct pf_error *err)
{
    enum pf_rc rc = PF_OK;

    for (int i = 0; !rc && i < 2; i++) {
        struct end *end = &c->ends[i], *other = &c->ends[!i];
        uint32_t events = end->full ? EPOLLOUT : 0;
        char *bytes;

        if (line_room(other->to, now_ns, &bytes))
            events |= EPOLLIN;
        rc = watch(c, end, events, err);
    }
    return rc;
}

enum pf_rc connection_turn(struct connection *c, int64_t now_ns,
                           struct pf_error *err)
{
    enum pf_rc rc = PF_OK;

    if (c->connecting) {
        rc = connect_server(c, err);
        if (rc == PF_AGAIN)
            return watch(c, &c->ends[SERVER], EPOLLOUT, err);
        if (rc)
            return rc;
        c->connecting = false;
        do_not_delay(c->ends[CLIENT].fd);
        do_not_delay(c->ends[SERVER].fd);
    }
    for (int i = 0; !rc && i < 2; i++) {
        rc = fill(c, &c->ends[i], c->ends[!i].to, now_ns, err);
        if (!rc)
            rc = drain(c, &c->ends[!i], now_ns, err);
    }
    if (!rc && c->ends[CLIENT].ended && c->ends[SERVER].ended)
        return PF_END;
    return rc ? rc : watch_both(c, now_ns, err);
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t connection_due_ns(const struct connection *c)
{
    int64_t due_ns = INT64_MAX;

    for (int i = 0; !c->connecting && i < 2; i++) {
        const struct end *end = &c->ends[i], *other = &c->ends[!i];

        if (!end->full)
            due_ns = sooner(due_ns, line_due_ns(end->to));
        /* It is not watched for reading now, so epoll does not wake us. */
        if (!(end->watched & EPOLLIN))
            due_ns = sooner(due_ns, line_busy_ns(other->to));
    }
    return due_ns;
}

uint64_t connection_bytes(const struct connection *c)
{
    return c->bytes;
}

bool connection_was_cut(const struct connection *c)
{
    return c->cut;
}

void connection_close(struct connection *c, bool reset)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};

    if (!c)
        return;
    for (int i = 0; i < 2; i++) {
        struct end *end = &c->ends[i];

        if (end->fd >= 0 && reset)
            setsockopt(end->fd, SOL_SOCKET, SO_LINGER, &at_once,
                       sizeof at_once);
        if (end->fd >= 0)
            close(end->fd);
        line_free(end->to);
    }
    if (c->addresses)
        freeaddrinfo(c->addresses);
    free(c);
}
