/* jq_filter.h - a filter whose work is written in jq: which records go on, what
 * becomes of their values, and what their keys and times are. */
#ifndef PF_JQ_FILTER_H
#define PF_JQ_FILTER_H

#include <stdint.h>

#include "error.h"
#include "filter.h"
#include "jq_conf.h"
#include "stats.h"

/** Its counters; they are in stats from index metric on. Each record that is
 * read is kept, dropped or refused. What is read again, after a transaction was
 * taken back, is counted again; but a refusal that was not written is not. */
enum pf_jq_metric {
    PF_JQ_KEPT,    /* jq_records_kept */
    PF_JQ_DROPPED, /* jq_records_dropped */
    PF_JQ_MADE,    /* jq_records_made */
    PF_JQ_METRICS  /* how many */
};

/** The rows of that table. */
#define PF_JQ_METRIC_ROWS                                                    \
    {"jq_records_kept", "Records that became one or more.", PF_COUNTER,      \
     "records"},                                                             \
        {"jq_records_dropped",                                               \
         "Records that became nothing: feed.where was not true, feed.map "   \
         "had no result, or a tombstone was dropped.",                       \
         PF_COUNTER, "records"},                                             \
    {                                                                        \
        "jq_records_made", "Records that the kept ones became.", PF_COUNTER, \
            "records"                                                        \
    }

/**
 * Open the filter, to be used by this thread alone. *ret is NULL if there is no
 * program: records pass unchanged. *conf, which pf_jq_conf_check() has taken,
 * is borrowed while it is open.
 *
 * For each record it runs feed.where and feed.map on the value, and feed.key
 * and feed.time on what feed.map made of it, or else on the value itself. A
 * record that does not go through all of that is refused as a whole. Its kind
 * is what is wrong with its value (pf_jq_check()), tombstone, limit, deaths, or
 * the program that refused it: where, map, key or time.
 *
 * What feed.where keeps is passed on as it is, bytes and all. A record with a
 * new key has PF_BY_KEY as its partition.
 *
 * With lookups it wants to be woken every PF_LOOKUPS_MS, to see whether they
 * have changed, and then has nothing to say.
 *
 * PF_IO     there is no timer to be had
 * PF_NOMEM  memory ran out
 *
 * apply() returns PF_END if a stop was asked for and programs take too long.
 */
enum pf_rc pf_jq_filter_open(const struct pf_jq_conf *conf,
                             struct pf_stats *stats, struct pf_filter **ret,
                             struct pf_error *err);

/** What decides what such a filter makes of a record: its programs, by their
 * texts as they were read, as a number that is the same everywhere; never 0.
 * Lookups and limits do not count. */
uint64_t pf_jq_filter_hash(const struct pf_filter *filter);

#endif
