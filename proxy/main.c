/* pf-proxy: a poor network between programs and a Kafka broker. */
#include <inttypes.h>
#include <stdlib.h>

#include "log.h"
#include "prng.h"
#include "program.h"
#include "proxy.h"

/* A connection needs two descriptors; a process usually may have 1024. */
#define CONNECTIONS_MAX 500

struct settings {
    char *routes, *seed;
    double latency_ms, jitter_ms, reset;
    int64_t bandwidth_kbytes, slice, buffer_kbytes, connections;
    int64_t outage_s, outage_every_s;
    uint64_t seed_number; /* seed, or what was chosen instead */
};

static const struct pf_option options[] = {
    PF_OPTION_STR(struct settings, routes, "feed.routes",
                  "127.0.0.1:9093=127.0.0.1:9092",
                  "LISTEN=TO,..., each host:port: where to listen, and the "
                  "server to connect to"),
    PF_OPTION_NUM(struct settings, latency_ms, "feed.latency.ms", "0", 0, 1e6,
                  "delay of each byte in milliseconds, each way"),
    PF_OPTION_NUM(struct settings, jitter_ms, "feed.jitter.ms", "0", 0, 1e6,
                  "random change of the delay, plus or minus, in milliseconds; "
                  "order is kept"),
    PF_OPTION_INT(struct settings, bandwidth_kbytes, "feed.bandwidth.kbytes",
                  "0", 0, 1e9,
                  "KiB per second on each connection, each way; 0: no limit"),
    PF_OPTION_INT(
        struct settings, slice, "feed.slice.bytes", "0", 0, 65536,
        "largest piece in which bytes are passed on; 0: as they come"),
    PF_OPTION_NUM(struct settings, reset, "feed.reset.probability", "0", 0, 1,
                  "probability that a piece of input (up to 64 KiB) resets the "
                  "connection"),
    PF_OPTION_INT(struct settings, outage_every_s, "feed.outage.every.s", "0",
                  0, 1e6,
                  "period of outages in seconds: in one, old and new "
                  "connections are reset; 0: never"),
    PF_OPTION_INT(struct settings, outage_s, "feed.outage.s", "5", 1, 1e6,
                  "outage length in seconds; equal to feed.outage.every.s "
                  "means permanently down"),
    PF_OPTION_INT(struct settings, buffer_kbytes, "feed.buffer.kbytes", "256",
                  1, 65536,
                  "KiB in transit on a connection, each way; with a latency "
                  "this also limits the speed"),
    PF_OPTION_INT(
        struct settings, connections, "feed.connections", "256", 1,
        CONNECTIONS_MAX,
        "largest number of open connections; others wait to be accepted"),
    PF_OPTION_STR(struct settings, seed, "feed.seed", "",
                  "seed of chance, 0 to 18446744073709551615; empty: chosen at "
                  "random, and logged"),
    PF_OPTION_END,
};

static enum pf_rc prepare(void *context, const struct pf_settings *given,
                          struct pf_error *err)
{
    struct settings *s = context;
    enum pf_rc rc = pf_seed_choose(s->seed, &s->seed_number, err);

    if (rc)
        return pf_settings_fail(given, "feed.seed", rc, err);
    if (s->outage_every_s && s->outage_s > s->outage_every_s)
        return pf_fail(err, PF_CONFIG,
                       "%s: feed.outage.s: %" PRId64 " is more than "
                       "feed.outage.every.s, %" PRId64,
                       pf_settings_where(given, "feed.outage.s"), s->outage_s,
                       s->outage_every_s);
    return PF_OK;
}

static enum pf_rc run(const void *context, void *no_library,
                      struct pf_error *err)
{
    const struct settings *s = context;
    const struct proxy_conf conf = {
        .routes = s->routes,
        .faults = {.latency_ns = (int64_t)(s->latency_ms * 1e6),
                   .jitter_ns = (int64_t)(s->jitter_ms * 1e6),
                   .bandwidth = (double)s->bandwidth_kbytes * 1024,
                   .slice = (size_t)s->slice,
                   .reset = s->reset},
        .buffer = (size_t)s->buffer_kbytes * 1024,
        .connections = (size_t)s->connections,
        .seed = s->seed_number,
        .outage_period_ns = s->outage_every_s * 1000000000,
        .outage_ns = s->outage_s * 1000000000,
    };
    struct proxy *proxy = NULL;
    enum pf_rc rc;

    (void)no_library;
    rc = proxy_open(&conf, &proxy, err);
    if (rc)
        return pf_fail_in(err, rc, "feed.routes: ");
    pf_log(PF_LOG_INFO, "feed.seed is %" PRIu64, conf.seed);
    rc = proxy_run(proxy, err);
    proxy_close(proxy);
    return rc;
}

static const struct pf_program program = {
    .name = "proxy",
    .command = "pf-proxy",
    .prefix = "PROXY_",
    .summary = "Forward connections to a Kafka broker as a poor network would."
               "\n",
    .options = options,
    .prepare = prepare,
    .run = run,
};

int main(int argc, char **argv)
{
    struct settings settings = {0};

    /* A name server that does not answer must not delay a stop for long. */
    setenv("RES_OPTIONS", "timeout:1 attempts:1", 0);
    return pf_program_main(&program, argc, argv, &settings);
}
