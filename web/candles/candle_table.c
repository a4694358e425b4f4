#include "candle_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event_time.h"
#include "json_scan.h"
#include "text.h"

enum { MATCH, START, END, OPEN, HIGH, LOW, CLOSE, COUNT, MEMBERS };

static const char *const names[MEMBERS] = {
    [MATCH] = "match", [START] = "start", [END] = "end",     [OPEN] = "open",
    [HIGH] = "high",   [LOW] = "low",     [CLOSE] = "close", [COUNT] = "count",
};

/* Not of before 1970: the page gets seconds, without a sign. */
static bool read_time(const struct pf_json_find *find, int64_t *ret_ms)
{
    int64_t us;

    if (!find->at || find->len < 2 || *find->at != '"' ||
        pf_time_parse(find->at + 1, find->len - 2, &us, NULL) || us < 0)
        return false;
    *ret_ms = us / 1000;
    return true;
}

static bool read_number(const struct pf_json_find *find, int64_t max,
                        int64_t *ret)
{
    char text[24];

    if (!find->at || find->len >= sizeof text)
        return false;
    memcpy(text, find->at, find->len);
    text[find->len] = '\0';
    return !pf_parse_int(text, 0, max, ret, NULL);
}

/* A price is whole ticks, so it goes the way of all prices. */
static bool read_ticks(const struct pf_json_find *find, int64_t *ret)
{
    struct pf_price price;
    char json[64];
    int len;

    if (!find->at || find->len > 30)
        return false;
    len = snprintf(json, sizeof json, "{\"match\": 1, \"price\": %.*s}",
                   (int)find->len, find->at);
    if (pf_price_decode(json, (size_t)len, &price, NULL))
        return false;
    *ret = price.ticks;
    return true;
}

static bool parse(const char *json, size_t len, int *ret_match,
                  struct web_candle *ret)
{
    static _Thread_local struct pf_json_find finds[MEMBERS];
    int64_t match;

    for (size_t i = 0; i < MEMBERS; i++)
        if (pf_json_find_init(&finds[i], names[i], NULL))
            return false;
    if (pf_json_scan(json, len, finds, MEMBERS, NULL) ||
        !read_number(&finds[MATCH], PF_MATCH_MAX, &match) ||
        match < PF_MATCH_MIN || !read_time(&finds[START], &ret->start_ms) ||
        !read_time(&finds[END], &ret->end_ms) ||
        !read_ticks(&finds[OPEN], &ret->open) ||
        !read_ticks(&finds[HIGH], &ret->high) ||
        !read_ticks(&finds[LOW], &ret->low) ||
        !read_ticks(&finds[CLOSE], &ret->close) || ret->low > ret->high ||
        ret->start_ms >= ret->end_ms)
        return false;
    if (!read_number(&finds[COUNT], INT64_MAX, &ret->count))
        ret->count = -1;
    *ret_match = (int)match;
    return true;
}

bool web_candle_take(struct web_candle_table *table, const char *json,
                     size_t len)
{
    struct web_candle candle, *ring;
    size_t i, newest;
    int match;

    if (!json || !parse(json, len, &match, &candle))
        return false;
    i = (size_t)(match - PF_MATCH_MIN);
    ring = table->matches[i].ring;
    if (!ring)
        ring = calloc(WEB_CANDLES_KEPT, sizeof *ring);
    if (!ring)
        return false;
    table->matches[i].ring = ring;
    newest = (table->matches[i].next + WEB_CANDLES_KEPT - 1) % WEB_CANDLES_KEPT;
    if (table->matches[i].n && candle.start_ms < ring[newest].start_ms)
        return false;
    candle.number = ++table->last;
    if (table->matches[i].n && candle.start_ms == ring[newest].start_ms) {
        ring[newest] = candle;
        return true;
    }
    ring[table->matches[i].next] = candle;
    table->matches[i].next = (newest + 2) % WEB_CANDLES_KEPT;
    table->matches[i].n += table->matches[i].n < WEB_CANDLES_KEPT;
    return true;
}

size_t web_candle_list(const struct web_candle_table *table, int match,
                       uint64_t since,
                       struct web_candle ret[static WEB_CANDLES_KEPT])
{
    size_t i = (size_t)(match - PF_MATCH_MIN), found = 0;
    size_t n, first;

    if (match < PF_MATCH_MIN || match > PF_MATCH_MAX)
        return 0;
    n = table->matches[i].n;
    first = table->matches[i].next + WEB_CANDLES_KEPT - n;
    for (size_t k = 0; k < n; k++) {
        const struct web_candle *candle =
            &table->matches[i].ring[(first + k) % WEB_CANDLES_KEPT];

        if (candle->number > since)
            ret[found++] = *candle;
    }
    return found;
}

void web_candle_release(struct web_candle_table *table)
{
    for (size_t i = 0; i < sizeof table->matches / sizeof *table->matches; i++)
        free(table->matches[i].ring);
    *table = (struct web_candle_table){0};
}
