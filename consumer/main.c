/* pf-consumer: prints prices from Kafka on the console, or writes records to
 * PostgreSQL. */
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "console_sink.h"
#include "kafka_group.h"
#include "kafka_program.h"
#include "kafka_source.h"
#include "log.h"
#include "postgres.h"
#include "price_filter.h"
#include "pump.h"
#include "text.h"
#include "tls.h"

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
    int on_bad; /* enum pf_on_bad */
    bool strict;
    int64_t commit_interval_ms;
    int sink; /* enum sink */
    char *console;
    struct pf_postgres_conf postgres;
    char *stats;
    struct pf_kafka_start from; /* what these mean to the source */
};

enum sink { TO_CONSOLE, TO_POSTGRES };

static const struct pf_option options[] = {
    PF_OPTION_STR(struct consumer, topic, "feed.topic", "prices-topic",
                  "topic to consume"),
    PF_OPTION_STR(
        struct consumer, partition, "feed.partition", "0",
        "partition of that topic; all: as a member of group.id, which "
        "shares all partitions among its members"),
    PF_OPTION_STR(struct consumer, start, "feed.start", "stored",
                  "stored: after the last printed record of group.id; or "
                  "earliest, latest, or an offset"),
    PF_OPTION_INT(struct consumer, count, "feed.count", "0", 0, 1e15,
                  "end after this many prices; 0: never"),
    PF_OPTION_BOOL(struct consumer, exit_at_end, "feed.exit.at.end", "false",
                   "end at the end of the topic"),
    PF_OPTION_CHOICE(struct consumer, on_bad, "feed.on.bad", "skip",
                     "skip|stop",
                     "record that is not a price: skip counts and describes "
                     "it; stop ends before it"),
    PF_OPTION_BOOL(struct consumer, strict, "feed.strict.range", "false",
                   "true: a match outside 100 to 999 or a price outside 1.00 "
                   "to 10.00 is a bad record too"),
    PF_OPTION_INT(struct consumer, commit_interval_ms,
                  "feed.commit.interval.ms", "1000", 10, 60000,
                  "longest time between commits, ms; after a crash at most "
                  "this much is printed again"),
    PF_OPTION_CHOICE(
        struct consumer, sink, "feed.sink", "console", "console|postgres",
        "where prices go: lines on the console, or rows in PostgreSQL"),
    PF_OPTION_STR(struct consumer, console, "feed.console", "",
                  "file, pipe or terminal to print to; empty: standard output"),
    PF_POSTGRES_OPTIONS(struct consumer, postgres),
    PF_OPTION_STR(
        struct consumer, stats, "feed.stats", "",
        "file with counters, for health checks and metrics; empty: none"),
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
    BEGAN = POSTGRES_METRICS_AT + PF_POSTGRES_METRICS,
    POSITION,
    TOPIC_END,
    HELD_BACK,
    METRICS
};

static const struct pf_metric metrics[METRICS] = {
    PF_PUMP_METRIC_ROWS,
    PF_PRICE_METRIC_ROWS,
    PF_POSTGRES_METRIC_ROWS,
    {"began_ns",
     "When it knew where to begin, by the monotonic clock; 0: not yet.",
     PF_GAUGE, "nanoseconds"},
    {"position", "Offset after the last record that has arrived.", PF_GAUGE,
     "offset"},
    {"topic_end", "Offset that the topic's next record will get.", PF_GAUGE,
     "offset"},
    {"records_held_back", "Records that wait for an open transaction to end.",
     PF_GAUGE, "records"},
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
    if (conf->sink == TO_POSTGRES) {
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
    const struct pf_setting *group = pf_settings_get(settings, "group.id");
    struct consumer *conf = context;
    enum pf_rc rc = parse_start(conf->start, &conf->from.offset, err);

    if (rc)
        return pf_settings_fail(settings, "feed.start", rc, err);
    rc = parse_what(conf, settings, &conf->from, err);
    if (rc)
        return rc;
    if (group && !*group->value)
        return pf_fail(err, PF_CONFIG,
                       "%s: group.id: it is empty; positions are kept under "
                       "this name",
                       group->where);
    conf->from.end_at_eof = conf->exit_at_end;
    conf->from.began_metric = BEGAN;
    conf->from.position_metric = POSITION;
    conf->from.end_metric = TOPIC_END;
    conf->from.held_metric = HELD_BACK;
    conf->postgres.topic = conf->topic;
    conf->postgres.partition = conf->from.partition;
    conf->postgres.metric = POSTGRES_METRICS_AT;

    /* PostgreSQL's position is not the console's. */
    if (conf->sink == TO_POSTGRES)
        pf_kafka_default_set(kafka_defaults, "group.id", "pricefeed-postgres");

    /* Before 2.2, librdkafka has no fetch.queue.backoff.ms, and stops fetching
     * for a second whenever this many records wait: make that rare. */
    if (rd_kafka_version() < 0x02020000)
        pf_kafka_default_set(kafka_defaults, "queued.min.messages", "100000");
    return PF_OK;
}

static void report(const struct consumer *conf, struct pf_stats *stats)
{
    pf_log(PF_LOG_INFO,
           "%" PRIu64 " records read, %" PRIu64 " %s, %" PRIu64
           " refused, %" PRIu64 " out of range",
           *pf_stats_at(stats, PF_PUMP_READ),
           *pf_stats_at(stats, PF_PUMP_ARRIVED),
           conf->sink == TO_POSTGRES ? "written" : "prices printed",
           *pf_stats_at(stats, PF_PUMP_REFUSED),
           *pf_stats_at(stats, PRICE_METRICS_AT + PF_PRICE_ODD));
    if (conf->sink == TO_POSTGRES)
        pf_log(
            PF_LOG_INFO,
            "%" PRIu64 " transactions, %" PRIu64
            " of these records put aside in feed_dead_letters",
            *pf_stats_at(stats, POSTGRES_METRICS_AT + PF_POSTGRES_TRANSACTIONS),
            *pf_stats_at(stats, POSTGRES_METRICS_AT + PF_POSTGRES_PUT_ASIDE));
}

static enum pf_rc consume(const void *context, void *kafka,
                          struct pf_error *err)
{
    const struct consumer *conf = context;
    bool to_console = conf->sink == TO_CONSOLE;
    struct pf_stats *stats = NULL;
    struct pf_source *source = NULL;
    struct pf_filter *filter = NULL;
    struct pf_sink *sink = NULL;
    struct pf_kafka_start start = conf->from;
    enum pf_rc rc = pf_stats_open(conf->stats, metrics, METRICS, &stats, err);

    if (to_console)
        pf_tls_spare(kafka);
    if (!rc)
        rc = to_console ? pf_console_sink_open(conf->console, &sink, err)
                        : pf_postgres_open(&conf->postgres, stats, &sink, err);
    /* The user's mapping gets records as they are. */
    if (!rc && (to_console || !*conf->postgres.mapping))
        rc = pf_price_filter_open(conf->strict, stats, PRICE_METRICS_AT,
                                  &filter, err);
    if (rc) {
        rd_kafka_conf_destroy(kafka); /* the source would have owned it */
        goto out;
    }
    start.stats = stats;
    rc = pf_kafka_source_open(kafka, &start, &source, err);
    if (rc)
        goto out;

    rc = pf_pump_run(
        &(struct pf_pump){.source = source,
                          .filter = filter,
                          .sinks = {sink},
                          .stats = stats,
                          .limit = (uint64_t)conf->count,
                          .commit_interval_ms = (int)conf->commit_interval_ms,
                          .drain_ms = DRAIN_MS,
                          .on_bad = (enum pf_on_bad)conf->on_bad},
        err);
    report(conf, stats);
out:
    pf_source_close(source);
    pf_filter_close(filter);
    pf_sink_close(sink);
    pf_stats_close(stats);
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
