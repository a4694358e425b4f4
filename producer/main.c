/* pf-producer: sends the records of a source to Kafka or the console. */
#include <inttypes.h>
#include <json-c/json.h>

#include "console_sink.h"
#include "faults_source.h"
#include "kafka_program.h"
#include "log.h"
#include "place.h"
#include "pump.h"
#include "run.h"
#include "run_sink.h"
#include "sources.h"

/* How long to go on delivering once a stop is asked for. It is below the
 * producer's stopwaitsecs of 4 s, which with those of the other programs stays
 * below Docker's grace of 10 s. */
#define DRAIN_MS 3000

enum sink_kind { SINK_KAFKA, SINK_CONSOLE };
enum header_kind { HEADERS_FIRST, HEADERS_ALL };

struct producer {
    struct pf_sources sources;
    char *topic;
    int64_t partition;
    int sink; /* enum sink_kind */
    char *console;
    char *run;
    char run_name[PF_RUN_SIZE]; /* run, or what was chosen instead */
    bool goes_on; /* The run can continue when the program starts again: its
                   * name is the same then, and the topic has each of its
                   * records once, in order. */
    int headers;  /* enum header_kind */
    char *ledger;
    char *stats;
    struct pf_faults faults;
};

static const struct pf_option options[] = {
    PF_SOURCES_OPTIONS(struct producer, sources),
    PF_OPTION_STR(struct producer, topic, "feed.topic", "prices-topic",
                  "topic to produce to"),
    PF_OPTION_INT(struct producer, partition, "feed.partition", "0", 0,
                  INT32_MAX, "partition of that topic"),
    PF_OPTION_CHOICE(
        struct producer, sink, "feed.sink", "kafka", "kafka|console",
        "where records go; console: standard output, without Kafka"),
    PF_OPTION_STR(
        struct producer, console, "feed.console", "",
        "file, pipe or terminal for feed.sink=console; empty: standard output"),
    PF_OPTION_STR(struct producer, run, "feed.run", "",
                  "name of the run, in record headers; empty: from seed or "
                  "recording, to continue; else a new name"),
    PF_OPTION_CHOICE(struct producer, headers, "feed.headers", "first",
                     "first|all",
                     "which records carry run, number and time in headers; "
                     "first: the first of those sent together"),
    PF_OPTION_STR(struct producer, ledger, "feed.ledger", "",
                  "file that logs each record before it is sent, and its "
                  "outcome, for pf-audit; empty: none"),
    PF_OPTION_STR(
        struct producer, stats, "feed.stats", "",
        "file with counters, for health checks and metrics; empty: none"),
    PF_FAULTS_OPTIONS(struct producer, faults),
    PF_OPTION_END,
};

static struct pf_kafka_default kafka_defaults[] = {
    {"bootstrap.servers", "127.0.0.1:9092", PF_KAFKA_DEFAULT,
     "brokers to ask first, host:port,..."},
    {"client.id", "pf-producer", PF_KAFKA_DEFAULT,
     "name of this program in the broker's log"},
    {"enable.idempotence", "true", PF_KAFKA_DEFAULT,
     "keeps order, and each record once, across retries"},
    {"acks", "all", PF_KAFKA_DEFAULT,
     "a record is delivered when all in-sync replicas have it"},
    {"message.timeout.ms", "0", PF_KAFKA_DEFAULT,
     "never: a record that times out would be a silent gap"},
    {"queue.buffering.max.messages", "30000", PF_KAFKA_DEFAULT,
     "bounds memory; a full queue makes the source wait"},
    {"queue.buffering.max.kbytes", "65536", PF_KAFKA_DEFAULT,
     "the same, in KiB"},
    {"batch.num.messages", "5000", PF_KAFKA_DEFAULT,
     "idempotent librdkafka sends more only when all is answered; the next "
     "batches wait in the queue"},
    PF_KAFKA_CONNECTION_ROWS,
    {"linger.ms", "0", PF_KAFKA_DEFAULT,
     "follows the rate: 0 up to 1000 records/s, 1 above and for a paced "
     "replay, 200 unpaced"},
    {0},
};

enum { NEXT_DUE = PF_PUMP_METRICS, METRICS };

static const struct pf_metric metrics[METRICS] = {
    PF_PUMP_METRIC_ROWS,
    {"next_due_ns",
     "When the next record is due, by the monotonic clock; 0 at full speed.",
     PF_GAUGE, "nanoseconds"},
};

/* What librdkafka counts in a record's size besides its key and value: our
 * headers with the run's name, and its own overhead. */
#define BESIDE_VALUE 512

static enum pf_rc prepare(void *context, const struct pf_settings *settings,
                          struct pf_error *err)
{
    struct producer *conf = context;
    enum pf_rc rc = pf_topic_check(conf->topic, err);

    if (rc)
        return pf_settings_fail(settings, "feed.topic", rc, err);
    rc = pf_sources_check(&conf->sources, settings, err);
    if (!rc)
        rc = pf_faults_check(&conf->faults, conf->sources.seed_number, settings,
                             err);
    if (rc)
        return rc;
    conf->goes_on = pf_sources_repeat(&conf->sources) && conf->faults.sum == 0;
    rc = pf_run_name(conf->run, conf->goes_on ? &conf->sources : NULL,
                     conf->run_name, err);
    if (rc)
        return pf_settings_fail(settings, "feed.run", rc, err);
    pf_kafka_default_set(kafka_defaults, "linger.ms",
                         pf_sources_linger(&conf->sources));
    return PF_OK;
}

/* Log what is needed to produce the same records again. */
static void say_run(const struct producer *conf)
{
    if (conf->sources.kind == PF_SOURCE_REPLAY)
        pf_log(PF_LOG_INFO, "feed.run is %s, of %s", conf->run_name,
               conf->sources.replay.file);
    else
        pf_log(PF_LOG_INFO, "feed.run is %s, feed.seed is %" PRIu64,
               conf->run_name, conf->sources.seed_number);
}

/* Log how many of the records that were taken have been delivered. */
static void report(const struct producer *conf, struct pf_sink *sink,
                   struct pf_stats *stats)
{
    struct pf_delivery d = {.taken = *pf_stats_at(stats, PF_PUMP_TAKEN),
                            .delivered = *pf_stats_at(stats, PF_PUMP_ARRIVED)};

    if (conf->sink == SINK_KAFKA)
        d = pf_run_sink_give_up(sink);
    pf_log(d.delivered == d.taken ? PF_LOG_INFO : PF_LOG_ERROR,
           "%" PRIu64 " %s taken, %" PRIu64 " delivered, %" PRIu64
           " failed, %" PRIu64 " of unknown fate",
           d.taken,
           conf->sources.kind == PF_SOURCE_RANDOM ? "prices" : "records",
           d.delivered, d.failed, d.possibly);
}

/* Do what comes before the sink: complete the run's name, find where the run
 * continues, and open the ledger and write its first line. */
static enum pf_rc begin_run(struct producer *conf, const rd_kafka_conf_t *kafka,
                            struct pf_run_target *target, uint64_t *ret_first,
                            struct pf_error *err)
{
    const struct pf_sources *sources = &conf->sources;
    bool prices = sources->kind == PF_SOURCE_RANDOM;
    struct pf_place place = {.offset = -1};
    enum pf_rc rc = PF_OK;

    if (conf->goes_on && !*conf->run && sources->kind == PF_SOURCE_REPLAY)
        rc = pf_run_tell_apart(sources, conf->run_name, err);
    if (!rc && conf->goes_on && conf->sink == SINK_KAFKA)
        rc = pf_place_find(kafka, target, (uint64_t)sources->count,
                           prices ? &sources->seed_number : NULL, &place, err);
    target->first_offset = place.offset;
    *ret_first = place.number;
    if (!rc)
        rc = pf_ledger_open(conf->ledger, &target->ledger, err);
    if (!rc)
        rc = pf_ledger_run(target->ledger, conf->run_name, conf->topic,
                           target->partition, place.number, err);
    return rc;
}

static enum pf_rc open_sink(const struct producer *conf, rd_kafka_conf_t *kafka,
                            const struct pf_run_target *target,
                            struct pf_sink **ret, struct pf_error *err)
{
    if (conf->sink == SINK_KAFKA)
        return pf_run_sink_open(kafka, target, ret, err);
    rd_kafka_conf_destroy(kafka);
    return pf_console_sink_open(conf->console, ret, err);
}

/* The largest key and value together, in bytes, that can become a record. The
 * console takes any size. */
static size_t value_max(const struct producer *conf,
                        const rd_kafka_conf_t *kafka)
{
    uint64_t max = pf_kafka_conf_uint(kafka, "message.max.bytes");

    if (conf->sink != SINK_KAFKA || max > PF_REPLAY_ELEMENT_MAX + BESIDE_VALUE)
        return PF_REPLAY_ELEMENT_MAX;
    return max > 2 * BESIDE_VALUE ? max - BESIDE_VALUE : BESIDE_VALUE;
}

static enum pf_rc produce(const void *context, void *kafka,
                          struct pf_error *err)
{
    struct producer named = *(const struct producer *)context;
    const struct producer *conf = &named;
    struct pf_run_target target = {.topic = conf->topic,
                                   .partition = (int32_t)conf->partition,
                                   .run = conf->run_name,
                                   .every_header = conf->headers ==
                                                   HEADERS_ALL};
    struct pf_stats *stats = NULL;
    struct pf_source *source = NULL;
    struct pf_sink *sink = NULL;
    struct pf_source_start start = {.count = (uint64_t)conf->sources.count,
                                    .partition = target.partition,
                                    .value_max = value_max(conf, kafka),
                                    .due_metric = NEXT_DUE,
                                    .bad_metric = PF_PUMP_REFUSED};
    enum pf_rc rc = begin_run(&named, kafka, &target, &start.first, err);

    if (rc) {
        rd_kafka_conf_destroy(kafka); /* the sink would have owned it */
        goto out;
    }
    rc = open_sink(conf, kafka, &target, &sink, err);
    if (!rc)
        rc = pf_stats_open(conf->stats, metrics, METRICS, &stats, err);
    start.stats = stats;
    if (!rc)
        rc = pf_sources_open(&named.sources, &start, &source, err);
    if (!rc)
        rc = pf_faults_source_open(&conf->faults, source, &source, err);
    if (rc)
        goto out;
    say_run(conf);
    pf_faults_say(&conf->faults);

    rc = pf_pump_run(&(struct pf_pump){.source = source,
                                       .sinks = {sink},
                                       .stats = stats,
                                       .commit_interval_ms = 1000,
                                       .drain_ms = DRAIN_MS},
                     err);
    pf_source_close(source); /* first: it logs its own summary */
    source = NULL;
    report(conf, sink, stats);
out:
    pf_source_close(source);
    pf_sink_close(sink);
    pf_ledger_close(target.ledger); /* after the sink, which writes to it */
    pf_stats_close(stats);
    return rc;
}

/* What --version names. */
static const struct pf_part parts[] = {
    {"librdkafka", rd_kafka_version_str}, {"json-c", json_c_version}, {0}};

static const struct pf_program program = {
    .name = "producer",
    .command = "pf-producer",
    .prefix = "PRODUCER_",
    .summary =
        "Send prices, {\"match\": 123, \"price\": 4.56}, or other events, "
        "in order, to a\nKafka topic.\n",
    .options = options,
    .parts = parts,
    .library = &pf_kafka_library,
    .library_defaults = kafka_defaults,
    .prepare = prepare,
    .run = produce,
};

int main(int argc, char **argv)
{
    struct producer conf = {0};

    return pf_program_main(&program, argc, argv, &conf);
}
