/* From a request to its answer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "http_server.h"

/* What a page may do is what it needs: run and show our own files. */
#define POLICY                                                          \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src " \
    "'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; " \
    "frame-ancestors 'none'"

void *pf_http_begin_request(void *context, const char *uri,
                            struct MHD_Connection *connection)
{
    struct pf_http_request *r = calloc(1, sizeof *r);
    const union MHD_ConnectionInfo *info;

    if (!r)
        return NULL;
    r->http = context;
    r->connection = connection;
    r->path = strndup(uri, strcspn(uri, "?"));
    r->reply.status = MHD_HTTP_OK;
    info = MHD_get_connection_info(connection,
                                   MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    r->client = info ? info->socket_context : NULL;
    return r;
}

void pf_http_end_request(void *context, struct MHD_Connection *connection,
                         void **request, enum MHD_RequestTerminationCode why)
{
    struct pf_http_request *r = *request;

    (void)context;
    (void)connection;
    (void)why;
    if (!r)
        return;
    if (r->client) {
        r->client->is_answered = false;
        r->client->since_ms = pf_now_ms();
    }
    if (r->at) {
        *r->at = r->next_stream;
        if (r->next_stream)
            r->next_stream->at = r->at;
    }
    if (r->stream)
        r->stream->ops->close(r->stream);
    pf_http_frame_drop(r->frame);
    pf_buffer_release(&r->reply.body);
    free(r->path);
    free(r);
    *request = NULL;
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if ((c | 32) >= 'a' && (c | 32) <= 'f')
        return (c | 32) - 'a' + 10;
    return -1;
}

/* Decode %XX in text, in place. False: it is malformed, or has a NUL. */
static bool decode(char *text)
{
    char *to = text;

    for (const char *from = text; *from; from++) {
        if (*from == '%') {
            int high = digit(from[1]), low = high < 0 ? -1 : digit(from[2]);

            if (low < 0 || !(high * 16 + low))
                return false;
            *to++ = (char)(high * 16 + low);
            from += 2;
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
    return true;
}

/* Does path have the form of pattern? */
static bool matches(const char *pattern, const char *path)
{
    while (*pattern) {
        if (!strncmp(pattern, "{}", 2)) {
            size_t n = strcspn(path, "/");

            if (!n)
                return false;
            pattern += 2;
            path += n;
        } else if (*pattern++ != *path++) {
            return false;
        }
    }
    return !*path;
}

/* Cut the parts out of the path, which has the form of pattern. False: they are
 * malformed. */
static bool cut_parts(struct pf_http_request *r, const char *pattern)
{
    char *path = r->path;
    size_t n = 0;

    while (*pattern) {
        if (strncmp(pattern, "{}", 2)) {
            pattern++;
            path++;
            continue;
        }
        r->parts[n++] = path;
        path += strcspn(path, "/");
        pattern += 2;
        if (*path) { /* as in the pattern */
            *path++ = '\0';
            pattern++;
        }
    }
    for (size_t i = 0; i < n; i++)
        if (!decode((char *)(uintptr_t)r->parts[i]))
            return false;
    return true;
}

static const struct pf_http_route *find(const struct pf_http_request *r)
{
    for (const struct pf_http_route *at = r->http->routes; at->path; at++)
        if (matches(at->path, r->path))
            return at;
    return NULL;
}

/* Look at a request for the first time. */
static void begin(struct pf_http_request *r, const char *method)
{
    struct pf_http_reply *reply = &r->reply;

    r->state = PF_HTTP_READY;
    if (!r->path) {
        reply->body.failed = true;
        return;
    }
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 &&
        strcmp(method, MHD_HTTP_METHOD_HEAD) != 0) {
        pf_http_refuse(reply, MHD_HTTP_METHOD_NOT_ALLOWED,
                       "only GET and HEAD are served");
        return;
    }
    if (!strcmp(r->path, "/login")) {
        pf_http_login(r, reply);
        return;
    }
    r->route = find(r);
    if (!pf_http_admits(r, reply))
        return;
    if (!r->route) {
        pf_http_refuse(reply, MHD_HTTP_NOT_FOUND, "there is no %s", r->path);
        return;
    }
    if (!cut_parts(r, r->route->path)) {
        pf_http_refuse(reply, MHD_HTTP_BAD_REQUEST, "the path is malformed");
        return;
    }
    if (r->route->answer)
        r->route->answer(r->http->context, r, reply);
    else if (r->route->stream)
        r->stream = r->route->stream(r->http->context, r, reply);
    else if (pf_http_jobs_add(r->http, r))
        r->state = PF_HTTP_WORKING;
    else
        pf_http_refuse(reply, MHD_HTTP_SERVICE_UNAVAILABLE,
                       "too much is asked at once; try again");
}

void pf_http_headers(const struct pf_http_request *r,
                     struct MHD_Response *response)
{
    const char *tag = r->reply.tag;
    char quoted[sizeof r->reply.tag + 2];
    const struct {
        const char *name, *value;
    } headers[] = {
        {"Content-Security-Policy", POLICY},
        {"X-Content-Type-Options", "nosniff"},
        {"Referrer-Policy", "no-referrer"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Cache-Control", *tag ? "private, no-cache" : "no-store"},
        {"ETag", *tag ? quoted : NULL},
        {"Access-Control-Allow-Origin", r->http->conf.origin},
        {"Content-Type", r->reply.type},
        {"Content-Disposition", r->reply.disposition},
    };

    snprintf(quoted, sizeof quoted, "\"%s\"", tag);
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        if (headers[i].value && *headers[i].value)
            MHD_add_response_header(response, headers[i].name,
                                    headers[i].value);
}

/* What only some answers have. */
static void add_headers(const struct pf_http_request *r,
                        struct MHD_Response *response)
{
    unsigned status = r->reply.status;
    char cookie[1000];

    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, "Allow", "GET, HEAD");
    if (status == MHD_HTTP_UNAUTHORIZED)
        MHD_add_response_header(response, "WWW-Authenticate", "Bearer");
    if (status == MHD_HTTP_SERVICE_UNAVAILABLE)
        MHD_add_response_header(response, "Retry-After", "1");
    if (status != MHD_HTTP_SEE_OTHER)
        return;
    MHD_add_response_header(response, "Location", "/");
    if (snprintf(cookie, sizeof cookie,
                 PF_HTTP_COOKIE "=%s; HttpOnly; SameSite=Strict; Path=/",
                 r->http->conf.token) < (int)sizeof cookie)
        MHD_add_response_header(response, "Set-Cookie", cookie);
}

static enum MHD_Result send_reply(struct pf_http_request *r)
{
    struct pf_buffer *body = &r->reply.body;
    struct MHD_Response *response;
    enum MHD_Result result;

    if (body->failed)
        return MHD_NO; /* out of memory: this closes the connection */
    if (!body->at)
        response = MHD_create_response_from_buffer(0, NULL,
                                                   MHD_RESPMEM_PERSISTENT);
    else
        response = MHD_create_response_from_buffer(body->n, body->at,
                                                   MHD_RESPMEM_MUST_FREE);
    if (!response)
        return MHD_NO;
    *body = (struct pf_buffer){0};
    pf_http_headers(r, response);
    add_headers(r, response);
    result = MHD_queue_response(r->connection, r->reply.status, response);
    MHD_destroy_response(response);
    return result;
}

enum MHD_Result pf_http_serve(void *context, struct MHD_Connection *connection,
                              const char *url, const char *method,
                              const char *version, const char *body,
                              size_t *body_size, void **request)
{
    struct pf_http_request *r = *request;

    (void)context;
    (void)connection;
    (void)url;
    (void)version;
    (void)body;
    if (!r)
        return MHD_NO; /* there was no memory for it */
    if (!r->is_seen || *body_size) {
        /* An answer to the headers alone would end the connection; and nobody
         * wants a body. */
        r->is_seen = true;
        *body_size = 0;
        return MHD_YES;
    }
    if (r->state == PF_HTTP_NEW) {
        if (r->client) {
            r->client->is_answered = true;
            r->client->since_ms = pf_now_ms();
        }
        begin(r, method);
        if (r->state == PF_HTTP_WORKING) {
            MHD_suspend_connection(connection);
            return MHD_YES;
        }
    }
    return r->stream ? pf_http_stream_begin(r) : send_reply(r);
}
