#include "produce.h"

#include <inttypes.h>

#include "by_key.h"
#include "console_sink.h"
#include "faults_source.h"
#include "kafka_conf.h"
#include "log.h"
#include "place.h"
#include "pump.h"
#include "run.h"
#include "run_sink.h"
#include "serve.h"
#include "stop.h"

/* How long to go on delivering once a stop is asked for. It is below the
 * producer's stopwaitsecs of 4 s, which with those of the other programs stays
 * below Docker's grace of 10 s. */
#define DRAIN_MS 3000

enum { NEXT_DUE = PF_PUMP_METRICS, METRICS };

static const struct pf_metric metrics[METRICS] = {
    PF_PUMP_METRIC_ROWS,
    {"next_due_ns", "When the next record is due; never at full speed.",
     PF_GAUGE, PF_UNIT_MOMENT},
};

/* What librdkafka counts in a record's size besides its key and value: our
 * headers with the run's name, and its own overhead. */
#define BESIDE_VALUE 512

/* Log what is needed to produce the same records again. */
static void say_run(const struct pf_producer *conf)
{
    if (conf->sources.kind == PF_SOURCE_REPLAY)
        pf_log(PF_LOG_INFO, "feed.run is %s, of %s", conf->run_name,
               conf->sources.replay.file);
    else
        pf_log(PF_LOG_INFO, "feed.run is %s, feed.seed is %" PRIu64,
               conf->run_name, conf->sources.seed_number);
}

/* Log how many of the records that were taken have been delivered. goes_on: the
 * run does, where keys decide. Whether it is complete shows only at its end: a
 * partition has the numbers of its own keys. */
static void report(const struct pf_producer *conf, struct pf_sink *sink,
                   struct pf_stats *stats, bool goes_on)
{
    struct pf_delivery d = {.taken = *pf_stats_at(stats, PF_PUMP_TAKEN),
                            .delivered = *pf_stats_at(stats, PF_PUMP_ARRIVED)};

    if (conf->sink == PF_TO_KAFKA)
        d = pf_run_sink_give_up(sink);
    pf_log(d.delivered == d.taken ? PF_LOG_INFO : PF_LOG_ERROR,
           "%" PRIu64 " %s taken, %" PRIu64 " delivered, %" PRIu64
           " failed, %" PRIu64 " of unknown fate",
           d.taken,
           conf->sources.kind == PF_SOURCE_RANDOM ? "prices" : "records",
           d.delivered, d.failed, d.possibly);
    if (goes_on && !d.taken && !pf_stop_asked())
        pf_log(PF_LOG_INFO,
               "nothing was sent: %s has all of run %s (feed.run = NAME begins "
               "another)",
               conf->topic, conf->run_name);
}

/* Do what comes before the sink: complete the run's name, find where the run
 * continues, and open the ledger and write its first line. */
static enum pf_rc begin_run(struct pf_producer *conf,
                            const rd_kafka_conf_t *kafka,
                            struct pf_run_target *target,
                            struct pf_places *places, struct pf_error *err)
{
    const struct pf_sources *sources = &conf->sources;
    bool prices = sources->kind == PF_SOURCE_RANDOM;
    bool sends = conf->sink == PF_TO_KAFKA;
    enum pf_rc rc = PF_OK;

    if (conf->goes_on && !*conf->run)
        rc = pf_run_tell_apart(sources, conf->run_name, err);
    if (!rc && sends && conf->goes_on)
        rc = pf_places_find(kafka, target, (uint64_t)sources->count,
                            prices ? &sources->seed_number : NULL, places, err);
    else if (!rc && sends && target->partition == PF_BY_KEY)
        rc = pf_places_count(kafka, target, places, err);
    target->places = places->at;
    target->n_places = places->n;
    if (!rc)
        rc = pf_ledger_open(conf->ledger, &target->ledger, err);
    if (!rc)
        rc = pf_ledger_run(target->ledger, conf->run_name, conf->topic,
                           target->partition, places->fresh, err);
    return rc;
}

static enum pf_rc open_sink(const struct pf_producer *conf,
                            rd_kafka_conf_t *kafka,
                            const struct pf_run_target *target,
                            struct pf_sink **ret, struct pf_error *err)
{
    if (conf->sink == PF_TO_KAFKA)
        return pf_run_sink_open(kafka, target, ret, err);
    rd_kafka_conf_destroy(kafka);
    return pf_console_sink_open(conf->console, ret, err);
}

/* The largest key and value together, in bytes, that can become a record. The
 * console takes any size. */
static size_t value_max(const struct pf_producer *conf,
                        const rd_kafka_conf_t *kafka)
{
    uint64_t max = pf_kafka_conf_uint(kafka, "message.max.bytes");

    if (conf->sink != PF_TO_KAFKA || max > PF_REPLAY_ELEMENT_MAX + BESIDE_VALUE)
        return PF_REPLAY_ELEMENT_MAX;
    return max > 2 * BESIDE_VALUE ? max - BESIDE_VALUE : BESIDE_VALUE;
}

/* Where the source begins. Where keys decide, the filter wants to see what the
 * partitions had last. */
static void begin_at(const struct pf_places *places, bool by_key,
                     struct pf_source_start *start)
{
    start->first = places->first;
    start->at_once = places->fresh;
    if (by_key && start->first)
        start->first--;
    if (by_key && start->count && start->count < places->fresh)
        start->count = places->fresh;
}

enum pf_rc pf_produce(const void *context, void *kafka, struct pf_error *err)
{
    struct pf_producer mine = *(const struct pf_producer *)context;
    const struct pf_producer *conf = &mine;
    struct pf_run_target target = {.topic = conf->topic,
                                   .partition = conf->partition_number,
                                   .run = conf->run_name,
                                   .every_header = conf->headers ==
                                                   PF_HEADERS_ALL};
    struct pf_stats *stats = NULL;
    struct pf_serve *serve = NULL;
    struct pf_source *source = NULL;
    struct pf_filter *filter = NULL;
    struct pf_sink *sink = NULL;
    struct pf_places places = {0};
    struct pf_source_start start = {.count = (uint64_t)conf->sources.count,
                                    .partition = target.partition,
                                    .value_max = value_max(conf, kafka),
                                    .stop_at_bad = conf->bad.on_bad ==
                                                   PF_ON_BAD_STOP,
                                    .due_metric = NEXT_DUE};
    struct pf_pump pump = {.commit_interval_ms = 1000, .drain_ms = DRAIN_MS};
    enum pf_rc rc = pf_stats_open(conf->stats, metrics, METRICS, &stats, err);

    if (!rc)
        rc = pf_serve_open(&conf->serve, "producer", stats, &serve, err);
    if (!rc)
        rc = begin_run(&mine, kafka, &target, &places, err);
    if (!rc && conf->sources.kind == PF_SOURCE_REPLAY)
        rc = pf_bad_records_open(&conf->bad, conf->sources.replay.file,
                                 start.value_max + BESIDE_VALUE, kafka, &pump,
                                 err);
    if (rc) {
        rd_kafka_conf_destroy(kafka); /* the sink would have owned it */
        goto out;
    }
    begin_at(&places, target.partition == PF_BY_KEY, &start);
    rc = open_sink(conf, kafka, &target, &sink, err);
    if (!rc && target.partition == PF_BY_KEY && places.n)
        rc = pf_by_key_filter_open(places.at, places.n,
                                   (uint64_t)conf->sources.count, &filter, err);
    start.stats = stats;
    if (!rc)
        rc = pf_sources_open(&mine.sources, &start, &source, err);
    if (!rc)
        rc = pf_faults_source_open(&conf->faults, source, &source, err);
    if (rc)
        goto out;
    say_run(conf);
    pf_faults_say(&conf->faults);

    pump.source = source;
    pump.filter = filter;
    pump.sinks[0] = sink;
    pump.stats = stats;
    rc = pf_pump_run(&pump, err);
    pf_source_close(source); /* first: it logs its own summary */
    source = NULL;
    report(conf, sink, stats, !rc && places.n > 1 && places.fresh);
out:
    pf_source_close(source);
    pf_filter_close(filter);
    pf_sink_close(pump.dead_letters);
    pf_sink_close(sink);
    pf_ledger_close(target.ledger); /* after the sink, which writes to it */
    pf_serve_close(serve);
    pf_stats_close(stats);
    pf_places_release(&places);
    return rc;
}
