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

/* The number that a life should have begun with, as far as known. */
static uint64_t first_of(const struct pf_check *c, const struct pf_key *cover)
{
    const struct pf_topic *t = c->topic;
    const struct pf_life *life = &t->lives.at[cover->life];
    uint64_t first = 0;

    if (!t->feed->from_zero ||
        (t->start > 0 && cover->life == 0)) /* we did not read its beginning */
        return cover->number;
    if (!life->nth && life->run < c->book->firsts.n &&
        c->book->firsts.at[life->run] != UINT64_MAX)
        first = c->book->firsts.at[life->run];
    return first < cover->number ? first : cover->number;
}

static bool check_holes(struct pf_check *c)
{
    for (size_t i = 0; i < c->covers.n; i++) {
        const struct pf_key *at = &c->covers.at[i];
        bool first = i == 0 || at[-1].life != at->life;
        uint64_t from = first ? first_of(c, at) : at[-1].number + at[-1].n;

        if (from < at->number &&
            !report_hole(c, at->life, from, at->number,
                         pf_check_place(c, at->life, at->number)))
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
    const struct pf_key *top = NULL; /* reaches furthest so far */

    for (size_t i = 0; i < c->pieces.n; i++) {
        const struct pf_key *p = &c->pieces.at[i];
        uint64_t end = p->number + p->n, top_end;

        if (!top || top->life != p->life) {
            top = p;
            continue;
        }
        top_end = top->number + top->n;
        if (p->number < top_end) {
            uint64_t to = end < top_end ? end : top_end;

            if (!explode(ret, p, p->number, to) ||
                !explode(ret, top, p->number, to))
                return false;
        }
        if (end > top_end)
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
    const struct pf_topic *t = c->topic;
    const struct pf_number_span *before = pf_topic_span(t, a);
    const struct pf_number_span *after = pf_topic_span(t, b);

    return !pf_bit(t->told.at, a) && before + 1 == after &&
           before->number + pf_topic_span_len(t, before) <=
               after->number + pf_topic_span_len(t, after);
}

/* The places of one number, in order. */
static bool check_repeated(struct pf_check *c, const struct pf_key *keys,
                           size_t n)
{
    const uint32_t *crcs = c->topic->crcs.at;
    int64_t own = -1; /* the producer's own place */

    for (size_t i = 0; i < n; i++) {
        enum pf_finding_kind kind = PF_FOUND_DUPLICATE;
        uint64_t place = keys[i].of;

        if ((i && keys[i - 1].of == place) || pf_bit(c->extra, place))
            continue;
        if (own < 0) {
            own = (int64_t)place;
            continue;
        }
        if (crcs[own] != crcs[place]) {
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

/* Find records that came only once, after one with a higher number. */
static bool check_order(struct pf_check *c)
{
    const struct pf_topic *t = c->topic;
    uint64_t *tops = calloc(t->lives.n + 1, sizeof *tops); /* highest + 1 */
    bool ok = tops != NULL;

    for (size_t i = 0; i < t->numbers.n && ok; i++) {
        const struct pf_number_span *s = &t->numbers.at[i];
        uint64_t n = pf_topic_span_len(t, s);

        if (s->life == PF_NONE)
            continue;
        for (uint64_t k = 0; k < n && s->number + k < tops[s->life] && ok; k++)
            if (!pf_bit(c->extra, s->place + k))
                ok = pf_check_found(c, PF_FOUND_REORDERED, s->place + k);
        /* Ignore extra records: a stray high number would make all records
         * after it look reordered. */
        while (n && pf_bit(c->extra, s->place + n - 1))
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
