/* record_search.h - the records of a topic in the order of time, in steps. */
#ifndef PF_WEB_RECORD_SEARCH_H
#define PF_WEB_RECORD_SEARCH_H

#include "range.h"
#include "record_json.h"
#include "record_match.h"

/** How long a search looks, in ms, before it says how far it came. */
#define WEB_SEARCH_MS 1000

/** One partition of those that are searched. */
struct web_search_part {
    int32_t number;

    /* What is left to look at: the offsets from low to high - 1. The newest are
     * looked at first, or the oldest. */
    int64_t low, high;

    int64_t block; /* how many offsets are looked at next */
    bool begun;
    int64_t time; /* of the record that was looked at last */

    /* The records that were found there, in their order: a ring. */
    struct web_record *hits;
    size_t first, n_hits;
};

/**
 * A search. In each partition records come in the order of their offsets, and
 * of several partitions the one with the newest (oldest) time comes first; if
 * times are equal, the one of the lower partition. A partition is looked at in
 * blocks, in turn: always the one that is the least far in time.
 */
struct web_search {
    struct web_range range;
    bool newest;
    struct web_match match; /* only these records */
    size_t most;            /* bytes of a value that are kept */

    struct web_search_part *parts;
    size_t n_parts, per_part; /* how many hits of each are kept */
    int64_t looked_at;        /* records */

    /* Of the block that is looked at. */
    struct web_search_part *part;
    bool dropped; /* there were more hits than are kept */
    int64_t block_time;
    size_t block_seen;
    int64_t late_ms; /* when it has taken too long, for jq may do so */
    bool is_late;    /* it has */
    bool progress;   /* something is done in this request */
};

/** What is searched, and how. All borrowed until the release. */
struct web_search_conf {
    const struct web_kafka_topic *topic;
    bool newest;
    const char *text;        /* or NULL */
    struct web_where *where; /* or NULL */
    size_t limit;            /* how many records are wanted */
    size_t most;             /* bytes of a value that are kept */
};

/** Begin to search n partitions, whose numbers, lows and highs the caller sets
 * in search->parts next. False: refused; it must not be released. */
bool web_search_init(struct web_search *search, struct web_ask *ask,
                     const struct web_search_conf *conf, size_t n);
void web_search_release(struct web_search *search);

/** Gets a record that was found. False: no room for it; it is to be found
 * again. */
typedef bool web_search_put(void *context, const struct web_record *record);

/** Give records to put(), limit at most, for WEB_SEARCH_MS. False: refused. */
bool web_search_run(struct web_search *search, size_t limit,
                    web_search_put *put, void *context);

/** Where part goes on: newest first, with the offsets below that, else with it
 * and those above. */
int64_t web_search_place(const struct web_search *search,
                         const struct web_search_part *part);

/** Is anything left, in any partition? */
bool web_search_more(const struct web_search *search);

#endif
