/* pf-consumer: prints prices from Kafka on the console, or writes records to
 * PostgreSQL. */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "kafka_group.h"
#include "kafka_program.h"
#include "kafka_source.h"
#include "letter_source.h"
#include "pump.h"
#include "serve.h"
#include "sinks.h"
#include "text.h"

/* How long to wait for a console that nobody reads, once a stop is asked for.
 * Together with the last commit's 0.8 s it is below the consumer's
 * stopwaitsecs of 2 s. */
#define DRAIN_MS 400

struct consumer {
    char *topic;
    char *partition;
    char *start;
    int64_t count;
    bool exit_at_end;
    int64_t commit_interval_ms;
    struct pf_sinks sinks;
    char *stats;
    struct pf_serve_conf serve;
    struct pf_kafka_start from; /* what these mean to the source */
};

static const struct pf_option options[] = {
    PF_OPTION_STR(struct consumer, topic, "feed.topic", "prices-topic",
                  "topic to consume; with feed.partition=all a list, or a "
                  "pattern that begins with ^; with feed.sink=origin also "
                  "file:PATH"),
    PF_OPTION_STR(
        struct consumer, partition, "feed.partition", "0",
        "partition of that topic; all: as a member of group.id, which "
        "shares all partitions among its members"),
    PF_OPTION_STR(struct consumer, start, "feed.start", "stored",
                  "stored: after the last printed record of group.id; or "
                  "earliest, latest, or an offset"),
    PF_OPTION_INT(
        struct consumer, count, "feed.count", "0", 0, 1e15,
        "end after this many prices, or records with feed.sink=origin; "
        "with postgres dead letters count, too; 0: never"),
    PF_OPTION_BOOL(struct consumer, exit_at_end, "feed.exit.at.end", "false",
                   "end at the topic's end, as it is when reading begins"),
    PF_OPTION_INT(struct consumer, commit_interval_ms,
                  "feed.commit.interval.ms", "1000", 10, 60000,
                  "longest time between commits, ms; after a crash at most "
                  "this much is printed again"),
    PF_SINKS_OPTIONS(struct consumer, sinks),
    PF_OPTION_STR(
        struct consumer, stats, "feed.stats", "",
        "file with counters, for health checks and metrics; empty: none"),
    PF_SERVE_OPTIONS(struct consumer, serve),
    PF_OPTION_END,
};

static struct pf_kafka_default kafka_defaults[] = {
    {"bootstrap.servers", "127.0.0.1:9092", PF_KAFKA_DEFAULT,
     "brokers to ask first, host:port,..."},
    {"client.id", "pf-consumer", PF_KAFKA_DEFAULT,
     "name of this program in the broker's log"},
    {"group.id", "pricefeed", PF_KAFKA_DEFAULT,
     "the group whose position feed.start=stored continues from"},
    {"auto.offset.reset", "earliest", PF_KAFKA_DEFAULT,
     "where to start when there is no such position"},
    {"partition.assignment.strategy", "cooperative-sticky", PF_KAFKA_DEFAULT,
     "a member that comes or goes does not stop the others"},
    {"enable.auto.commit", "false", PF_KAFKA_FIXED,
     "a position is committed after its line is written, by this program"},
    {"enable.auto.offset.store", "false", PF_KAFKA_FIXED, "the same"},
    {"enable.partition.eof", "true", PF_KAFKA_FIXED,
     "detects the topic's end: the marker of a transaction's end takes an "
     "offset"},
    {"isolation.level", "read_committed", PF_KAFKA_DEFAULT,
     "no records of open or aborted transactions"},
    {"topic.metadata.refresh.interval.ms", "10000", PF_KAFKA_DEFAULT,
     "a topic or partition that is new is read this soon, ms"},
    {"check.crcs", "true", PF_KAFKA_DEFAULT,
     "detects damage by disk or network"},
    {"fetch.queue.backoff.ms", "1", PF_KAFKA_TUNING,
     "resume fetching as soon as there is room; otherwise small records stall "
     "for a second"},
    {"queued.min.messages", "9000", PF_KAFKA_DEFAULT,
     "as fast as ten times as many, in a fraction of the memory"},
    {"fetch.message.max.bytes", "196608", PF_KAFKA_DEFAULT,
     "one answer holds one of our batches, and no part of the next, which "
     "would be fetched twice"},
    {"queued.max.messages.kbytes", "16384", PF_KAFKA_DEFAULT,
     "limits the memory for records waiting to be printed, in KiB"},
    PF_KAFKA_CONNECTION_ROWS,
    {0},
};

enum {
    PRICE_METRICS_AT = PF_PUMP_METRICS,
    POSTGRES_METRICS_AT = PRICE_METRICS_AT + PF_PRICE_METRICS,
    KAFKA_METRICS_AT = POSTGRES_METRICS_AT + PF_POSTGRES_METRICS,
    LATENCY = KAFKA_METRICS_AT + PF_KAFKA_METRICS,
    METRICS
};

static const struct pf_metric metrics[METRICS] = {
    PF_PUMP_METRIC_ROWS,
    PF_PRICE_METRIC_ROWS,
    PF_POSTGRES_METRIC_ROWS,
    PF_KAFKA_METRIC_ROWS,
    {"record_latency_ns",
     "From a record's timestamp, which is in whole milliseconds, to its "
     "arrival where it goes; 0 if it lies ahead. What is old counts with its "
     "age.",
     PF_HISTOGRAM, PF_UNIT_NANOSECONDS},
};

static enum pf_rc parse_start(const char *text, int64_t *ret,
                              struct pf_error *err)
{
    static const struct {
        const char *name;
        int64_t offset;
    } names[] = {
        {"stored", RD_KAFKA_OFFSET_STORED},
        {"earliest", RD_KAFKA_OFFSET_BEGINNING},
        {"latest", RD_KAFKA_OFFSET_END},
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!strcmp(text, names[i].name)) {
            *ret = names[i].offset;
            return PF_OK;
        }
    }
    if (pf_parse_int(text, 0, INT64_MAX, ret, NULL) == PF_OK)
        return PF_OK;
    return pf_fail(err, PF_CONFIG,
                   "'%.40s' is not stored, earliest, latest or an offset%s",
                   text, pf_quotes_hint(text));
}

/* The path, if feed.topic is a file of dead letters, else NULL. */
static const char *file_of(const struct consumer *conf)
{
    return strncmp(conf->topic, "file:", 5) ? NULL : conf->topic + 5;
}

/* What feed.topic and feed.partition ask for. */
static enum pf_rc parse_what(const struct consumer *conf,
                             const struct pf_settings *settings,
                             struct pf_kafka_start *ret, struct pf_error *err)
{
    int64_t partition = 0;
    enum pf_rc rc = PF_OK;

    ret->group = !strcmp(conf->partition, "all");
    if (!ret->group)
        rc = pf_parse_int(conf->partition, 0, INT32_MAX, &partition, err);
    if (rc)
        return pf_settings_fail(settings, "feed.partition", PF_CONFIG, err);
    ret->topic = conf->topic;
    ret->partition = (int32_t)partition;
    ret->chosen = pf_settings_get(settings, "feed.partition");
    if (file_of(conf) && conf->sinks.kind == PF_SINK_ORIGIN)
        return PF_OK;
    rc = ret->group ? pf_kafka_group_check(conf->topic, err)
                    : pf_topic_check(conf->topic, err);
    if (rc)
        return pf_settings_fail(settings, "feed.topic", rc, err);
    if (!ret->group)
        return PF_OK;
    if (ret->offset != RD_KAFKA_OFFSET_STORED) {
        pf_fail(err, PF_CONFIG,
                "with feed.partition = all it is stored: auto.offset.reset "
                "says where a new group begins");
        return pf_settings_fail(settings, "feed.start", PF_CONFIG, err);
    }
    if (conf->sinks.kind == PF_SINK_POSTGRES) {
        pf_fail(err, PF_CONFIG,
                "feed.sink = postgres reads one partition: start this program "
                "once for each");
        return pf_settings_fail(settings, "feed.partition", PF_CONFIG, err);
    }
    return PF_OK;
}

static enum pf_rc prepare(void *context, const struct pf_settings *settings,
                          struct pf_error *err)
{
    struct consumer *conf = context;
    enum pf_rc rc = parse_start(conf->start, &conf->from.offset, err);

    if (rc)
        return pf_settings_fail(settings, "feed.start", rc, err);
    rc = parse_what(conf, settings, &conf->from, err);
    if (rc)
        return rc;
    rc = pf_sinks_check(&conf->sinks, settings, conf->topic, err);
    if (!rc)
        rc = pf_serve_check(&conf->serve, settings, err);
    if (!rc)
        rc = pf_kafka_prepare_group(
            kafka_defaults, pf_sinks_group(&conf->sinks), settings, err);
    if (rc)
        return rc;
    conf->from.end_at_eof = conf->exit_at_end;
    /* A letter that is bad again comes back while others are sent. */
    conf->from.as_it_was = conf->exit_at_end &&
                           conf->sinks.kind == PF_SINK_ORIGIN;
    conf->from.most = conf->sinks.kind == PF_SINK_ORIGIN; /* or 0: any */
    conf->from.metric = KAFKA_METRICS_AT;
    conf->sinks.price_metric = PRICE_METRICS_AT;
    conf->sinks.latency_metric = LATENCY;
    conf->sinks.postgres.topic = conf->topic;
    conf->sinks.postgres.partition = conf->from.partition;
    conf->sinks.postgres.metric = POSTGRES_METRICS_AT;
    return PF_OK;
}

/* Open the source, which gets kafka, whatever the outcome. */
static enum pf_rc open_source(const struct consumer *conf,
                              rd_kafka_conf_t *kafka, struct pf_pump *pump,
                              struct pf_error *err)
{
    struct pf_kafka_start start = conf->from;

    start.stats = pump->stats;
    if (!file_of(conf))
        return pf_kafka_source_open(kafka, &start, &pump->source, err);
    rd_kafka_conf_destroy(kafka);
    return pf_letter_source_open(file_of(conf), &pump->source, err);
}

static enum pf_rc consume(const void *context, void *kafka,
                          struct pf_error *err)
{
    const struct consumer *conf = context;
    struct pf_pump pump = {
        .limit = (uint64_t)conf->count,
        .commit_interval_ms = (int)conf->commit_interval_ms,
        .drain_ms = DRAIN_MS,
    };
    struct pf_serve *serve = NULL;
    enum pf_rc rc = pf_stats_open(conf->stats, metrics, METRICS, &pump.stats,
                                  err);

    if (!rc)
        rc = pf_serve_open(&conf->serve, "consumer", pump.stats, &serve, err);
    if (!rc)
        rc = pf_sinks_open(&conf->sinks, kafka, &pump, err);
    if (rc) {
        rd_kafka_conf_destroy(kafka); /* the source would have owned it */
        goto out;
    }
    rc = open_source(conf, kafka, &pump, err);
    if (rc)
        goto out;
    rc = pf_pump_run(&pump, err);
    pf_sinks_report(&conf->sinks, pump.stats);
out:
    pf_source_close(pump.source);
    pf_sinks_close(&pump);
    pf_serve_close(serve);
    pf_stats_close(pump.stats);
    return rc;
}

/* What --version names. */
static const struct pf_part parts[] = {
    {"librdkafka", rd_kafka_version_str}, {"json-c", json_c_version}, {0}};

static const struct pf_program program = {
    .name = "consumer",
    .command = "pf-consumer",
    .prefix = "CONSUMER_",
    .summary = "Print the prices of a Kafka topic in order, one per line, or "
               "write its records\nto PostgreSQL, each exactly once.\n",
    .options = options,
    .parts = parts,
    .library = &pf_kafka_library,
    .library_defaults = kafka_defaults,
    .prepare = prepare,
    .run = consume,
};

int main(int argc, char **argv)
{
    struct consumer conf = {0};

    return pf_program_main(&program, argc, argv, &conf);
}
