/* web.h - what the resources of pf-web share. */
#ifndef PF_WEB_H
#define PF_WEB_H

#include <stdbool.h>

#include "http.h"

/** The settings of pf-web. Strings are owned by the table of options. */
struct web_conf {
    char *listen;
    char *token; /* empty: none */
    char *hosts;
    char *origin;
    char *assets; /* directory of the page's files; empty: PF_HOME/web */
    char *run;    /* PF_RUN of the feed; empty: it is elsewhere */
    char *topic;
    char *candles; /* topics, separated by commas; empty: none */
    char *store;   /* a connection string; empty: there is none */
    char *store_schema;
    bool is_published;
    int64_t connections;
};

/** What the routes get as their context. */
struct web {
    const struct web_conf *conf;
    struct web_assets *assets;
    struct web_prices *prices;
    struct web_candles *candles;
    struct web_kafka *kafka;
    struct web_store *store;
    struct web_lags *lags;
    struct pf_stats *stats; /* web_metrics */
    struct web_broker *broker;
    struct web_feed *feed;
    struct web_now *now;  /* web_now_stream */
    unsigned log_streams; /* how many there are; the serving thread's own */
};

/** The resources, see resources.c. */
extern const struct pf_http_route web_routes[];

#endif
