/* Who may ask. */
#include <string.h>
#include <strings.h>

#include "address.h"
#include "http_server.h"

#define TOKEN_MIN 16 /* shorter ones can be guessed */

/* The characters that stand for themselves in a URL and in a cookie. */
#define TOKEN_CHARACTERS                                   \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" \
    "0123456789-._~"

/* The host of a Host header, which may have a port. */
static bool host_of(const char *header, char host[static PF_HOST_SIZE])
{
    const char *begin = header + (*header == '[');
    size_t n = strcspn(begin, *header == '[' ? "]" : ":");

    if (!n || n >= PF_HOST_SIZE || (*header == '[' && begin[n] != ']'))
        return false;
    memcpy(host, begin, n);
    host[n] = '\0';
    return true;
}

static bool is_local(const char *host)
{
    size_t n = strlen(host);

    return pf_host_is_loopback(host) ||
           (n > 10 && !strcasecmp(host + n - 10, ".localhost"));
}

/* Is host one of the names in the list, which has commas in between? */
static bool is_among(const char *host, const char *list)
{
    size_t len = strlen(host);

    for (const char *at = list; at && *at; at += strspn(at, ", ")) {
        size_t n = strcspn(at, ", ");

        if (n == len && !strncasecmp(at, host, n))
            return true;
        at += n;
    }
    return false;
}

static bool host_is_ours(const struct pf_http_request *r)
{
    const char *header = pf_http_header(r, MHD_HTTP_HEADER_HOST);
    char host[PF_HOST_SIZE];

    return header && host_of(header, host) &&
           (is_local(host) || is_among(host, r->http->conf.hosts));
}

/* Without saying by its time how much of it is right. */
static bool is_token(const struct pf_http_request *r, const char *given)
{
    const char *token = r->http->conf.token;
    unsigned char differ = 0;

    if (!given || strlen(given) != strlen(token))
        return false;
    for (size_t i = 0; token[i]; i++)
        differ |= (unsigned char)(token[i] ^ given[i]);
    return !differ;
}

static bool has_token(const struct pf_http_request *r)
{
    const char *header = pf_http_header(r, MHD_HTTP_HEADER_AUTHORIZATION);

    if (header && !strncasecmp(header, "Bearer ", 7))
        return is_token(r, header + 7);
    return is_token(r, MHD_lookup_connection_value(
                           r->connection, MHD_COOKIE_KIND, PF_HTTP_COOKIE));
}

bool pf_http_admits(const struct pf_http_request *r,
                    struct pf_http_reply *reply)
{
    if (!r->http->conf.token) {
        if (host_is_ours(r))
            return true;
        pf_http_refuse(reply, MHD_HTTP_MISDIRECTED_REQUEST,
                       "this host name is not served; name it in the setting "
                       "for hosts, such as feed.web.hosts");
        return false;
    }
    if (has_token(r) || (r->route && r->route->is_open))
        return true;
    pf_http_refuse(reply, MHD_HTTP_UNAUTHORIZED,
                   "a token is needed: Authorization: Bearer TOKEN, or open "
                   "/login?token=TOKEN once");
    return false;
}

void pf_http_login(const struct pf_http_request *r, struct pf_http_reply *reply)
{
    if (r->http->conf.token && is_token(r, pf_http_query(r, "token")))
        reply->status = MHD_HTTP_SEE_OTHER;
    else
        pf_http_refuse(reply, MHD_HTTP_UNAUTHORIZED, "this is not the token");
}

enum pf_rc pf_http_check(const struct pf_http_conf *conf, bool is_published,
                         struct pf_error *err)
{
    char host[PF_HOST_SIZE];
    enum pf_rc rc;
    int port;

    rc = pf_parse_address(conf->listen, host, &port, err);
    if (rc)
        return rc;
    if (conf->token && (strlen(conf->token) < TOKEN_MIN ||
                        conf->token[strspn(conf->token, TOKEN_CHARACTERS)]))
        return pf_fail(err, PF_CONFIG,
                       "the token needs %d or more letters, digits, '-', '.', "
                       "'_' and '~'",
                       TOKEN_MIN);
    if (conf->token || is_published || pf_host_is_loopback(host))
        return PF_OK;
    return pf_fail(err, PF_CONFIG,
                   "%s: others could ask: set a token, or listen on 127.0.0.1",
                   conf->listen);
}
