/* window_conf.h - the settings of windows. */
#ifndef PF_WINDOW_CONF_H
#define PF_WINDOW_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "options.h"
#include "settings.h"
#include "source.h"
#include "window_plan.h"
#include "window_span.h"

/** The settings; the strings are the options table's. */
struct pf_window_conf {
    char *size; /* empty: there are no windows */
    char *advance, *grace, *idle, *ahead;
    char *key, *key_name, *time;
    char *aggregates;
    bool key_json;
    int64_t max_keys;

    /* What pf_window_check() makes of them. */
    struct pf_window_span span;
    int64_t idle_ms; /* 0: windows do not close because nothing comes */
    int64_t ahead_ms;

    /* Not settings: how many partitions the input has (0: not known), whether
     * the filter before the windows has changed keys, what it makes of records
     * as a number (0: there is none), where their counters are
     * in stats, and who knows whether a partition has nothing more to give:
     * that has to be set with feed.window.idle. */
    int partitions;
    bool rekeyed;
    uint64_t before;
    size_t metric;
    const struct pf_source *source;
    bool (*at_end)(const struct pf_source *source, const char *topic,
                   int32_t partition);
};

/** Rows for the options table of a struct type with a member windows. */
#define PF_WINDOW_OPTIONS(type, windows)                                       \
    PF_OPTION_STR(type, windows.size, "feed.window.size", "",                  \
                  "length of a window, such as 60s (ms, s, m, h, d); empty: "  \
                  "no windows"),                                               \
        PF_OPTION_STR(type, windows.advance, "feed.window.advance", "",        \
                      "time from the start of one window to the start of the " \
                      "next, such as 10s; empty: their length"),               \
        PF_OPTION_STR(type, windows.grace, "feed.window.grace", "0s",          \
                      "how long after its end, in event time, a window still " \
                      "takes records"),                                        \
        PF_OPTION_STR(type, windows.aggregates, "feed.window.aggregates",      \
                      "count",                                                 \
                      "what a result says: count, and sum, min, max, avg, "    \
                      "first, last or ohlc of a member: "                      \
                      "count, sum(.price) as turnover"),                       \
        PF_OPTION_STR(type, windows.key, "feed.window.key", "",                \
                      "path of the member that is the window's key, where "    \
                      "the input has one partition; empty: the record's key"), \
        PF_OPTION_STR(type, windows.key_name, "feed.window.key.name", "key",   \
                      "name of the result's member with the key"),             \
        PF_OPTION_BOOL(type, windows.key_json, "feed.window.key.json",         \
                       "false",                                                \
                       "true: a record's key that is JSON, such as 123, is "   \
                       "not written as a string"),                             \
        PF_OPTION_STR(type, windows.time, "feed.window.time", "",              \
                      "path of the member with the event's time; empty: the "  \
                      "record's timestamp"),                                   \
        PF_OPTION_STR(type, windows.ahead, "feed.window.ahead", "1h",          \
                      "how far an event's time may be past the record's "      \
                      "timestamp: later is a dead letter"),                    \
        PF_OPTION_STR(type, windows.idle, "feed.window.idle", "",              \
                      "close the windows of a partition in which nothing "     \
                      "comes for that long, such as 60s; empty: never"),       \
        PF_OPTION_INT(type, windows.max_keys, "feed.window.max.keys",          \
                      "1000000", 1, 1000000000,                                \
                      "most open windows of all keys; beyond that the "        \
                      "program ends with code 1")

/** True if there are windows. */
static inline bool pf_window_wanted(const struct pf_window_conf *conf)
{
    return *conf->size;
}

/**
 * Check what the options table cannot.
 *
 * PF_CONFIG  a setting is wrong; *err says which one, and why
 * PF_NOMEM   memory ran out
 */
enum pf_rc pf_window_check(struct pf_window_conf *conf,
                           const struct pf_settings *settings,
                           struct pf_error *err);

/** Whether keys allow that these partitions are not alone: PF_CONFIG if a
 * member is the key, or the filter before has changed keys. */
enum pf_rc pf_window_check_alone(const struct pf_window_conf *conf, bool alone,
                                 struct pf_error *err);

/** The plan of its aggregates, as pf_window_plan_init(). */
enum pf_rc pf_window_conf_plan(const struct pf_window_conf *conf,
                               struct pf_window_plan *plan,
                               struct pf_error *err);

/** What decides which record is in which window, and what becomes of it, the
 * filter before included, as a number that is the same everywhere. */
uint64_t pf_window_conf_hash(const struct pf_window_conf *conf,
                             const struct pf_window_plan *plan);

/** A path without the dot that it may begin with. */
static inline const char *pf_window_path(const char *text)
{
    return text + (*text == '.');
}

#endif
