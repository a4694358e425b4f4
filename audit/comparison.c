#include "comparison.h"

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
                     uint32_t life, uint64_t number, uint64_t n, int64_t place)
{
    const struct pf_life *l = &c->topic->lives.at[life];
    struct pf_finding f = {.kind = kind,
                           .run = l->run,
                           .number = number,
                           .sequence = l->base + number,
                           .n = n,
                           .place = place};

    return pf_findings_add(&c->findings, &f);
}

static int compare_pieces(const void *a, const void *b)
{
    const struct pf_piece *x = a, *y = b;
    int order = PF_ORDER(x->life, y->life);

    order = order ? order : PF_ORDER(x->number, y->number);
    return order ? order : PF_ORDER(x->place, y->place);
}

/* Add a piece to the covers; pieces have to come sorted. */
static bool cover(struct pf_check *c, const struct pf_piece *p)
{
    struct pf_cover *last = c->covers.n ? PF_VEC_LAST(&c->covers) : NULL;
    struct pf_cover fresh = {p->life, p->number, p->number + p->n};

    if (!last || last->life != p->life || last->to < p->number)
        return PF_VEC_PUSH(&c->covers, fresh);
    if (last->to < fresh.to)
        last->to = fresh.to;
    return true;
}

bool pf_check_index(struct pf_check *c)
{
    const struct pf_topic *t = c->topic;

    for (size_t i = 0; i < t->numbers.n; i++) {
        const struct pf_number_span *s = &t->numbers.at[i];

        if (s->life != PF_NONE &&
            !PF_VEC_PUSH(&c->pieces, ((struct pf_piece){s->life, s->number,
                                                        pf_topic_span_len(t, s),
                                                        s->place})))
            return false;
    }
    if (c->pieces.n)
        qsort(c->pieces.at, c->pieces.n, sizeof *c->pieces.at, compare_pieces);
    for (size_t i = 0; i < c->pieces.n; i++)
        if (!cover(c, &c->pieces.at[i]))
            return false;
    return true;
}

/* How many pieces are of an earlier life, or begin at or before the number: the
 * index after the last piece that can have it. */
static size_t pieces_upto(const struct pf_check *c, uint32_t life,
                          uint64_t number)
{
    size_t low = 0, high = c->pieces.n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct pf_piece *p = &c->pieces.at[middle];

        if (p->life < life || (p->life == life && p->number <= number))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int64_t pf_check_place(const struct pf_check *c, uint32_t life, uint64_t number)
{
    size_t i = pieces_upto(c, life, number);

    /* With duplicates, a piece that begins later may end earlier: then a piece
     * before it may have the number. */
    for (; i && c->pieces.at[i - 1].life == life; i--) {
        const struct pf_piece *p = &c->pieces.at[i - 1];

        if (number - p->number < p->n)
            return (int64_t)(p->place + (number - p->number));
    }
    return -1;
}

static int compare_keys(const void *a, const void *b)
{
    const struct pf_key *x = a, *y = b;
    int order = PF_ORDER(x->life, y->life);

    order = order ? order : PF_ORDER(x->number, y->number);
    return order ? order : PF_ORDER(x->of, y->of);
}

void pf_keys_sort(struct pf_key *keys, size_t n)
{
    if (n)
        qsort(keys, n, sizeof *keys, compare_keys);
}

size_t pf_keys_find(const struct pf_key *keys, size_t n, uint32_t life,
                    uint64_t number)
{
    struct pf_key wanted = {.life = life, .number = number};
    size_t low = 0;

    while (low < n) {
        size_t middle = low + (n - low) / 2;

        if (compare_keys(&keys[middle], &wanted) < 0)
            low = middle + 1;
        else
            n = middle;
    }
    return low;
}
