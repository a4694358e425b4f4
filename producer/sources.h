/* sources.h - which source a producer has, by its settings. */
#ifndef PF_SOURCES_H
#define PF_SOURCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "headers.h"
#include "options.h"
#include "replay.h"
#include "settings.h"
#include "source.h"
#include "stats.h"

/** Characters of a run's name that tell a recording from others of its file's
 * name. */
#define PF_RUN_APART 9

enum pf_source_kind { PF_SOURCE_RANDOM, PF_SOURCE_REPLAY, PF_SOURCE_ORDERS };

/** The settings of all sources; the strings are the options table's. */
struct pf_sources {
    int kind; /* enum pf_source_kind */
    char *seed;
    double rate;
    int64_t count;
    struct {
        char *file, *time, *key, *restamp, *start, *end, *dead_letters;
        int form, on_bad; /* enum pf_form, enum pf_on_bad_line */
        double speed, max_gap_s;
        bool loop;
    } replay;
    struct {
        char *start;
        double rate, age, speed;
    } orders;

    /* What pf_sources_check() has made of them. */
    bool once;            /* the recording is a pipe or the like */
    uint64_t seed_number; /* seed, or what was chosen in its place */
    int64_t now_us;       /* when that was */
    int64_t start_us, end_us, restamp_us, orders_us;
    int restamp_from_now, orders_from_now;
};

/** Their rows for the options table of type, whose member sources is. */
#define PF_SOURCES_OPTIONS(type, sources)                                      \
    PF_OPTION_CHOICE(type, sources.kind, "feed.source", "random",              \
                     "random|replay|orders",                                   \
                     "where records come from: random prices, a recording, "   \
                     "or random order events"),                                \
        PF_OPTION_NUM(type, sources.rate, "feed.rate", "10", 0, 1e7,           \
                      "prices a second; 0: as fast as Kafka takes them"),      \
        PF_OPTION_INT(type, sources.count, "feed.count", "0", 0, 1e15,         \
                      "end after this many records; 0: never"),                \
        PF_OPTION_STR(type, sources.seed, "feed.seed", "",                     \
                      "0 to 18446744073709551615; the same seed gives the "    \
                      "same prices or orders on every machine; empty: one "    \
                      "is chosen, and logged"),                                \
        PF_OPTION_STR(type, sources.replay.file, "feed.replay.path", "",       \
                      "recording: JSON Lines or a JSON array, packed by "      \
                      "gzip, bzip2 or zstd or not; -: standard input"),        \
        PF_OPTION_CHOICE(type, sources.replay.form, "feed.replay.form",        \
                         "auto", "auto|lines|array",                           \
                         "auto: an array if it begins with a ["),              \
        PF_OPTION_STR(type, sources.replay.time, "feed.replay.time", "",       \
                      "path of the member with an event's time, such as "      \
                      "order.at, data.0.at or the JSON Pointer "               \
                      "/data/0/last.at; empty: events have none, and no "      \
                      "pace"),                                                 \
        PF_OPTION_NUM(type, sources.replay.speed, "feed.replay.speed", "1", 0, \
                      1e9,                                                     \
                      "1: as recorded, 10: ten times as fast; 0: as fast as "  \
                      "Kafka takes them"),                                     \
        PF_OPTION_NUM(type, sources.replay.max_gap_s, "feed.replay.max.gap",   \
                      "0", 0, 1e9,                                             \
                      "seconds; a longer pause, or step in the times, is "     \
                      "cut to this; 0: none is"),                              \
        PF_OPTION_BOOL(type, sources.replay.loop, "feed.replay.loop", "false", \
                       "begin anew at the end"),                               \
        PF_OPTION_STR(type, sources.replay.restamp, "feed.replay.restamp", "", \
                      "move all times so that the first is then: now, "        \
                      "now-7d (s, m, h, d) or a time; empty: leave them"),     \
        PF_OPTION_STR(type, sources.replay.key, "feed.replay.key", "",         \
                      "path of the member that becomes a record's key; "       \
                      "empty: no key"),                                        \
        PF_OPTION_STR(type, sources.replay.start, "feed.replay.start", "",     \
                      "replay only events from this time on; empty: all"),     \
        PF_OPTION_STR(type, sources.replay.end, "feed.replay.end", "",         \
                      "replay only events before this time; empty: all"),      \
        PF_OPTION_CHOICE(type, sources.replay.on_bad, "feed.replay.on.bad",    \
                         "skip", "skip|stop|dead-letter",                      \
                         "what to do with a line that is no event"),           \
        PF_OPTION_STR(type, sources.replay.dead_letters,                       \
                      "feed.replay.dead.letters", "",                          \
                      "file that dead-letter appends such lines to"),          \
        PF_OPTION_STR(type, sources.orders.start, "feed.orders.start", "now",  \
                      "when the first order is placed: now, now-6h (s, m, "    \
                      "h, d) or a time"),                                      \
        PF_OPTION_NUM(type, sources.orders.rate, "feed.orders.rate", "10",     \
                      0.0001, 1e6,                                             \
                      "events a second of their own time, in the long run"),   \
        PF_OPTION_NUM(type, sources.orders.age, "feed.orders.age", "60",       \
                      0.001, 100000,                                           \
                      "minutes from placed to fulfilled, about"),              \
        PF_OPTION_NUM(type, sources.orders.speed, "feed.orders.speed", "1", 0, \
                      1e9,                                                     \
                      "how fast their time passes; 0: as fast as Kafka "       \
                      "takes them")

/**
 * Check what the options table cannot, and work out what follows.
 *
 * PF_CONFIG  a mistake; *err says where, and what it is
 */
enum pf_rc pf_sources_check(struct pf_sources *sources,
                            const struct pf_settings *settings,
                            struct pf_error *err);

/** Does the source give the same records in the same places, when it is opened
 * again? A source with no seed set does not, nor does a pipe. */
bool pf_sources_repeat(const struct pf_sources *sources);

/** Write the name of the run that a source which repeats itself has, unless
 * another is set; "" for any other. That of a recording is to be completed by
 * pf_run_tell_apart(). */
void pf_sources_run(const struct pf_sources *sources,
                    char ret[static PF_RUN_SIZE]);

/** Records a second that may be expected; 0: as many as are taken, -1: as
 * many as were recorded. */
double pf_sources_rate(const struct pf_sources *sources);

/** What is decided when the source is opened. */
struct pf_source_start {
    uint64_t first;   /* position to begin with */
    size_t value_max; /* bytes of key and value that the sink takes */
    struct pf_stats *stats;
    size_t due_metric, bad_metric;
};

/** Which recording, and how. */
struct pf_replay pf_sources_replay(const struct pf_sources *sources,
                                   const struct pf_source_start *start);

/** Open the source. Errors are those of its own open function. */
enum pf_rc pf_sources_open(const struct pf_sources *sources,
                           const struct pf_source_start *start,
                           struct pf_source **ret, struct pf_error *err);

#endif
