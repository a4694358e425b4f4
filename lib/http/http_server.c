#include "http_server.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address.h"
#include "clock.h"
#include "log.h"

/* libmicrohttpd's own limit is for a connection that does nothing; a byte now
 * and then resets it. */
#define IDLE_S 30
#define REQUEST_MS 10000 /* for a request, from its connection or the last */
#define HASTE 10         /* a tenth of that while few places are left */
#define ANSWER_MS 60000  /* for an answer to be taken: 1 MB at 17 KB/s */
#define SWEEP_MS 1000

/* For a request's line and headers, and for what is sent: memory of each
 * connection. */
#define CONNECTION_MEMORY 12288

#define BACKLOG 128

void pf_http_wake(struct pf_http *http)
{
    uint64_t one = 1;

    /* It can fail only if the thread is to wake already. */
    if (write(http->wake, &one, sizeof one) < 0)
        return;
}

/* A connection begins or ends. */
static void notice(void *context, struct MHD_Connection *connection,
                   void **socket_context,
                   enum MHD_ConnectionNotificationCode what)
{
    struct pf_http *http = context;
    struct pf_http_client *client = *socket_context;
    const union MHD_ConnectionInfo *info;

    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        if (!client)
            return;
        *client->at = client->next;
        if (client->next)
            client->next->at = client->at;
        http->n_clients--;
        free(client);
        return;
    }
    client = calloc(1, sizeof *client);
    info = MHD_get_connection_info(connection,
                                   MHD_CONNECTION_INFO_CONNECTION_FD);
    if (!client || !info) {
        free(client);
        return; /* it has only libmicrohttpd's limits */
    }
    client->fd = info->connect_fd;
    client->since_ms = pf_now_ms();
    client->at = &http->clients;
    client->next = http->clients;
    if (client->next)
        client->next->at = &client->next;
    *client->at = client;
    http->n_clients++;
    *socket_context = client;
}

/* How long a request may take to come. */
static int request_ms(const struct pf_http *http)
{
    unsigned free = http->conf.connections - http->n_clients;

    return free > http->conf.connections / 4 ? http->conf.request_ms
                                             : http->conf.request_ms / HASTE;
}

/* Close the connections that take too long; streams have limits of their own.
 */
static void sweep(struct pf_http *http, int64_t now_ms)
{
    int limit_ms = request_ms(http);

    for (struct pf_http_request *r = http->streams; r; r = r->next_stream)
        if (r->client)
            r->client->since_ms = now_ms;
    for (struct pf_http_client *at = http->clients; at; at = at->next)
        if (now_ms - at->since_ms > (at->is_answered ? ANSWER_MS : limit_ms))
            shutdown(at->fd, SHUT_RDWR);
}

/* How long to wait for something to happen, in ms. */
static int wait_ms(struct pf_http *http, int64_t until_ms)
{
    MHD_UNSIGNED_LONG_LONG limit;
    int64_t ms = until_ms - pf_now_ms();

    /* Once more after the last client: only then does libmicrohttpd listen
     * again if there were too many. */
    if (!http->clients && !http->was_busy)
        ms = INT32_MAX;
    http->was_busy = http->clients != NULL;
    if (MHD_get_timeout(http->daemon, &limit) == MHD_YES && (int64_t)limit < ms)
        ms = (int64_t)limit;
    return ms < 0 ? 0 : (int)ms;
}

static void turn(struct pf_http *http, int epoll, int64_t *tick_ms,
                 int64_t *sweep_ms)
{
    struct pollfd fds[] = {{.fd = epoll, .events = POLLIN},
                           {.fd = http->wake, .events = POLLIN}};
    int64_t until_ms = http->streams && *tick_ms < *sweep_ms ? *tick_ms
                                                             : *sweep_ms;
    uint64_t n;
    int64_t now_ms;

    poll(fds, 2, wait_ms(http, until_ms));
    if (fds[1].revents && read(http->wake, &n, sizeof n) < 0)
        n = 0;
    pf_http_jobs_resume(http);
    now_ms = pf_now_ms();
    if (now_ms >= *tick_ms) {
        *tick_ms = now_ms + PF_HTTP_TICK_MS;
        pf_http_streams_tick(http, now_ms);
    }
    if (now_ms >= *sweep_ms) {
        *sweep_ms = now_ms + SWEEP_MS;
        sweep(http, now_ms);
    }
    MHD_run(http->daemon);
}

static void *run(void *context)
{
    struct pf_http *http = context;
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(
        http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    int64_t tick_ms = 0, sweep_ms = 0;

    while (!atomic_load(&http->is_idle))
        turn(http, info->epoll_fd, &tick_ms, &sweep_ms);
    pf_http_jobs_resume(http);
    pf_http_streams_end(http);
    MHD_run(http->daemon);
    return NULL;
}

/* A socket that listens at the address. */
static enum pf_rc listen_at(const char *address, int *ret, struct pf_error *err)
{
    struct addrinfo *found = NULL;
    enum pf_rc rc = pf_resolve_address(address, AI_PASSIVE, &found, err);
    int fd, on = 1;

    if (rc)
        return PF_CONFIG;
    fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
                0);
    if (fd < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, found->ai_addr, found->ai_addrlen) != 0 ||
        listen(fd, BACKLOG) != 0) {
        rc = pf_fail(err, errno == EADDRNOTAVAIL ? PF_CONFIG : PF_IO, "%s: %s",
                     address, strerror(errno));
        if (fd >= 0)
            close(fd);
    }
    freeaddrinfo(found);
    if (!rc)
        *ret = fd;
    return rc;
}

/* Each connection is a descriptor, and a program may usually have 1024. */
static void allow_descriptors(unsigned connections)
{
    struct rlimit limit;
    rlim_t wanted = connections + 256;

    if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static void log_line(void *context, const char *fmt, va_list list)
{
    char line[400];

    (void)context;
    vsnprintf(line, sizeof line, fmt, list);
    line[strcspn(line, "\n")] = '\0';
    pf_log(PF_LOG_DEBUG, "libmicrohttpd: %s", line);
}

static enum pf_rc start_daemon(struct pf_http *http, struct pf_error *err)
{
    http->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL,
        NULL, pf_http_serve, http, MHD_OPTION_EXTERNAL_LOGGER, log_line, NULL,
        MHD_OPTION_LISTEN_SOCKET, http->listening, MHD_OPTION_CONNECTION_LIMIT,
        http->conf.connections, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
        MHD_OPTION_URI_LOG_CALLBACK, pf_http_begin_request, http,
        MHD_OPTION_NOTIFY_COMPLETED, pf_http_end_request, http,
        MHD_OPTION_NOTIFY_CONNECTION, notice, http, MHD_OPTION_END);
    if (!http->daemon)
        return pf_fail(err, PF_IO, "libmicrohttpd does not start: %s",
                       strerror(errno));
    http->listening = -1; /* libmicrohttpd closes it */
    return PF_OK;
}

static enum pf_rc start_thread(struct pf_http *http, struct pf_error *err)
{
    if (pthread_create(&http->thread, NULL, run, http))
        return pf_fail(err, PF_IO, "the system gives no thread");
    http->has_thread = true;
    return PF_OK;
}

static void note_port(struct pf_http *http)
{
    char host[PF_HOST_SIZE];

    pf_parse_address(http->conf.listen, host, &http->port, NULL);
}

enum pf_rc pf_http_open(const struct pf_http_conf *conf,
                        const struct pf_http_route *routes, void *context,
                        struct pf_http **ret, struct pf_error *err)
{
    enum pf_rc rc = pf_mhd_load(err);
    struct pf_http *http;

    if (rc)
        return rc;
    http = calloc(1, sizeof *http);
    if (!http)
        return pf_fail(err, PF_NOMEM, "out of memory");
    http->conf = *conf;
    http->routes = routes;
    http->context = context;
    if (!conf->request_ms)
        http->conf.request_ms = REQUEST_MS;
    http->listening = -1;
    note_port(http);
    allow_descriptors(conf->connections);
    http->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    rc = http->wake < 0 ? pf_fail(err, PF_IO, "eventfd: %s", strerror(errno))
                        : pf_http_jobs_open(http, err);
    if (!rc)
        rc = listen_at(conf->listen, &http->listening, err);
    if (!rc)
        rc = start_daemon(http, err);
    if (!rc)
        rc = start_thread(http, err);
    if (rc) {
        pf_http_close(http);
        return rc;
    }
    *ret = http;
    return PF_OK;
}

int pf_http_port(const struct pf_http *http)
{
    return http->port;
}

void pf_http_close(struct pf_http *http)
{
    if (!http)
        return;
    pf_http_jobs_close(http);
    atomic_store(&http->is_idle, true);
    if (http->has_thread) {
        pf_http_wake(http);
        pthread_join(http->thread, NULL);
    }
    if (http->daemon)
        MHD_stop_daemon(http->daemon);
    if (http->listening >= 0)
        close(http->listening);
    if (http->wake >= 0)
        close(http->wake);
    free(http);
}
