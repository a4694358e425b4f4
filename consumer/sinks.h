/* sinks.h - where a consumer's records go, by its settings: what is written,
 * and by whom. */
#ifndef PF_SINKS_H
#define PF_SINKS_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dead_sinks.h"
#include "on_bad.h"
#include "options.h"
#include "postgres.h"
#include "price_filter.h"
#include "pump.h"
#include "stats.h"

enum pf_sink_kind { PF_SINK_CONSOLE, PF_SINK_POSTGRES, PF_SINK_ORIGIN };

/** What the console gets. */
enum pf_print { PF_PRINT_PRICES, PF_PRINT_VALUES };

/** The settings of all sinks; the strings are the options table's. */
struct pf_sinks {
    int kind;   /* enum pf_sink_kind */
    int print;  /* enum pf_print */
    int on_bad; /* enum pf_on_bad */
    struct pf_dead_conf dead;
    char *dead_letters;
    bool strict;
    char *origin; /* topic for all dead letters; empty: where each came from */
    char *console;
    char *prices;
    struct pf_postgres_conf postgres;

    /* Not settings: what they count is in stats from here on. */
    size_t price_metric;
    size_t latency_metric;
};

/** Rows for the options table of a struct type with a member sinks. */
#define PF_SINKS_OPTIONS(type, sinks)                                         \
    PF_ON_BAD_OPTION(type, sinks.on_bad, "feed.on.bad",                       \
                     "record that is not a price: skip counts and describes " \
                     "it; stop ends before it; dead-letter (default with "    \
                     "postgres) puts it aside"),                              \
        PF_OPTION_STR(type, sinks.dead_letters, "feed.dead.letters", "",      \
                      "where dead-letter puts records, with the reason: a "   \
                      "topic, or file:PATH"),                                 \
        PF_OPTION_BOOL(type, sinks.strict, "feed.strict.range", "false",      \
                       "true: a match outside 100 to 999 or a price outside " \
                       "1.00 to 10.00 is a bad record too"),                  \
        PF_OPTION_CHOICE(                                                     \
            type, sinks.kind, "feed.sink", "console",                         \
            "console|postgres|origin",                                        \
            "where prices go: lines on the console, or rows in PostgreSQL; "  \
            "origin: dead letters, back to their topics"),                    \
        PF_OPTION_STR(type, sinks.origin, "feed.origin.topic", "",            \
                      "with feed.sink=origin: topic for all dead letters; "   \
                      "empty: the one that each came from"),                  \
        PF_OPTION_CHOICE(type, sinks.print, "feed.print", "prices",           \
                         "prices|values",                                     \
                         "what the console gets: prices, decoded and "        \
                         "checked; values: those of all records, escaped"),   \
        PF_OPTION_STR(type, sinks.console, "feed.console", "",                \
                      "file, pipe or terminal to print to; empty: standard "  \
                      "output"),                                              \
        PF_OPTION_STR(type, sinks.prices, "feed.prices", "",                  \
                      "file with the last price of each match, for the live " \
                      "page; empty: none"),                                   \
        PF_POSTGRES_OPTIONS(type, sinks.postgres)

/**
 * Check what the options table cannot, for records of this topic (a list, as in
 * kafka_group.h), which is borrowed.
 *
 * PF_CONFIG  a setting is wrong; *err says which one, and why
 */
enum pf_rc pf_sinks_check(struct pf_sinks *sinks,
                          const struct pf_settings *settings, const char *topic,
                          struct pf_error *err);

/** The default of group.id: each kind of sink has a position of its own. */
const char *pf_sinks_group(const struct pf_sinks *sinks);

/**
 * Open what comes after the source, and put it into *pump, whose stats are set:
 * sink and filter, and what is done with bad records. kafka has the settings of
 * the source's client. Errors are those of the sink's own open function.
 * Whatever the outcome, pf_sinks_close() what is in *pump then.
 */
enum pf_rc pf_sinks_open(const struct pf_sinks *sinks,
                         const rd_kafka_conf_t *kafka, struct pf_pump *pump,
                         struct pf_error *err);

void pf_sinks_close(struct pf_pump *pump);

/** Log what has become of all records. */
void pf_sinks_report(const struct pf_sinks *sinks, struct pf_stats *stats);

#endif
