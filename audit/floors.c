/* From which number on a life's records can be missed. */
#include <stdlib.h>

#include "comparison.h"

/* What the beginnings of partitions say of the lives. */
struct floors {
    struct pf_check *c;
    unsigned char *seen; /* bits: lives of the slice that is looked at */
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

static void raise_floor(struct pf_check *c, uint32_t life, uint64_t number)
{
    if (c->floors[life] < number)
        c->floors[life] = number;
}

/*
 * The beginning of this partition is gone. So may be records of the first life
 * that it has, up to the first number there, and all of a life that it does not
 * have. Of any other life it has all: records of an earlier one are before it.
 */
static void look_at(struct floors *f, const struct pf_slice *p)
{
    struct pf_check *c = f->c;
    uint32_t first = PF_NONE;
    uint64_t low = UINT64_MAX;

    memset(f->seen, 0, c->topic->lives.n / 8 + 1);
    for (size_t i = 0; i < p->numbers.n; i++) {
        const struct pf_number_span *s = &p->numbers.at[i];

        if (s->life == PF_NONE)
            continue;
        pf_bit_set(f->seen, s->life);
        if (first == PF_NONE)
            first = s->life;
        if (s->life == first && s->number < low)
            low = s->number;
    }
    if (first != PF_NONE)
        raise_floor(c, first, low);
    for (uint32_t life = 0; life < c->topic->lives.n; life++)
        if (!pf_bit(f->seen, life) && c->topic->all)
            raise_floor(c, life, UINT64_MAX);
}

bool pf_check_floors(struct pf_check *c)
{
    const struct pf_topic *t = c->topic;
    struct floors f = {.c = c, .seen = pf_bits_new(t->lives.n)};

    c->floors = calloc(t->lives.n + 1, sizeof *c->floors);
    if (!f.seen || !c->floors) {
        free(f.seen);
        return false;
    }
    for (size_t i = 0; i < c->covers.n; i++)
        if (!i || c->covers.at[i - 1].life != c->covers.at[i].life)
            c->floors[c->covers.at[i].life] = first_of(c, &c->covers.at[i]);
    for (size_t i = 0; i < t->slices.n; i++)
        if (t->slices.at[i].start > 0)
            look_at(&f, &t->slices.at[i]);
    free(f.seen);
    return true;
}
