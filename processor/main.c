/* pf-processor: reads topics, filters, changes and counts what is in them, and
 * writes topics, each record exactly once. */
#include <inttypes.h>

#include "deaths.h"
#include "filters.h"
#include "jq_filter.h"
#include "kafka_program.h"
#include "kafka_sink.h"
#include "kafka_source.h"
#include "kafka_tx_sink.h"
#include "log.h"
#include "processor_kafka.h"
#include "processor_topics.h"
#include "pump.h"
#include "serve.h"
#include "try.h"
#include "window_filter.h"

/* How long what was read may take to be committed, once a stop is asked for. */
#define DRAIN_MS 1000

enum guarantee { EXACTLY_ONCE, AT_LEAST_ONCE };

struct processor {
    struct pf_processor_topics topics;
    int guarantee; /* enum guarantee */
    char *instance;
    int64_t commit_interval_ms;
    int64_t count;
    bool exit_at_end;
    char *try;
    uint64_t to_try; /* what that says; 0: it is not set */
    struct pf_filters filters;
    char *stats, *state_dir;
    struct pf_serve_conf serve;
};

static const struct pf_option options[] = {
    PF_PROCESSOR_TOPICS_OPTIONS(struct processor, topics),
    PF_OPTION_CHOICE(
        struct processor, guarantee, "feed.guarantee", "exactly-once",
        "exactly-once|at-least-once",
        "exactly-once: what is written and how far was read is one "
        "transaction of Kafka"),
    PF_OPTION_STR(struct processor, instance, "feed.instance", "",
                  "name of this one among all of its group, for exactly-once; "
                  "empty: the host's name"),
    PF_OPTION_INT(struct processor, commit_interval_ms,
                  "feed.commit.interval.ms", "100", 10, 5000,
                  "longest time between commits, ms"),
    PF_OPTION_INT(struct processor, count, "feed.count", "0", 0, 1e15,
                  "end once this many records have been written, and what was "
                  "read with the last of them; 0: never"),
    PF_OPTION_BOOL(
        struct processor, exit_at_end, "feed.exit.at.end", "false",
        "end at its partitions' ends, as they are when reading begins"),
    PF_OPTION_STR(struct processor, try, "feed.try", "",
                  "show what would become of that many records, and write and "
                  "commit nothing; empty: process them"),
    PF_FILTERS_OPTIONS(struct processor, filters),
    PF_OPTION_STR(
        struct processor, stats, "feed.stats", "",
        "file with counters, for health checks and metrics; empty: none"),
    PF_OPTION_STR(struct processor, state_dir, "feed.state.dir", "",
                  "directory for a file that notes the record at work: one at "
                  "which the processor dies three times is put aside; empty: "
                  "none is"),
    PF_SERVE_OPTIONS(struct processor, serve),
    PF_OPTION_END,
};

enum {
    JQ_METRICS_AT = PF_PUMP_METRICS,
    WINDOW_METRICS_AT = JQ_METRICS_AT + PF_JQ_METRICS,
    KAFKA_METRICS_AT = WINDOW_METRICS_AT + PF_WINDOW_METRICS,
    METRICS = KAFKA_METRICS_AT + PF_KAFKA_METRICS
};

static const struct pf_metric metrics[METRICS] = {
    PF_PUMP_METRIC_ROWS,
    PF_JQ_METRIC_ROWS,
    PF_WINDOW_METRIC_ROWS,
    PF_KAFKA_METRIC_ROWS,
};

static struct pf_processor_kafka kafka_of(const struct processor *conf)
{
    return (struct pf_processor_kafka){
        .output = conf->topics.output,
        .transactions = conf->guarantee == EXACTLY_ONCE,
        .instance = conf->instance,
        .commit_interval_ms = conf->commit_interval_ms};
}

static enum pf_rc prepare(void *context, const struct pf_settings *settings,
                          struct pf_error *err)
{
    struct processor *conf = context;
    struct pf_processor_kafka kafka = kafka_of(conf);
    enum pf_rc rc = pf_processor_topics_check(&conf->topics, settings, err);

    conf->filters.jq.metric = JQ_METRICS_AT;
    conf->filters.windows.metric = WINDOW_METRICS_AT;
    if (!rc)
        rc = pf_processor_kafka_prepare(&kafka, settings, err);
    if (!rc)
        rc = pf_filters_check(&conf->filters, settings, err);
    if (!rc)
        rc = pf_try_check(conf->try, settings, &conf->to_try, err);
    return rc ? rc : pf_serve_check(&conf->serve, settings, err);
}

/* Open the source, which gets kafka, whatever the outcome. */
static enum pf_rc open_source(const struct processor *conf,
                              rd_kafka_conf_t *kafka, struct pf_pump *pump,
                              struct pf_error *err)
{
    const struct pf_kafka_start start = {
        .topic = conf->topics.input,
        .group = true,
        .offset = RD_KAFKA_OFFSET_STORED,
        .end_at_eof = conf->exit_at_end,
        .kept = conf->guarantee == EXACTLY_ONCE,
        .stats = pump->stats,
        .metric = KAFKA_METRICS_AT,
    };

    return pf_kafka_source_open(kafka, &start, &pump->source, err);
}

/* The one sink: what is written and what is put aside is one transaction. */
static enum pf_rc open_sink(const struct processor *conf,
                            rd_kafka_conf_t *producer, struct pf_pump *pump,
                            struct pf_error *err)
{
    bool aside = conf->topics.on_bad == PF_ON_BAD_DEAD_LETTER;
    const struct pf_kafka_target target = {
        .topic = conf->topics.output,
        .dead_letters = aside ? conf->topics.dead_letters : NULL,
        .moves = true,
        .refuses = true};
    enum pf_rc rc;

    if (conf->guarantee == EXACTLY_ONCE)
        rc = pf_kafka_tx_sink_open(producer, &target,
                                   pf_kafka_source_client(pump->source),
                                   &pump->sinks[0], err);
    else
        rc = pf_kafka_sink_open(producer, &target, &pump->sinks[0], err);
    pump->on_bad = (enum pf_on_bad)conf->topics.on_bad;
    if (aside) {
        pump->dead_letters = pump->sinks[0];
        pump->dead_letters_in = conf->topics.dead_letters;
    }
    return rc;
}

static enum pf_rc open_deaths(const struct processor *conf, const char *id,
                              struct pf_deaths **ret, struct pf_error *err)
{
    enum pf_rc rc = pf_deaths_open(conf->state_dir, id, ret, err);

    return rc ? pf_fail_in(err, rc, "feed.state.dir: ") : PF_OK;
}

static void report(struct pf_stats *stats)
{
    pf_log(PF_LOG_INFO,
           "%" PRIu64 " records read, %" PRIu64 " written, %" PRIu64
           " of these read could not be used",
           *pf_stats_at(stats, PF_PUMP_READ),
           *pf_stats_at(stats, PF_PUMP_ARRIVED),
           *pf_stats_at(stats, PF_PUMP_REFUSED));
}

/* --try: counters are this program's alone, for one that works may have those
 * of feed.stats, and feed.metrics.listen. */
static enum pf_rc try_out(const struct processor *conf, rd_kafka_conf_t *kafka,
                          struct pf_error *err)
{
    const struct pf_processor_kafka ours = kafka_of(conf);
    struct pf_filters filters = conf->filters;
    struct pf_try what = {.topics = conf->topics,
                          .filters = &filters,
                          .count = conf->to_try,
                          .kafka_metric = KAFKA_METRICS_AT};
    enum pf_rc rc = pf_stats_open("", metrics, METRICS, &what.stats, err);

    if (rc) {
        rd_kafka_conf_destroy(kafka);
        return rc;
    }
    rd_kafka_conf_destroy(pf_processor_kafka_part(&ours, kafka));
    rc = pf_try(&what, kafka, err);
    pf_stats_close(what.stats);
    return rc;
}

static enum pf_rc process(const struct processor *conf, rd_kafka_conf_t *kafka,
                          struct pf_error *err)
{
    struct pf_pump pump = {
        .limit = (uint64_t)conf->count,
        .commit_interval_ms = (int)conf->commit_interval_ms,
        .drain_ms = DRAIN_MS,
    };
    struct pf_filters filters = conf->filters;
    struct pf_serve *serve = NULL;
    const struct pf_processor_kafka ours = kafka_of(conf);
    char id[PF_PROCESSOR_ID_SIZE];
    int64_t takes = -1; /* the topics that are written, at a time */
    rd_kafka_conf_t *producer = pf_processor_kafka_part(&ours, kafka);
    enum pf_rc rc = pf_stats_open(conf->stats, metrics, METRICS, &pump.stats,
                                  err);

    pf_processor_kafka_id(&ours, kafka, id);
    if (!rc)
        rc = open_deaths(conf, id, &filters.jq.deaths, err);
    if (!rc)
        rc = pf_serve_open(&conf->serve, "processor", pump.stats, &serve, err);
    if (!rc)
        rc = pf_processor_topics_ready(&conf->topics, kafka, &takes, err);
    if (rc) {
        rd_kafka_conf_destroy(kafka);    /* the source would have owned it, */
        rd_kafka_conf_destroy(producer); /* and the sink this one */
        goto out;
    }
    pf_processor_kafka_fit(producer, takes);
    rc = open_source(conf, kafka, &pump, err);
    if (rc)
        rd_kafka_conf_destroy(producer);
    else
        rc = open_sink(conf, producer, &pump, err);
    if (!rc)
        rc = pf_filters_open(&filters, pump.source, pump.stats, &pump.filter,
                             err);
    if (rc)
        goto out;
    rc = pf_pump_run(&pump, err);
    report(pump.stats);
out:
    pf_sink_close(pump.sinks[0]); /* it uses the source's client, */
    pf_source_close(pump.source); /* and this what the filter says */
    pf_filter_close(pump.filter);
    pf_deaths_close(filters.jq.deaths);
    pf_serve_close(serve);
    pf_stats_close(pump.stats);
    return rc;
}

static enum pf_rc run(const void *context, void *kafka, struct pf_error *err)
{
    const struct processor *conf = context;

    return conf->to_try ? try_out(conf, kafka, err) : process(conf, kafka, err);
}

/* What --version names. */
static const struct pf_part parts[] = {{"librdkafka", rd_kafka_version_str},
                                       {0}};

static const struct pf_long_option longs[] = {{"try", "feed.try", NULL}, {0}};

static const struct pf_program program = {
    .name = "processor",
    .command = "pf-processor",
    .prefix = "PROCESSOR_",
    .summary = "Write what becomes of the records of Kafka topics to another "
               "topic, each\nexactly once: filtered and changed by programs in "
               "jq, or counted in windows.\n",
    .options = options,
    .parts = parts,
    .longs = longs,
    .library = &pf_kafka_library,
    .library_defaults = pf_processor_kafka_defaults,
    .prepare = prepare,
    .run = run,
};

int main(int argc, char **argv)
{
    struct processor conf = {0};
    int code = pf_program_main(&program, argc, argv, &conf);

    pf_filters_release(&conf.filters);
    return code;
}
