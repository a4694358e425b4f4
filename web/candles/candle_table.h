/* candle_table.h - the last candles of each match of one topic. */
#ifndef PF_WEB_CANDLE_TABLE_H
#define PF_WEB_CANDLE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "price.h"

/** How many of a match are kept: what a chart has room for. */
#define WEB_CANDLES_KEPT 120

/** A candle, as pf-processor's windows have it. Prices are ticks (price.h). */
struct web_candle {
    uint64_t number; /* in the order in which they came, from 1 */
    int64_t start_ms, end_ms;
    int64_t open, high, low, close;
    int64_t count; /* prices in it; -1: not known */
};

/** All of them. All zero: none. */
struct web_candle_table {
    uint64_t last; /* the number of the last one that came */
    struct {
        struct web_candle *ring; /* WEB_CANDLES_KEPT; NULL: none yet */
        size_t n, next;
    } matches[PF_MATCH_MAX - PF_MATCH_MIN + 1];
};

/**
 * Take a candle, an object with match, start, end, open, high, low, close and
 * perhaps count. One with the start of the match's newest replaces that. False:
 * nothing is changed, as it is not a candle, or older than the newest of its
 * match, or memory ran out.
 */
bool web_candle_take(struct web_candle_table *table, const char *json,
                     size_t len);

/** The candles of a match with a number above since, the oldest first. Returns
 * how many. */
size_t web_candle_list(const struct web_candle_table *table, int match,
                       uint64_t since,
                       struct web_candle ret[static WEB_CANDLES_KEPT]);

void web_candle_release(struct web_candle_table *table);

#endif
