/* Any bytes that a client sends: the server answers with HTTP, in printable
 * text, or not at all, and goes on. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct pf_http *http;

/* End with a message that names what does not hold, and the last error. */
#define must(holds)                                              \
    do {                                                         \
        if (!(holds)) {                                          \
            fprintf(stderr, "does not hold: %s (%m)\n", #holds); \
            abort();                                             \
        }                                                        \
    } while (0)

/* What comes from outside is said as an error says it. */
static void echo(void *context, const struct pf_http_request *request,
                 struct pf_http_reply *reply)
{
    const char *name = pf_http_query(request, "q");

    (void)context;
    pf_http_refuse(reply, name ? 400 : 404, "'%s' of %s", name ? name : "",
                   pf_http_part(request, 0));
}

static void path(void *context, const struct pf_http_request *request,
                 struct pf_http_reply *reply)
{
    (void)context;
    pf_http_refuse(reply, 404, "%s", pf_http_path(request));
}

static const struct pf_http_route routes[] = {
    {.path = "/a/{}", .answer = echo},
    {.path = "/a/{}/b/{}/{}", .answer = echo},
    {.path = "/s/{}", .slow = echo},
    {.path = "/", .answer = path, .is_open = true},
    {0},
};

/* Listen on a port that nobody has. */
static void begin(void)
{
    static char listen[40];
    struct pf_http_conf conf = {.listen = listen, .connections = 20};

    for (int port = 20000 + getpid() % 20000; !http && port < 65536; port++) {
        snprintf(listen, sizeof listen, "127.0.0.1:%d", port);
        pf_http_open(&conf, routes, NULL, &http, NULL);
    }
    must(http != NULL);
}

static int connect_to_it(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    /* Closed with a reset: with TIME_WAIT, 28 000 inputs in a minute would
     * take every port of the machine. */
    const struct linger reset = {.l_onoff = 1};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    address.sin_port = htons((uint16_t)pf_http_port(http));
    /* EINTR: libFuzzer's own alarm; send() waits for the connection then. */
    must(!connect(fd, (struct sockaddr *)&address, sizeof address) ||
         errno == EINTR);
    return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* Of a request that it waits for the rest of, the server says nothing. */
    const struct timeval limit = {.tv_usec = 20000};
    static const char last[] = "\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\n"
                               "Connection: close\r\n\r\n";
    char answer[8192];
    size_t n = 0;
    ssize_t got;
    int fd;

    if (!http)
        begin();
    fd = connect_to_it();
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    (void)!send(fd, data, size, MSG_NOSIGNAL); /* it may have had enough */
    (void)!send(fd, last, sizeof last - 1, MSG_NOSIGNAL);
    while (n < sizeof answer &&
           (got = recv(fd, answer + n, sizeof answer - n, 0)) > 0)
        n += (size_t)got;
    must(n == sizeof answer || got == 0 || errno == ECONNRESET ||
         errno == EAGAIN || errno == EINTR);
    close(fd);
    must(!n || (n > 9 && !memcmp(answer, "HTTP/1.", 7)));
    for (size_t i = 0; i < n; i++)
        must((answer[i] >= ' ' && answer[i] < 127) || answer[i] == '\r' ||
             answer[i] == '\n');
    return 0;
}
