/* sources.h - which source a producer has, by its settings. */
#ifndef PF_SOURCES_H
#define PF_SOURCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "options.h"
#include "orders_source.h"
#include "random.h"
#include "replay.h"
#include "settings.h"
#include "source.h"
#include "template_source.h"

enum pf_source_kind {
    PF_SOURCE_RANDOM,
    PF_SOURCE_REPLAY,
    PF_SOURCE_ORDERS,
    PF_SOURCE_TEMPLATE,
};

/** The settings of all sources; the strings are the options table's. */
struct pf_sources {
    int kind; /* enum pf_source_kind */
    char *seed;
    int64_t count;
    char *replay_restamp, *replay_start, *replay_end, *orders_start,
        *template_start;
    /* The start of each is set when it is opened. */
    struct pf_random random;
    struct pf_replay replay;
    struct pf_orders_feed orders;
    struct pf_template_feed template;

    /* Set by pf_sources_check(). */
    bool once;            /* the recording can be read only once: a pipe */
    uint64_t seed_number; /* seed, or what was chosen instead */
};

/** Rows for the options table of a struct type with a member sources. */
#define PF_SOURCES_OPTIONS(type, sources)                                      \
    PF_OPTION_CHOICE(                                                          \
        type, sources.kind, "feed.source", "random",                           \
        "random|replay|orders|template",                                       \
        "what to produce: random prices, a recording, random order events or " \
        "what a template makes"),                                              \
        PF_OPTION_NUM(type, sources.random.rate, "feed.rate", "10", 0, 1e7,    \
                      "prices, or records of a template, a second; 0: as "     \
                      "fast as Kafka takes them"),                             \
        PF_OPTION_INT(type, sources.count, "feed.count", "0", 0, 1e15,         \
                      "end after this many records; 0: never"),                \
        PF_OPTION_STR(type, sources.seed, "feed.seed", "",                     \
                      "0 to 18446744073709551615; same seed, same records; "   \
                      "empty: chosen at random, and logged"),                  \
        PF_OPTION_STR(type, sources.replay.file, "feed.replay.path", "",       \
                      "recording: JSON Lines or a JSON array, plain or "       \
                      "packed by gzip, bzip2 or zstd; -: standard input"),     \
        PF_OPTION_CHOICE(type, sources.replay.form, "feed.replay.form",        \
                         "auto", "auto|lines|array",                           \
                         "auto: an array if the recording begins with ["),     \
        PF_OPTION_STR(type, sources.replay.time, "feed.replay.time", "",       \
                      "member with the event's time: order.at, data.0.at or "  \
                      "/data/0/last.at; empty: no pace"),                      \
        PF_OPTION_NUM(type, sources.replay.speed, "feed.replay.speed", "1", 0, \
                      1e9,                                                     \
                      "1: as recorded, 10: ten times as fast; 0: as fast as "  \
                      "Kafka takes them"),                                     \
        PF_OPTION_NUM(type, sources.replay.max_gap_s, "feed.replay.max.gap",   \
                      "0", 0, 1e9,                                             \
                      "longest pause in seconds; longer pauses are cut to "    \
                      "this; 0: no limit"),                                    \
        PF_OPTION_BOOL(type, sources.replay.loop, "feed.replay.loop", "false", \
                       "start again at the end"),                              \
        PF_OPTION_STR(type, sources.replay_restamp, "feed.replay.restamp", "", \
                      "shift all times so that the first is now, now-7d (s, "  \
                      "m, h, d) or a time; empty: no shift"),                  \
        PF_OPTION_STR(type, sources.replay.key, "feed.replay.key", "",         \
                      "member that becomes the record's key, as for "          \
                      "feed.replay.time; empty: no key"),                      \
        PF_OPTION_STR(type, sources.replay_start, "feed.replay.start", "",     \
                      "replay only events from this time on; empty: all"),     \
        PF_OPTION_STR(type, sources.replay_end, "feed.replay.end", "",         \
                      "replay only events before this time; empty: all"),      \
        PF_OPTION_STR(type, sources.orders_start, "feed.orders.start", "now",  \
                      "when the first order is placed: now, now-6h (s, m, "    \
                      "h, d) or a time"),                                      \
        PF_OPTION_NUM(type, sources.orders.shop.rate, "feed.orders.rate",      \
                      "10", 0.0001, 1e6,                                       \
                      "events per second of their own time, in the long run"), \
        PF_OPTION_NUM(type, sources.orders.shop.age, "feed.orders.age", "60",  \
                      0.001, 100000,                                           \
                      "about how many minutes from placed to fulfilled"),      \
        PF_OPTION_NUM(type, sources.orders.speed, "feed.orders.speed", "1", 0, \
                      1e9,                                                     \
                      "speed of their own time, 60: a minute per second; 0: "  \
                      "as fast as Kafka takes them"),                          \
        PF_OPTION_STR(type, sources.template.template.file, "feed.template",   \
                      "",                                                      \
                      "file with a program in jq that makes a record of "      \
                      "{seq, time, random}"),                                  \
        PF_OPTION_STR(type, sources.template.template.key,                     \
                      "feed.template.key", "",                                 \
                      "member that becomes the record's key, as for "          \
                      "feed.replay.time; empty: no key"),                      \
        PF_OPTION_INT(type, sources.template.template.n_random,                \
                      "feed.template.random", "10", 0, 1000,                   \
                      "how many random numbers a record has, from 0 to 1"),    \
        PF_OPTION_STR(type, sources.template_start, "feed.template.start",     \
                      "now",                                                   \
                      "the first record's time: now, now-6h (s, m, h, d) or "  \
                      "a time")

/**
 * Check what the options table cannot, and set the members that follow from
 * the settings.
 *
 * PF_CONFIG  a setting is wrong; *err says which one, and why
 */
enum pf_rc pf_sources_check(struct pf_sources *sources,
                            const struct pf_settings *settings,
                            struct pf_error *err);

/** Does the source give the same records at the same positions when it is
 * opened again? A source without a seed does not, nor does a pipe. */
bool pf_sources_repeat(const struct pf_sources *sources);

/** The default of linger.ms, which follows the rate. by_key: the records go to
 * many partitions. */
const char *pf_sources_linger(const struct pf_sources *sources, bool by_key);

/** Open the source; its strings are those of *sources. Errors are those of its
 * own open function. */
enum pf_rc pf_sources_open(struct pf_sources *sources,
                           const struct pf_source_start *start,
                           struct pf_source **ret, struct pf_error *err);

#endif
