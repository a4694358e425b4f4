/* serve.h - a program that runs alone shows its metrics and health by HTTP. */
#ifndef PF_SERVE_H
#define PF_SERVE_H

#include "options.h"
#include "stats.h"

/** The settings; the strings are the options table's. */
struct pf_serve_conf {
    char *listen, *token, *hosts;
};

/** Rows for the options table of a struct type with a member conf. */
#define PF_SERVE_OPTIONS(type, conf)                                          \
    PF_OPTION_STR(type, conf.listen, "feed.metrics.listen", "",               \
                  "host:port that serves /metrics, /health and /ready by "    \
                  "HTTP; empty: none"),                                       \
        PF_OPTION_STR(type, conf.token, "feed.metrics.token", "",             \
                      "token that a request for /metrics must have; empty: "  \
                      "none, for loopback only"),                             \
        PF_OPTION_STR(type, conf.hosts, "feed.metrics.hosts", "",             \
                      "names, besides localhost, that a Host header without " \
                      "a token may have, separated by commas")

/**
 * Check what the options table cannot.
 *
 * PF_CONFIG  a setting is wrong; *err says which one, and why
 */
enum pf_rc pf_serve_check(const struct pf_serve_conf *conf,
                          const struct pf_settings *settings,
                          struct pf_error *err);

/** A server that is running. */
struct pf_serve;

/**
 * Serve the metrics of the program of that name, which is borrowed like stats
 * and conf; their table begins with PF_PUMP_METRIC_ROWS. Without an address
 * nothing is served, and *ret is NULL.
 *
 * /health is 200 while the program's loop turns, and once it has finished;
 * /ready once it has begun, too. Otherwise they are 503. Both say why, and need
 * no token.
 *
 * PF_CONFIG  conf.listen is not an address of this machine
 * PF_IO      the address is taken, or a system call failed
 * PF_NOMEM   out of memory
 */
enum pf_rc pf_serve_open(const struct pf_serve_conf *conf, const char *program,
                         struct pf_stats *stats, struct pf_serve **ret,
                         struct pf_error *err);

/** End it. Before this, stats must not be closed. NULL does nothing. */
void pf_serve_close(struct pf_serve *serve);

#endif
