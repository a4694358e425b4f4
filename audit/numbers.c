/* Holes, repetitions and disorder in the numbers of a topic's records. */
#include <stdlib.h>

#include "comparison.h"

/* Records from .. to - 1 of a life are not in the topic: they are lost, except
 * for the excused ones. place is the one after them. */
static bool report_hole(struct pf_check *c, uint32_t life, uint64_t from,
                        uint64_t to, int64_t place)
{
    const struct pf_life *l = &c->topic->lives.at[life];
    size_t i = pf_keys_find(&c->excused, life, from);
    size_t end = pf_keys_find(&c->excused, life, to);

    for (; i < end; i++) {
        uint64_t number = c->excused.at[i].number;

        if (number > from &&
            !pf_check_absent(c, PF_FOUND_LOST, l, from, number - from, place))
            return false;
        from = number + 1;
    }
    return from >= to ||
           pf_check_absent(c, PF_FOUND_LOST, l, from, to - from, place);
}

/* Of a ledger's run it is known which numbers have come, and where. */
static bool has_ledger(const struct pf_check *c, uint32_t life)
{
    const struct pf_topic *t = c->topic;

    return t->runs->list.at[t->lives.at[life].run]->ledger_life != PF_NONE;
}

/* May numbers before this place still be under way to their partitions, as
 * those are read up to different moments? */
static bool may_come(const struct pf_check *c, uint32_t life, int64_t place)
{
    const struct pf_topic *t = c->topic;
    const struct pf_slice *p = pf_topic_slice(t, (uint64_t)place);

    return t->all && !has_ledger(c, life) &&
           pf_slice_offset(p, (uint64_t)place - p->base) >= p->goal;
}

/* Records from .. to - 1, all below the floor, are not in the topic. Of one
 * partition they were before what was read. Of several, others of their time
 * have been read. */
static void count_gone(struct pf_check *c, uint32_t life, uint64_t from,
                       uint64_t to)
{
    const struct pf_floor *floor = &c->floors[life];

    if (from < floor->opens)
        from = floor->opens;
    if (!c->topic->all || has_ledger(c, life) || from >= to)
        return;
    if (!c->gone)
        c->gone_from = floor->slice;
    c->gone += to - from;
}

static bool check_hole(struct pf_check *c, uint32_t life, uint64_t from,
                       uint64_t to)
{
    int64_t place = pf_check_place(c, life, to);
    uint64_t floor = c->floors[life].number;

    if (may_come(c, life, place))
        return true;
    if (from < floor) {
        count_gone(c, life, from, to < floor ? to : floor);
        from = floor;
    }
    return from >= to || report_hole(c, life, from, to, place);
}

static bool check_holes(struct pf_check *c)
{
    for (size_t i = 0; i < c->covers.n; i++) {
        const struct pf_key *at = &c->covers.at[i];
        bool first = i == 0 || at[-1].life != at->life;
        uint64_t from = first ? 0 : at[-1].number + at[-1].n;

        if (from < at->number && !check_hole(c, at->life, from, at->number))
            return false;
    }
    return true;
}

/* Add the places of numbers from .. to - 1 of a piece to keys. */
static bool explode(pf_keys *keys, const struct pf_key *p, uint64_t from,
                    uint64_t to)
{
    struct pf_key key = {p->life, from, p->of + (from - p->number), 1};

    for (; key.number < to; key.number++, key.of++)
        if (!PF_VEC_PUSH(keys, key))
            return false;
    return true;
}

/* Find all places of each number that has more than one, sorted. */
static bool find_repeated(const struct pf_check *c, pf_keys *ret)
{
    struct pf_key top = {.life = PF_NONE}; /* reaches furthest so far */

    for (size_t i = 0; i < c->pieces.n; i++) {
        struct pf_key p = pf_check_piece(c, i);
        uint64_t end = p.number + p.n, top_end = top.number + top.n;

        if (top.life == p.life && p.number < top_end) {
            uint64_t to = end < top_end ? end : top_end;

            if (!explode(ret, &p, p.number, to) ||
                !explode(ret, &top, p.number, to))
                return false;
        }
        if (top.life != p.life || end > top_end)
            top = p;
    }
    pf_keys_sort(ret);
    return true;
}

/*
 * A number has two places with different bytes. Is the first one a stranger's?
 * Records of somebody else have no headers, so they get numbers only from their
 * distance to the last record with headers. The producer's own next records
 * then have the same numbers again.
 */
static bool is_stranger(const struct pf_check *c, uint64_t a, uint64_t b)
{
    const struct pf_slice *p = pf_topic_slice(c->topic, a);
    const struct pf_number_span *before = pf_slice_span(p, a - p->base), *after;

    if (pf_bit(p->told.at, a - p->base) || p != pf_topic_slice(c->topic, b))
        return false;
    after = pf_slice_span(p, b - p->base);
    return before + 1 == after &&
           before->number + pf_slice_span_len(p, before) <=
               after->number + pf_slice_span_len(p, after);
}

/* The places of one number, in order. */
static bool check_repeated(struct pf_check *c, const struct pf_key *keys,
                           size_t n)
{
    int64_t own = -1; /* the producer's own place */

    for (size_t i = 0; i < n; i++) {
        enum pf_finding_kind kind = PF_FOUND_DUPLICATE;
        uint64_t place = keys[i].of;

        pf_bit_set(c->twins, place);
        if ((i && keys[i - 1].of == place) || pf_bit(c->extra, place))
            continue;
        if (own < 0) {
            own = (int64_t)place;
            continue;
        }
        if (pf_topic_crc(c->topic, (uint64_t)own) !=
            pf_topic_crc(c->topic, place)) {
            kind = PF_FOUND_CONFLICT;
            if (is_stranger(c, (uint64_t)own, place)) {
                kind = PF_FOUND_PHANTOM;
                place = (uint64_t)own;
                own = (int64_t)keys[i].of;
            }
        }
        pf_bit_set(c->extra, place);
        if (!pf_check_found(c, kind, place))
            return false;
    }
    return true;
}

static bool check_repetition(struct pf_check *c)
{
    pf_keys keys = {0};
    bool ok = find_repeated(c, &keys);

    for (size_t i = 0, n; i < keys.n && ok; i += n) {
        for (n = 1; i + n < keys.n && keys.at[i + n].life == keys.at[i].life &&
                    keys.at[i + n].number == keys.at[i].number;
             n++)
            ;
        ok = check_repeated(c, &keys.at[i], n);
    }
    free(keys.at);
    return ok;
}

/* Find records of one partition that came only once, after one with a higher
 * number. */
static bool check_order(struct pf_check *c)
{
    const struct pf_slice *p = &c->topic->slices.at[0];
    uint64_t *tops; /* highest + 1 */
    bool ok;

    if (c->topic->all)
        return true; /* it is judged within keys: key_order.c */
    tops = calloc(c->topic->lives.n + 1, sizeof *tops);
    ok = tops != NULL;
    for (size_t i = 0; i < p->numbers.n && ok; i++) {
        const struct pf_number_span *s = &p->numbers.at[i];
        uint64_t n = pf_slice_span_len(p, s);

        if (s->life == PF_NONE)
            continue;
        for (uint64_t k = 0; k < n && s->number + k < tops[s->life] && ok; k++)
            if (!pf_bit(c->extra, s->at + k))
                ok = pf_check_found(c, PF_FOUND_REORDERED, s->at + k);
        /* Ignore extra records: a stray high number would make all records
         * after it look reordered. */
        while (n && pf_bit(c->extra, s->at + n - 1))
            n--;
        if (n && tops[s->life] < s->number + n)
            tops[s->life] = s->number + n;
    }
    free(tops);
    return ok;
}

bool pf_check_numbers(struct pf_check *c)
{
    return check_holes(c) && check_repetition(c) && check_order(c);
}
