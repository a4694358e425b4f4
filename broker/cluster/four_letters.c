#include "four_letters.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address.h"
#include "clock.h"
#include "dial.h"
#include "stop.h"

/* A connection, and until when it may be used. */
struct line {
    int fd;
    SSL *ssl; /* NULL: in plain text */
    int64_t deadline_ms;
};

/* Who we are, and whom we trust. */
static SSL_CTX *open_context(const struct pf_zookeeper_tls *tls)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());

    if (context &&
        SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
        SSL_CTX_load_verify_file(context, tls->authority) == 1 &&
        SSL_CTX_use_certificate_chain_file(context, tls->certificate) == 1 &&
        SSL_CTX_use_PrivateKey_file(context, tls->certificate,
                                    SSL_FILETYPE_PEM) == 1) {
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
        return context;
    }
    SSL_CTX_free(context);
    return NULL;
}

/* The other side has to be who was called. */
static bool expect(SSL *ssl, const char *address)
{
    char host[PF_HOST_SIZE];
    int port;

    return !pf_parse_address(address, host, &port, NULL) &&
           (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1 ||
            SSL_set1_host(ssl, host) == 1);
}

/* A call of libssl has returned that: wait until it may be called again. False:
 * it is of no use. */
static bool may_go_on(const struct line *line, int result)
{
    short events = 0;

    switch (SSL_get_error(line->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        events = POLLIN;
        break;
    case SSL_ERROR_WANT_WRITE:
        events = POLLOUT;
        break;
    default:
        return false;
    }
    return !pf_wait(line->fd, events, pf_left_ms(line->deadline_ms));
}

static bool agree(const struct line *line)
{
    int result;

    while ((result = SSL_connect(line->ssl)) != 1)
        if (!may_go_on(line, result))
            return false;
    return true;
}

static bool say(const struct line *line, const char *command)
{
    int len = (int)strlen(command), result;

    if (!line->ssl)
        return send(line->fd, command, (size_t)len, MSG_NOSIGNAL) == len;
    while ((result = SSL_write(line->ssl, command, len)) != len)
        if (!may_go_on(line, result))
            return false;
    return true;
}

/* Read what there is, up to size bytes; 0: nothing more comes. */
static size_t hear(const struct line *line, char *ret, size_t size)
{
    ssize_t n;
    int result;

    if (!line->ssl) {
        if (pf_wait(line->fd, POLLIN, pf_left_ms(line->deadline_ms)))
            return 0;
        n = read(line->fd, ret, size);
        return n > 0 ? (size_t)n : 0;
    }
    while ((result = SSL_read(line->ssl, ret, (int)size)) <= 0)
        if (!may_go_on(line, result))
            return 0;
    return (size_t)result;
}

static void talk(const struct line *line, const char *command, char *answer,
                 size_t size)
{
    size_t used = 0, n = say(line, command);

    while (n && used + 1 < size) {
        n = hear(line, answer + used, size - 1 - used);
        used += n;
    }
    answer[used] = '\0';
}

static void talk_tls(struct line *line, const struct pf_zookeeper_tls *tls,
                     const char *address, const char *command, char *answer,
                     size_t size)
{
    SSL_CTX *context = open_context(tls);

    line->ssl = context ? SSL_new(context) : NULL;
    if (line->ssl && SSL_set_fd(line->ssl, line->fd) == 1 &&
        expect(line->ssl, address) && agree(line))
        talk(line, command, answer, size);
    SSL_free(line->ssl);
    SSL_CTX_free(context);
    ERR_clear_error();
}

void pf_ask_zookeeper(const char *address, const struct pf_zookeeper_tls *tls,
                      const char *command, int ms, char *answer, size_t size)
{
    struct line line = {.deadline_ms = pf_now_ms() + ms};

    *answer = '\0';
    if (pf_dial(address, ms, &line.fd, NULL))
        return;
    if (tls->certificate && tls->authority)
        talk_tls(&line, tls, address, command, answer, size);
    else
        talk(&line, command, answer, size);
    close(line.fd);
}
