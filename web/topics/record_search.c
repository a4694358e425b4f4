#include "record_search.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"

/* A block takes about this long: it is looked at as a whole, and then what
 * librdkafka has fetched beyond it is dropped. */
#define BLOCK_MS 50
#define FIRST_BLOCK 2000 /* offsets, if there is a text to look for */
#define FIRST_ASKED 200  /* the same, if jq is asked */
#define BLOCK_MAX (INT64_C(1) << 40)

bool web_search_init(struct web_search *search, struct web_ask *ask,
                     const struct web_search_conf *conf, size_t n)
{
    size_t per_part = n ? conf->limit * 2 / n + 1 : 1;
    int64_t block;

    *search = (struct web_search){
        .newest = conf->newest,
        .match = {.text = conf->text,
                  .text_len = conf->text ? strlen(conf->text) : 0,
                  .where = conf->where},
        .most = conf->most,
        .n_parts = n,
        .per_part = per_part < conf->limit ? per_part : conf->limit,
        .parts = calloc(n + 1, sizeof *search->parts),
    };
    if (!search->parts)
        return web_ask_nomem(ask);
    block = conf->where  ? FIRST_ASKED
            : conf->text ? FIRST_BLOCK
                         : (int64_t)search->per_part;
    for (size_t i = 0; i < n; i++)
        search->parts[i].block = block;
    if (web_range_init(&search->range, ask, conf->topic))
        return true;
    free(search->parts);
    return false;
}

void web_search_release(struct web_search *search)
{
    web_range_release(&search->range);
    for (size_t i = 0; i < search->n_parts; i++) {
        struct web_search_part *part = &search->parts[i];

        for (size_t hit = 0; part->hits && hit < search->per_part; hit++)
            web_record_release(&part->hits[hit]);
        free(part->hits);
    }
    free(search->parts);
}

/* The hit that is given next; there must be one. */
static struct web_record *next_hit(const struct web_search *search,
                                   const struct web_search_part *part)
{
    size_t i = part->first + (search->newest ? part->n_hits - 1 : 0);

    return &part->hits[i % search->per_part];
}

static void drop_hit(const struct web_search *search,
                     struct web_search_part *part)
{
    if (!search->newest)
        part->first = (part->first + 1) % search->per_part;
    part->n_hits--;
}

int64_t web_search_place(const struct web_search *search,
                         const struct web_search_part *part)
{
    if (!part->n_hits)
        return search->newest ? part->high : part->low;
    return next_hit(search, part)->offset + search->newest;
}

static bool is_left(const struct web_search_part *part)
{
    return part->n_hits || part->low < part->high;
}

bool web_search_more(const struct web_search *search)
{
    for (size_t i = 0; i < search->n_parts; i++)
        if (is_left(&search->parts[i]))
            return true;
    return false;
}

/* Does what is next of a come before what is next of b? A partition without a
 * hit stands where it was looked at last: its next hit is not before that. */
static bool is_before(const struct web_search *search,
                      const struct web_search_part *a,
                      const struct web_search_part *b)
{
    int64_t a_time = a->n_hits ? next_hit(search, a)->timestamp : a->time;
    int64_t b_time = b->n_hits ? next_hit(search, b)->timestamp : b->time;

    if (!a->begun || !b->begun)
        return !a->begun && b->begun;
    return search->newest ? a_time > b_time : a_time < b_time;
}

/* The partition that is next; of those with hits only. NULL: none is left. */
static struct web_search_part *next_part(const struct web_search *search,
                                         bool with_hits)
{
    struct web_search_part *next = NULL;

    for (size_t i = 0; i < search->n_parts; i++) {
        struct web_search_part *part = &search->parts[i];

        if (with_hits ? part->n_hits > 0 : is_left(part))
            if (!next || is_before(search, part, next))
                next = part;
    }
    return next;
}

/* Keep a hit. False: there is room for no more. */
static bool keep(struct web_search *search, const struct pf_record *record)
{
    struct web_search_part *part = search->part;

    if (part->n_hits == search->per_part) { /* newest: the oldest goes */
        part->first = (part->first + 1) % search->per_part;
        part->n_hits--;
        search->dropped = true;
    }
    web_record_keep(
        &part->hits[(part->first + part->n_hits) % search->per_part], record,
        search->most);
    part->n_hits++;
    return search->newest || part->n_hits < search->per_part;
}

static bool take(void *context, const struct pf_record *record)
{
    struct web_search *search = context;

    search->looked_at++;
    if (!search->block_seen++ || !search->newest)
        search->block_time = record->timestamp;
    if (web_match(&search->match, record) && !keep(search, record))
        return false;
    search->is_late = search->match.where && pf_now_ms() >= search->late_ms;
    return !search->is_late && !search->match.failed;
}

/* The next block is as large as what takes BLOCK_MS. */
static void resize_block(struct web_search_part *part, int64_t took_ms)
{
    if (took_ms < BLOCK_MS / 2 && part->block < BLOCK_MAX)
        part->block *= 2;
    else if (took_ms > 2 * BLOCK_MS && part->block > 1)
        part->block /= 2;
}

/* The block from an offset on, up to n more, was looked at, or only up to where
 * reading came. */
static void looked(struct web_search *search, struct web_search_part *part,
                   int64_t from, bool is_late)
{
    if (search->newest && is_late) {
        int64_t done = search->range.next - from;

        /* Its newest records are still to come: again, with less. */
        part->n_hits = 0;
        part->block = part->block / 8 + 1;
        if (search->match.where && done / 2 < part->block)
            part->block = done / 2 + 1;
        return;
    }
    if (!search->newest)
        search->progress |= search->range.next > part->low;
    else
        search->progress = true;
    if (search->newest)
        part->high = search->dropped
                         ? part->hits[part->first % search->per_part].offset
                         : from;
    else
        part->low = search->range.next;
    if (search->block_seen) {
        part->begun = true;
        part->time = search->dropped
                         ? part->hits[part->first % search->per_part].timestamp
                         : search->block_time;
    }
}

/* Look at a block of part, which has no hits. False: refused. */
static bool look(struct web_search *search, struct web_search_part *part,
                 int64_t soft_ms)
{
    int64_t n = part->block < part->high - part->low ? part->block
                                                     : part->high - part->low;
    int64_t from = search->newest ? part->high - n : part->low;
    int64_t began_ms = pf_now_ms();
    enum web_range_end end;

    if (!part->hits)
        part->hits = calloc(search->per_part, sizeof *part->hits);
    if (!part->hits)
        return web_ask_nomem(search->range.ask);
    search->part = part;
    search->dropped = false;
    search->block_seen = 0;
    search->is_late = false;
    search->late_ms = search->progress ? soft_ms : began_ms + WEB_SEARCH_MS;
    end = web_range_read(&search->range, part->number, from, from + n,
                         search->late_ms, take, search);
    if (end == WEB_RANGE_REFUSED)
        return false;
    if (search->match.failed) {
        pf_http_refuse(search->range.ask->reply, 503, "in jq: %s",
                       search->match.failure.text);
        return false;
    }
    search->is_late &= search->range.next < from + n;
    looked(search, part, from, end == WEB_RANGE_LATE || search->is_late);
    if (end == WEB_RANGE_DONE)
        resize_block(part, pf_now_ms() - began_ms);
    return true;
}

bool web_search_run(struct web_search *search, size_t limit,
                    web_search_put *put, void *context)
{
    int64_t soft_ms = pf_now_ms() + WEB_SEARCH_MS;
    struct web_search_part *part;
    size_t given = 0;

    while (given < limit && (part = next_part(search, false))) {
        if (part->n_hits) {
            if (!put(context, next_hit(search, part)))
                return true;
            drop_hit(search, part);
            given++;
        } else if (search->progress && pf_now_ms() >= soft_ms) {
            break;
        } else if (!web_ask_left_ms(search->range.ask)) {
            return web_ask_refuse(search->range.ask,
                                  RD_KAFKA_RESP_ERR__TIMED_OUT,
                                  search->range.topic->what);
        } else if (!look(search, part, soft_ms)) {
            return false;
        }
    }
    /* Whoever waits for another partition must not wait for ever. */
    while (!given && limit && (part = next_part(search, true)) &&
           put(context, next_hit(search, part))) {
        drop_hit(search, part);
        limit--;
    }
    return true;
}
