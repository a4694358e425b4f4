#include "address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "text.h"

enum pf_rc pf_parse_address(const char *text, char host[static PF_HOST_SIZE],
                            int *port, struct pf_error *err)
{
    const char *colon = strrchr(text, ':');
    size_t len = colon ? (size_t)(colon - text) : 0;
    int64_t number;
    enum pf_rc rc;

    if (!colon || len >= PF_HOST_SIZE)
        return pf_fail(err, PF_CONFIG, "'%.80s' is not host:port", text);
    rc = pf_parse_int(colon + 1, 1, 65535, &number, err);
    if (rc)
        return pf_fail_in(err, PF_CONFIG, "'%.80s': the port ", text);
    if (len >= 2 && text[0] == '[' && colon[-1] == ']') {
        text++;
        len -= 2;
    } else if (memchr(text, ':', len)) {
        return pf_fail(err, PF_CONFIG,
                       "'%.80s' is not host:port; put an IPv6 address in []",
                       text);
    }
    memcpy(host, text, len);
    host[len] = '\0';
    *port = (int)number;
    return PF_OK;
}

bool pf_host_is_any(const char *host)
{
    return !*host || !strcmp(host, "0.0.0.0") || !strcmp(host, "::");
}

bool pf_host_is_loopback(const char *host)
{
    unsigned char bytes[4];

    /* A name such as 127.example.org is not an address. */
    return !strcasecmp(host, "localhost") || !strcmp(host, "::1") ||
           (inet_pton(AF_INET, host, bytes) == 1 && bytes[0] == 127);
}

enum pf_rc pf_resolve_address(const char *text, int flags,
                              struct addrinfo **ret, struct pf_error *err)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = flags | AI_NUMERICSERV};
    char host[PF_HOST_SIZE], service[12];
    int port, code;
    enum pf_rc rc = pf_parse_address(text, host, &port, err);

    if (rc)
        return rc;
    snprintf(service, sizeof service, "%d", port);
    code = getaddrinfo(*host ? host : NULL, service, &hints, ret);
    if (code)
        return pf_fail(err, PF_IO, "%s: %s", text,
                       code == EAI_SYSTEM ? strerror(errno)
                                          : gai_strerror(code));
    return PF_OK;
}
