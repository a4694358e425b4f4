/* jq_conf.h - the settings of the filter whose work is written in jq. */
#ifndef PF_JQ_CONF_H
#define PF_JQ_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "deaths.h"
#include "error.h"
#include "family.h"
#include "options.h"

/** Its programs, in the order in which they run. */
enum pf_jq_step {
    PF_JQ_WHERE,
    PF_JQ_MAP,
    PF_JQ_KEY,
    PF_JQ_TIME,
    PF_JQ_STEPS /* how many */
};

/** What becomes of a tombstone that a program would have to make something of.
 */
enum pf_jq_tombstones {
    PF_JQ_TOMBSTONES_REFUSE,
    PF_JQ_TOMBSTONES_PASS, /* as it is, with its key and its time */
    PF_JQ_TOMBSTONES_DROP,
};

/** The settings; the strings are the options table's. A program is a text or
 * file:PATH, as in jq_program.h, and an empty one is none. */
struct pf_jq_conf {
    char *where, *map, *key, *time;
    struct pf_family lookups; /* files: lookups.h */
    int tombstones;           /* enum pf_jq_tombstones */
    int64_t timeout_ms;
    int64_t memory_mb;

    /* Not settings: what its counters are in stats from; and whether a record
     * that comes again has to have the same results, as for windows. */
    size_t metric;
    bool pure;

    /* What was read and compiled of it by pf_jq_conf_check(), for one filter at
     * a time; NULL: nothing. Copies of these settings share it. */
    struct pf_jq_work *work;

    /* Counts the deaths of this process at a record; borrowed. NULL: nobody
     * does, and nothing that takes too long or too much ends the process. */
    struct pf_deaths *deaths;
};

/** Rows for the options table of a struct type with a member jq. */
#define PF_JQ_OPTIONS(type, jq)                                                \
    PF_OPTION_STR(type, jq.where, "feed.where", "",                            \
                  "jq: a record goes on if a result is neither false nor "     \
                  "null; or file:PATH; empty: all do"),                        \
        PF_OPTION_STR(type, jq.map, "feed.map", "",                            \
                      "jq: each result becomes a record with this value; or "  \
                      "file:PATH; empty: values stay as they are"),            \
        PF_OPTION_STR(type, jq.key, "feed.key", "",                            \
                      "jq: the key, from the value that goes on; null: none; " \
                      "empty: keys and partitions stay"),                      \
        PF_OPTION_STR(type, jq.time, "feed.time", "",                          \
                      "jq: the time, from the value that goes on: RFC 3339, "  \
                      "or s, ms, us or ns since 1970; empty: times stay"),     \
        PF_OPTION_FAMILY(type, jq.lookups, "feed.lookup.NAME",                 \
                         "file that is $NAME in these programs: .json, "       \
                         ".jsonl or .csv; read again when it changes"),        \
        PF_OPTION_CHOICE(type, jq.tombstones, "feed.tombstones", "refuse",     \
                         "refuse|pass|drop",                                   \
                         "a tombstone, where there is feed.map, feed.key or "  \
                         "feed.time; feed.where alone passes it"),             \
        PF_OPTION_INT(type, jq.timeout_ms, "feed.jq.timeout.ms", "1000", 10,   \
                      60000,                                                   \
                      "processor time that jq may take for a record, which "   \
                      "is then refused"),                                      \
        PF_OPTION_INT(type, jq.memory_mb, "feed.jq.memory.mb", "256", 16,      \
                      1024,                                                    \
                      "memory that jq may take for a record, which is then "   \
                      "refused")

/** The program of a step; empty: there is none. */
const char *pf_jq_program(const struct pf_jq_conf *conf, enum pf_jq_step step);

/** The name of its setting. */
const char *pf_jq_setting(enum pf_jq_step step);

#endif
