/* pf-web: the live page of a feed, its API and its metrics. */
#include <json-c/json.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "assets.h"
#include "broker_watch.h"
#include "candle_reader.h"
#include "clock.h"
#include "feed_now.h"
#include "kafka.h"
#include "kafka_program.h"
#include "lags.h"
#include "log.h"
#include "metrics.h"
#include "now.h"
#include "prices.h"
#include "stop.h"
#include "store.h"
#include "store_link.h"
#include "web.h"
#include "where_child.h"

/* How often the feed's counters are looked at. */
#define SAMPLE_MS 1000

static const struct pf_option options[] = {
    PF_OPTION_STR(struct web_conf, listen, "feed.web.listen", "127.0.0.1:8080",
                  "host:port to serve the page at; others than this machine "
                  "need a token"),
    PF_OPTION_STR(struct web_conf, token, "feed.web.token", "",
                  "what whoever asks must know; 16 letters, digits, '-', '.', "
                  "'_' or '~' at least; empty: nobody"),
    PF_OPTION_STR(struct web_conf, hosts, "feed.web.hosts", "",
                  "names in the Host header that are served besides localhost, "
                  "separated by commas"),
    PF_OPTION_STR(struct web_conf, origin, "feed.web.origin", "",
                  "another site whose pages may read the API, such as "
                  "https://example.org; empty: none"),
    PF_OPTION_BOOL(struct web_conf, is_published, "feed.web.published", "false",
                   "it listens where only this machine gets at it, such as in "
                   "a container whose port is published on 127.0.0.1"),
    PF_OPTION_INT(struct web_conf, connections, "feed.web.connections", "1200",
                  10, 100000, "largest number of open connections"),
    PF_OPTION_STR(struct web_conf, assets, "feed.web.assets", "",
                  "directory of the page's files; empty: web/ of PF_HOME"),
    PF_OPTION_STR(struct web_conf, run, "feed.run", "",
                  "directory with the counters and logs of a feed on this "
                  "machine; empty: none is here"),
    PF_OPTION_STR(struct web_conf, topic, "feed.topic", "prices-topic",
                  "topic of the prices"),
    PF_OPTION_STR(struct web_conf, candles, "feed.web.candles",
                  "candles-1s,candles-1m",
                  "topics with candles of the prices that the page can draw, "
                  "separated by commas; empty: none"),
    PF_OPTION_STR(struct web_conf, store, "feed.store.conninfo", "",
                  "connection string, as for psql, of the database whose "
                  "tables the API shows; empty: none"),
    PF_OPTION_STR(struct web_conf, store_schema, "feed.store.schema", "store",
                  "schema that these tables are in"),
    PF_OPTION_END,
};

static struct pf_kafka_default kafka_defaults[] = {
    {"bootstrap.servers", "127.0.0.1:9092", PF_KAFKA_DEFAULT,
     "brokers to ask first, host:port,..."},
    {"client.id", "pf-web", PF_KAFKA_DEFAULT,
     "name of this program in the broker's log"},
    WEB_KAFKA_ROWS,
    PF_KAFKA_CONNECTION_ROWS,
    {0},
};

static struct pf_http_conf http_conf(const struct web_conf *conf)
{
    return (struct pf_http_conf){
        .listen = conf->listen,
        .hosts = conf->hosts,
        .token = *conf->token ? conf->token : NULL,
        .origin = *conf->origin ? conf->origin : NULL,
        .connections = (unsigned)conf->connections,
    };
}

static enum pf_rc prepare(void *context, const struct pf_settings *settings,
                          struct pf_error *err)
{
    const struct web_conf *conf = context;
    const struct pf_http_conf http = http_conf(conf);
    enum pf_rc rc = pf_http_check(&http, conf->is_published, err);

    if (rc)
        return pf_settings_fail(settings, "feed.web.listen", rc, err);
    rc = pf_topic_check(conf->topic, err);
    if (rc)
        return pf_settings_fail(settings, "feed.topic", rc, err);
    rc = web_store_link_check(conf->store, err);
    if (rc)
        return pf_settings_fail(settings, "feed.store.conninfo", rc, err);
    rc = web_candles_check(conf->candles, err);
    return rc ? pf_settings_fail(settings, "feed.web.candles", rc, err) : PF_OK;
}

static enum pf_rc open_assets(const struct web_conf *conf,
                              struct web_assets **ret, struct pf_error *err)
{
    const char *home = getenv("PF_HOME");
    char dir[4096];

    if (*conf->assets)
        snprintf(dir, sizeof dir, "%s", conf->assets);
    else
        snprintf(dir, sizeof dir, "%s/web",
                 home ? home : PF_PREFIX "/share/pricefeed");
    return web_assets_open(dir, ret, err);
}

/* Until a stop is asked for. */
static void sample(const struct web *web)
{
    do {
        bool is_healthy = web_feed_look(web->feed, pf_now_ns(),
                                        web_broker_trouble(web->broker));

        pf_stats_set(web->stats, WEB_HEALTHY, is_healthy);
        pf_stats_set(web->stats, WEB_BROKER_UP,
                     web_broker_answers(web->broker));
    } while (pf_wait(-1, 0, SAMPLE_MS) == PF_AGAIN);
}

static enum pf_rc serve(const void *context, void *kafka, struct pf_error *err)
{
    const struct web_conf *conf = context;
    const struct pf_http_conf http = http_conf(conf);
    struct web web = {.conf = conf};
    struct pf_http *server = NULL;
    enum pf_rc rc = open_assets(conf, &web.assets, err);

    if (!rc)
        rc = web_broker_open(kafka, conf->topic, &web.broker, err);
    if (!rc)
        rc = web_candles_open(kafka, conf->candles, &web.candles, err);
    if (rc)
        rd_kafka_conf_destroy(kafka);
    else
        rc = web_kafka_open(kafka, &web.kafka, err);
    if (!rc)
        rc = web_lags_open(web.kafka, &web.lags, err);
    if (!rc)
        rc = web_store_open(conf->store, conf->store_schema, &web.store, err);
    if (!rc)
        rc = web_feed_new(conf->run, &web.feed, err);
    if (!rc)
        rc = web_now_new(web.feed, &web.now, err);
    if (!rc)
        rc = pf_stats_open("", web_metrics, WEB_METRICS, &web.stats, err);
    if (!rc)
        rc = web_prices_open(conf->run, &web.prices, err);
    if (!rc)
        rc = pf_http_open(&http, web_routes, &web, &server, err);
    if (!rc) {
        pf_log(PF_LOG_INFO, "the page is at http://%s/", conf->listen);
        sample(&web);
    }
    pf_http_close(server);
    web_prices_close(web.prices);
    web_candles_close(web.candles);
    pf_stats_close(web.stats);
    web_now_free(web.now);
    web_feed_free(web.feed);
    web_store_close(web.store);
    web_lags_close(web.lags);
    web_broker_close(web.broker);
    /* web.kafka lives until the process ends, as the client in web.broker. */
    web_assets_close(web.assets);
    return rc;
}

static const char *http_version(void)
{
    return MHD_get_version();
}

/* What --version names. */
static const struct pf_part parts[] = {{"librdkafka", rd_kafka_version_str},
                                       {"libmicrohttpd", http_version},
                                       {"json-c", json_c_version},
                                       {0}};

static const struct pf_program program = {
    .name = "web",
    .command = "pf-web",
    .prefix = "WEB_",
    .summary = "Serve a page that shows a feed while it runs: its health, "
               "prices, topics and\nlogs; the API behind it; and its metrics. "
               "It writes nothing to Kafka.\n",
    .options = options,
    .parts = parts,
    .library = &pf_kafka_library,
    .library_defaults = kafka_defaults,
    .prepare = prepare,
    .run = serve,
};

int main(int argc, char **argv)
{
    struct web_conf conf = {0};

    if (web_where_is_child(argv))
        return web_where_child();
    return pf_program_main(&program, argc, argv, &conf);
}
