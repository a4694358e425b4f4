#include "comparison.h"

#include <stdlib.h>

bool pf_check_found(struct pf_check *c, enum pf_finding_kind kind,
                    uint64_t place)
{
    const struct pf_number_span *span = pf_topic_span(c->topic, place);
    struct pf_finding f = {
        .kind = kind, .run = PF_NONE, .n = 1, .place = (int64_t)place};

    if (span && span->life != PF_NONE) {
        const struct pf_life *life = &c->topic->lives.at[span->life];

        f.run = life->run;
        f.number = span->number + (place - span->place);
        f.sequence = life->base + f.number;
    } else {
        f.sequence = (uint64_t)pf_topic_offset(c->topic, place);
    }
    return pf_findings_add(&c->findings, &f);
}

bool pf_check_absent(struct pf_check *c, enum pf_finding_kind kind,
                     const struct pf_life *life, uint64_t number, uint64_t n,
                     int64_t place)
{
    struct pf_finding f = {.kind = kind,
                           .run = life->run,
                           .number = number,
                           .sequence = life->base + number,
                           .n = n,
                           .place = place};

    return pf_findings_add(&c->findings, &f);
}

static int compare(const void *a, const void *b)
{
    const struct pf_key *x = a, *y = b;
    int order = PF_ORDER(x->life, y->life);

    order = order ? order : PF_ORDER(x->number, y->number);
    return order ? order : PF_ORDER(x->of, y->of);
}

void pf_keys_sort(pf_keys *keys)
{
    if (keys->n)
        qsort(keys->at, keys->n, sizeof *keys->at, compare);
}

size_t pf_keys_find(const pf_keys *keys, uint32_t life, uint64_t number)
{
    struct pf_key wanted = {.life = life, .number = number};
    size_t low = 0, high = keys->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare(&keys->at[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Add a piece to the covers; pieces have to come sorted. */
static bool cover(struct pf_check *c, const struct pf_key *p)
{
    struct pf_key *last = c->covers.n ? PF_VEC_LAST(&c->covers) : NULL;
    uint64_t end = p->number + p->n;

    if (!last || last->life != p->life || last->number + last->n < p->number)
        return PF_VEC_PUSH(&c->covers, *p);
    if (last->number + last->n < end)
        last->n = end - last->number;
    return true;
}

bool pf_check_index(struct pf_check *c)
{
    const struct pf_topic *t = c->topic;

    for (size_t i = 0; i < t->numbers.n; i++) {
        const struct pf_number_span *s = &t->numbers.at[i];

        if (s->life != PF_NONE &&
            !PF_VEC_PUSH(&c->pieces,
                         ((struct pf_key){s->life, s->number, s->place,
                                          pf_topic_span_len(t, s)})))
            return false;
    }
    pf_keys_sort(&c->pieces);
    for (size_t i = 0; i < c->pieces.n; i++)
        if (!cover(c, &c->pieces.at[i]))
            return false;
    return true;
}

int64_t pf_check_place(const struct pf_check *c, uint32_t life, uint64_t number)
{
    size_t i = pf_keys_find(&c->pieces, life, number + 1);

    /* With duplicates, a piece that begins later may end earlier: then a piece
     * before it may have the number. */
    for (; i && c->pieces.at[i - 1].life == life; i--) {
        const struct pf_key *p = &c->pieces.at[i - 1];

        if (number - p->number < p->n)
            return (int64_t)(p->of + (number - p->number));
    }
    return -1;
}
