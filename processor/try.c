#include "try.h"

#include <inttypes.h>

#include "console_sink.h"
#include "jq_filter.h"
#include "kafka_source.h"
#include "log.h"
#include "pump.h"
#include "text.h"
#include "try_filter.h"

/* How often the console is flushed under full load, and how long it may take
 * once a stop is asked for. */
#define FLUSH_MS 100
#define DRAIN_MS 1000

/* Most records to try: nobody reads more. */
#define COUNT_MAX 1000000000

enum pf_rc pf_try_check(const char *text, const struct pf_settings *settings,
                        uint64_t *ret, struct pf_error *err)
{
    int64_t count = 0;
    enum pf_rc rc = PF_OK;

    if (pf_settings_get(settings, "feed.try"))
        rc = pf_parse_int(text, 1, COUNT_MAX, &count, err);
    if (rc)
        return pf_settings_fail(settings, "feed.try", PF_CONFIG, err);
    *ret = (uint64_t)count;
    return PF_OK;
}

/* Open the source, which gets kafka, whatever the outcome. */
static enum pf_rc open_source(const struct pf_try *what, rd_kafka_conf_t *kafka,
                              struct pf_pump *pump, struct pf_error *err)
{
    const struct pf_kafka_start start = {
        .topic = what->topics.input,
        .partition = PF_KAFKA_ALL,
        .listed = true,
        .offset = RD_KAFKA_OFFSET_STORED,
        .end_at_eof = true,
        .kept = true, /* and nobody asks for them: they stay where they are */
        .stats = what->stats,
        .metric = what->kafka_metric,
    };

    return pf_kafka_source_open(kafka, &start, &pump->source, err);
}

static enum pf_rc open_filter(const struct pf_try *what, struct pf_pump *pump,
                              struct pf_error *err)
{
    const struct pf_try_conf conf = {
        .output = what->topics.output,
        .on_bad = (enum pf_on_bad)what->topics.on_bad,
        .dead_letters = what->topics.dead_letters,
        .count = what->count,
        .windows = pf_window_wanted(&what->filters->windows),
        .dropped = what->filters->jq.metric + PF_JQ_DROPPED,
    };
    struct pf_filter *inner = NULL;
    enum pf_rc rc = pf_filters_open(what->filters, pump->source, what->stats,
                                    &inner, err);

    if (rc)
        return rc;
    rc = pf_try_filter_open(&conf, inner, what->stats, &pump->filter, err);
    if (rc)
        pf_filter_close(inner);
    return rc;
}

static void report(const struct pf_try *what, const struct pf_filter *filter)
{
    struct pf_try_counts n = pf_try_filter_counts(filter);
    bool no_more = *pf_stats_at(what->stats, PF_PUMP_FINISHED) &&
                   n.records < what->count;

    pf_log(PF_LOG_INFO,
           "%" PRIu64 " records shown%s: %" PRIu64 " refused, %" PRIu64
           " dropped; nothing is written or committed",
           n.records, no_more ? ", and the input has no more" : "", n.refused,
           n.dropped);
}

enum pf_rc pf_try(const struct pf_try *what, rd_kafka_conf_t *kafka,
                  struct pf_error *err)
{
    struct pf_pump pump = {
        .stats = what->stats,
        .limit = what->count,
        .commit_interval_ms = FLUSH_MS,
        .drain_ms = DRAIN_MS,
    };
    enum pf_rc rc = open_source(what, kafka, &pump, err);

    if (!rc)
        rc = pf_console_sink_open("", &pump.sinks[0], err);
    if (!rc)
        rc = open_filter(what, &pump, err);
    if (!rc) {
        rc = pf_pump_run(&pump, err);
        report(what, pump.filter);
    }
    pf_sink_close(pump.sinks[0]);
    pf_source_close(pump.source);
    pf_filter_close(pump.filter);
    return rc;
}
