#include "serve.h"

#include <stdio.h>
#include <stdlib.h>

#include "address.h"
#include "clock.h"
#include "http.h"
#include "metrics_text.h"

/* A live program beats at least once a second. */
#define BEAT_MS 3000

/* One Prometheus asks, and a person or two. */
#define CONNECTIONS 16

struct pf_serve {
    struct pf_http *http;
    const char *program;
    struct pf_stats *stats;
};

static struct pf_http_conf http_conf(const struct pf_serve_conf *conf)
{
    return (struct pf_http_conf){.listen = conf->listen,
                                 .hosts = conf->hosts,
                                 .token = *conf->token ? conf->token : NULL,
                                 .connections = CONNECTIONS};
}

enum pf_rc pf_serve_check(const struct pf_serve_conf *conf,
                          const struct pf_settings *settings,
                          struct pf_error *err)
{
    struct pf_http_conf http = http_conf(conf);
    /* With a token, that is all that can be wrong besides the address. */
    const char *name = "feed.metrics.listen";
    char host[PF_HOST_SIZE];
    enum pf_rc rc;
    int port;

    if (!*conf->listen)
        return PF_OK;
    rc = pf_parse_address(conf->listen, host, &port, err);
    if (!rc) {
        rc = pf_http_check(&http, false, err);
        if (http.token)
            name = "feed.metrics.token";
    }
    return rc ? pf_settings_fail(settings, name, rc, err) : PF_OK;
}

static void metrics(void *context, const struct pf_http_request *request,
                    struct pf_http_reply *reply)
{
    const struct pf_serve *serve = context;
    struct pf_metrics_program program = {serve->program, serve->stats};
    bool openmetrics = pf_metrics_wants_openmetrics(
        pf_http_header(request, "Accept"));

    reply->type = openmetrics ? PF_METRICS_OPENMETRICS : PF_METRICS_TEXT;
    pf_metrics_write(&reply->body, &program, 1, openmetrics, pf_boot_ns());
    pf_metrics_end(&reply->body, openmetrics);
}

static uint64_t number(const struct pf_serve *serve, const char *name,
                       uint64_t otherwise)
{
    pf_stats_read(serve->stats, name, &otherwise, NULL);
    return otherwise;
}

static void say(struct pf_http_reply *reply, unsigned status, const char *state,
                const char *why)
{
    reply->status = status;
    reply->type = "application/json";
    pf_buffer_printf(&reply->body, "{\"state\":\"%s\",\"why\":\"%s\"}\n", state,
                     why);
}

/* True, and nothing is said, if the program's loop turns. */
static bool lives(const struct pf_serve *serve, struct pf_http_reply *reply)
{
    uint64_t beat_ns = number(serve, "beat_ns", 0);
    long long late_ms = (pf_now_ns() - (int64_t)beat_ns) / 1000000;
    char why[100];

    if (number(serve, "finished", 0)) {
        say(reply, 200, "finished", "the source had nothing more to give");
    } else if (!beat_ns) {
        say(reply, 503, "starting",
            "it has not begun; its log says what it waits for");
    } else if (late_ms > BEAT_MS) {
        snprintf(why, sizeof why,
                 "it has not moved for %lld s; its log says why",
                 late_ms / 1000);
        say(reply, 503, "unhealthy", why);
    } else {
        return true;
    }
    return false;
}

static void health(void *context, const struct pf_http_request *request,
                   struct pf_http_reply *reply)
{
    (void)request;
    if (lives(context, reply))
        say(reply, 200, "healthy", "its loop turns");
}

static void ready(void *context, const struct pf_http_request *request,
                  struct pf_http_reply *reply)
{
    (void)request;
    if (!lives(context, reply))
        return;
    /* Of a program that has to find out where to begin. */
    if (!number(context, "began_ns", 1))
        say(reply, 503, "starting",
            "it does not know yet where to begin; its log says what it waits "
            "for");
    else
        say(reply, 200, "healthy", "it has begun");
}

enum pf_rc pf_serve_open(const struct pf_serve_conf *conf, const char *program,
                         struct pf_stats *stats, struct pf_serve **ret,
                         struct pf_error *err)
{
    static const struct pf_http_route routes[] = {
        {.path = "/metrics", .answer = metrics},
        {.path = "/health", .answer = health, .is_open = true},
        {.path = "/ready", .answer = ready, .is_open = true},
        {.path = NULL},
    };
    struct pf_http_conf http = http_conf(conf);
    struct pf_serve *serve = NULL;
    enum pf_rc rc;

    if (!*conf->listen) {
        *ret = NULL;
        return PF_OK;
    }
    serve = calloc(1, sizeof *serve);
    if (!serve)
        return pf_fail(err, PF_NOMEM, "out of memory");
    serve->program = program;
    serve->stats = stats;
    rc = pf_http_open(&http, routes, serve, &serve->http, err);
    if (rc) {
        free(serve);
        return pf_fail_in(err, rc, "feed.metrics.listen: ");
    }
    *ret = serve;
    return PF_OK;
}

void pf_serve_close(struct pf_serve *serve)
{
    if (!serve)
        return;
    pf_http_close(serve->http);
    free(serve);
}
