#include "sinks.h"

#include <inttypes.h>
#include <string.h>

#include "console_sink.h"
#include "kafka_conf.h"
#include "kafka_group.h"
#include "log.h"
#include "origin_filter.h"
#include "origin_sink.h"
#include "tls.h"
#include "value_filter.h"

static enum pf_rc open_price_filter(const struct pf_sinks *sinks,
                                    struct pf_pump *pump, struct pf_error *err)
{
    const struct pf_price_conf conf = {.strict = sinks->strict,
                                       .table = sinks->prices,
                                       .metric = sinks->price_metric};

    return pf_price_filter_open(&conf, pump->stats, &pump->filter, err);
}

/* Where records arrive in order: count how late they do. */
static enum pf_rc open_latency(const struct pf_sinks *sinks,
                               struct pf_pump *pump, struct pf_error *err)
{
    return pf_latency_new(
        pf_stats_histogram(pump->stats, sinks->latency_metric), &pump->latency,
        err);
}

static enum pf_rc open_console(const struct pf_sinks *sinks,
                               const rd_kafka_conf_t *kafka,
                               struct pf_pump *pump, struct pf_error *err)
{
    enum pf_rc rc;

    pf_tls_spare(kafka);
    rc = pf_console_sink_open(sinks->console, &pump->sinks[0], err);
    if (!rc)
        rc = open_latency(sinks, pump, err);
    if (!rc && sinks->print == PF_PRINT_VALUES)
        return pf_value_filter_open(&pump->filter, err);
    return rc ? rc : open_price_filter(sinks, pump, err);
}

static enum pf_rc open_postgres(const struct pf_sinks *sinks,
                                const rd_kafka_conf_t *kafka,
                                struct pf_pump *pump, struct pf_error *err)
{
    struct pf_postgres_conf conf = sinks->postgres;
    enum pf_rc rc;

    (void)kafka;
    conf.on_bad = (enum pf_on_bad)sinks->on_bad;
    rc = pf_postgres_open(&conf, pump->stats, &pump->sinks[0], err);
    if (!rc)
        rc = open_latency(sinks, pump, err);
    /* The user's mapping gets records as they are. */
    return rc || *sinks->postgres.mapping ? rc
                                          : open_price_filter(sinks, pump, err);
}

static enum pf_rc open_origin(const struct pf_sinks *sinks,
                              const rd_kafka_conf_t *kafka,
                              struct pf_pump *pump, struct pf_error *err)
{
    const char *topic = *sinks->origin ? sinks->origin : NULL;
    enum pf_rc rc = pf_origin_sink_open(kafka, &pump->sinks[0], err);

    return rc ? rc : pf_origin_filter_open(kafka, topic, &pump->filter, err);
}

/* By enum pf_sink_kind. */
static const struct {
    const char *done;  /* what has been done with records that arrived */
    const char *group; /* default of group.id */
    enum pf_rc (*open)(const struct pf_sinks *sinks,
                       const rd_kafka_conf_t *kafka, struct pf_pump *pump,
                       struct pf_error *err);
} kinds[] = {
    [PF_SINK_CONSOLE] = {"prices printed", "pricefeed", open_console},
    [PF_SINK_POSTGRES] = {"written", "pricefeed-postgres", open_postgres},
    [PF_SINK_ORIGIN] = {"sent back", "pricefeed-origin", open_origin},
};

const char *pf_sinks_group(const struct pf_sinks *sinks)
{
    return kinds[sinks->kind].group;
}

/* feed.on.bad, and where dead letters go. */
static enum pf_rc check_dead_letters(struct pf_sinks *sinks,
                                     const struct pf_settings *settings,
                                     struct pf_error *err)
{
    bool to_table = sinks->kind == PF_SINK_POSTGRES;

    if (to_table && !pf_settings_get(settings, "feed.on.bad"))
        sinks->on_bad = PF_ON_BAD_DEAD_LETTER;
    if (to_table && *sinks->dead_letters)
        return pf_fail(err, PF_CONFIG,
                       "feed.sink = postgres keeps them in feed_dead_letters: "
                       "elsewhere they would not be written exactly once");
    return to_table ? PF_OK
                    : pf_dead_conf_check(&sinks->dead,
                                         (enum pf_on_bad)sinks->on_bad, err);
}

/* feed.origin.topic, where records are read from topic. */
static enum pf_rc check_origin(const struct pf_sinks *sinks, const char *topic,
                               struct pf_error *err)
{
    enum pf_rc rc;

    if (!*sinks->origin)
        return PF_OK;
    if (sinks->kind != PF_SINK_ORIGIN)
        return pf_fail(err, PF_CONFIG, "it needs feed.sink = origin");
    rc = pf_topic_check(sinks->origin, err);
    if (rc)
        return rc;
    if (!strncmp(sinks->origin, "__", 2))
        return pf_fail(err, PF_CONFIG,
                       "%s: nothing is sent to Kafka's own topics",
                       sinks->origin);
    return pf_kafka_group_reads(topic, sinks->origin)
               ? pf_fail(err, PF_CONFIG, "dead letters are read from %s",
                         sinks->origin)
               : PF_OK;
}

enum pf_rc pf_sinks_check(struct pf_sinks *sinks,
                          const struct pf_settings *settings, const char *topic,
                          struct pf_error *err)
{
    enum pf_rc rc;

    if (sinks->kind == PF_SINK_ORIGIN &&
        !pf_settings_get(settings, "feed.topic")) {
        pf_fail(err, PF_CONFIG,
                "feed.sink = origin needs to know where dead letters are");
        return pf_settings_fail(settings, "feed.topic", PF_CONFIG, err);
    }
    rc = check_origin(sinks, topic, err);
    if (rc)
        return pf_settings_fail(settings, "feed.origin.topic", rc, err);
    if (sinks->print == PF_PRINT_VALUES && sinks->kind != PF_SINK_CONSOLE) {
        pf_fail(err, PF_CONFIG, "values needs feed.sink = console");
        return pf_settings_fail(settings, "feed.print", PF_CONFIG, err);
    }
    sinks->dead = (struct pf_dead_conf){.to = sinks->dead_letters,
                                        .input = topic};
    if (!strncmp(topic, "file:", 5)) {
        sinks->dead.input = NULL;
        sinks->dead.file = topic + 5;
        sinks->dead.largest = INT32_MAX; /* a line has any length */
    }
    rc = check_dead_letters(sinks, settings, err);
    return rc ? pf_settings_fail(settings, "feed.dead.letters", rc, err) : rc;
}

static enum pf_rc open_dead_letters(const struct pf_sinks *sinks,
                                    const rd_kafka_conf_t *kafka,
                                    struct pf_pump *pump, struct pf_error *err)
{
    if (sinks->on_bad != PF_ON_BAD_DEAD_LETTER)
        return PF_OK;
    if (sinks->kind == PF_SINK_POSTGRES) {
        pump->dead_letters = pump->sinks[0];
        pump->dead_letters_in = "feed_dead_letters";
        return PF_OK;
    }
    pump->dead_letters_in = sinks->dead_letters;
    return pf_dead_sink_open(&sinks->dead, kafka, &pump->dead_letters, err);
}

enum pf_rc pf_sinks_open(const struct pf_sinks *sinks,
                         const rd_kafka_conf_t *kafka, struct pf_pump *pump,
                         struct pf_error *err)
{
    enum pf_rc rc = kinds[sinks->kind].open(sinks, kafka, pump, err);

    pump->on_bad = (enum pf_on_bad)sinks->on_bad;
    if (!rc)
        rc = open_dead_letters(sinks, kafka, pump, err);
    return rc;
}

void pf_sinks_close(struct pf_pump *pump)
{
    pf_latency_free(pump->latency);
    pf_filter_close(pump->filter);
    if (pump->dead_letters != pump->sinks[0])
        pf_sink_close(pump->dead_letters);
    pf_sink_close(pump->sinks[0]);
}

void pf_sinks_report(const struct pf_sinks *sinks, struct pf_stats *stats)
{
    size_t postgres = sinks->postgres.metric;
    const char *done = sinks->print == PF_PRINT_VALUES
                           ? "values printed"
                           : kinds[sinks->kind].done;

    pf_log(PF_LOG_INFO,
           "%" PRIu64 " records read, %" PRIu64 " %s, %" PRIu64
           " refused, %" PRIu64 " out of range",
           *pf_stats_at(stats, PF_PUMP_READ),
           *pf_stats_at(stats, PF_PUMP_ARRIVED), done,
           *pf_stats_at(stats, PF_PUMP_REFUSED),
           *pf_stats_at(stats, sinks->price_metric + PF_PRICE_ODD));
    if (sinks->kind == PF_SINK_POSTGRES)
        pf_log(PF_LOG_INFO,
               "%" PRIu64 " transactions, %" PRIu64
               " of these records put aside in feed_dead_letters, %" PRIu64
               " skipped",
               *pf_stats_at(stats, postgres + PF_POSTGRES_TRANSACTIONS),
               *pf_stats_at(stats, postgres + PF_POSTGRES_PUT_ASIDE),
               *pf_stats_at(stats, postgres + PF_POSTGRES_LEFT_OUT));
}
