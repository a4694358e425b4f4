/* From which number on a life's records can be missed. */
#include <stdlib.h>

#include "comparison.h"

/* What the beginnings of partitions say of the lives. */
struct floors {
    struct pf_check *c;
    uint64_t *lows; /* of each life in the slice that is looked at */
};

/* The number that a life should have begun with, as far as known. */
static uint64_t first_of(const struct pf_check *c, const struct pf_key *cover)
{
    const struct pf_life *life = &c->topic->lives.at[cover->life];
    uint64_t first = 0;

    if (!c->topic->feed->from_zero)
        return cover->number;
    if (!life->nth && life->run < c->book->firsts.n &&
        c->book->firsts.at[life->run] != UINT64_MAX)
        first = c->book->firsts.at[life->run];
    return first < cover->number ? first : cover->number;
}

static void raise_floor(struct pf_check *c, uint32_t life, uint64_t number,
                        const struct pf_slice *p)
{
    if (c->floors[life].number >= number)
        return;
    c->floors[life].number = number;
    c->floors[life].slice = (uint32_t)(p - c->topic->slices.at);
}

/* Index of the last span that is of the same life as the first one with
 * numbers, and that life; PF_NONE: there is none. */
static size_t find_last(const struct pf_slice *p, uint32_t *ret_first)
{
    size_t i = 0;

    while (i < p->numbers.n && p->numbers.at[i].life == PF_NONE)
        i++;
    *ret_first = i < p->numbers.n ? p->numbers.at[i].life : PF_NONE;
    for (i = p->numbers.n; i-- > 0;)
        if (p->numbers.at[i].life == *ret_first)
            return i;
    return 0;
}

/*
 * The beginning of this partition is gone. So may be records of the first life
 * that it has, up to the first number there, and all of a life that it does not
 * have. Of several partitions so may be records of a life that was written at
 * the same time as the first one. Of any other life it has all: records of an
 * earlier one are before it.
 */
static void look_at(struct floors *f, const struct pf_slice *p)
{
    struct pf_check *c = f->c;
    uint32_t first;
    size_t last = find_last(p, &first);

    memset(f->lows, 0xff, c->topic->lives.n * sizeof *f->lows);
    for (size_t i = 0; i < p->numbers.n; i++) {
        const struct pf_number_span *s = &p->numbers.at[i];
        uint64_t *low = s->life == PF_NONE ? NULL : &f->lows[s->life];

        if (low && *low == UINT64_MAX && i > last)
            *low = 0; /* it has all */
        else if (low && s->number < *low)
            *low = s->number;
    }
    for (uint32_t life = 0; life < c->topic->lives.n; life++)
        if (life == first || c->topic->all)
            raise_floor(c, life, f->lows[life], p);
}

/* The partition has its beginning: nothing that a life has there is gone. */
static void mark_lives(struct floors *f, const struct pf_slice *p)
{
    for (size_t i = 0; i < p->numbers.n; i++)
        if (p->numbers.at[i].life != PF_NONE)
            f->lows[p->numbers.at[i].life] = 0;
}

/*
 * If each partition that has records of a life has lost its beginning, so has
 * the life, as it would in one partition: what may be missing is between the
 * records that are left.
 */
static void open_cut(struct floors *f)
{
    struct pf_check *c = f->c;
    const struct pf_topic *t = c->topic;

    memset(f->lows, 0xff, t->lives.n * sizeof *f->lows);
    for (size_t i = 0; i < t->slices.n; i++)
        if (!t->slices.at[i].start)
            mark_lives(f, &t->slices.at[i]);
    for (size_t i = c->covers.n; i-- > 0;) /* a life's first comes last */
        if (f->lows[c->covers.at[i].life])
            c->floors[c->covers.at[i].life].opens = c->covers.at[i].number;
}

bool pf_check_floors(struct pf_check *c)
{
    const struct pf_topic *t = c->topic;
    bool cut = false;
    struct floors f = {.c = c,
                       .lows = malloc((t->lives.n + 1) * sizeof *f.lows)};

    c->floors = calloc(t->lives.n + 1, sizeof *c->floors);
    if (!f.lows || !c->floors) {
        free(f.lows);
        return false;
    }
    for (size_t i = 0; i < c->covers.n; i++) {
        const struct pf_key *at = &c->covers.at[i];
        uint64_t first = first_of(c, at);

        if (!i || at[-1].life != at->life)
            c->floors[at->life] = (struct pf_floor){first, first, PF_NONE};
    }
    for (size_t i = 0; i < t->slices.n; i++)
        if (t->slices.at[i].start > 0) {
            look_at(&f, &t->slices.at[i]);
            cut = true;
        }
    if (cut)
        open_cut(&f);
    free(f.lows);
    return true;
}
