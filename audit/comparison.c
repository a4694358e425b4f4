#include "comparison.h"

#include <stdlib.h>

bool pf_check_found(struct pf_check *c, enum pf_finding_kind kind,
                    uint64_t place)
{
    struct pf_finding f = {
        .kind = kind, .run = PF_NONE, .n = 1, .place = (int64_t)place};
    uint32_t life;

    if (pf_topic_number(c->topic, place, &life, &f.number)) {
        f.run = c->topic->lives.at[life].run;
        f.sequence = c->topic->lives.at[life].base + f.number;
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

struct pf_key pf_check_piece(const struct pf_check *c, size_t i)
{
    const struct pf_piece *piece = &c->pieces.at[i];
    const struct pf_slice *slice = &c->topic->slices.at[piece->slice];
    const struct pf_number_span *s = &slice->numbers.at[piece->span];

    return (struct pf_key){s->life, s->number, slice->base + s->at,
                           pf_slice_span_len(slice, s)};
}

static int compare_pieces(const void *a, const void *b, void *topic)
{
    const struct pf_slice *slices = ((const struct pf_topic *)topic)->slices.at;
    const struct pf_piece *x = a, *y = b;
    const struct pf_number_span *s = &slices[x->slice].numbers.at[x->span];
    const struct pf_number_span *t = &slices[y->slice].numbers.at[y->span];
    int order = PF_ORDER(s->life, t->life);

    order = order ? order : PF_ORDER(s->number, t->number);
    order = order ? order : PF_ORDER(x->slice, y->slice);
    return order ? order : PF_ORDER(x->span, y->span);
}

/* Add the spans of a slice to the pieces. */
static bool add_pieces(struct pf_check *c, uint32_t slice)
{
    const struct pf_slice *p = &c->topic->slices.at[slice];

    for (uint32_t i = 0; i < p->numbers.n; i++) {
        uint64_t n = pf_slice_span_len(p, &p->numbers.at[i]);

        if (p->numbers.at[i].life != PF_NONE &&
            !PF_VEC_PUSH(&c->pieces, ((struct pf_piece){slice, i})))
            return false;
        if (c->longest < n)
            c->longest = n;
    }
    return true;
}

bool pf_check_index(struct pf_check *c)
{
    for (uint32_t i = 0; i < c->topic->slices.n; i++)
        if (!add_pieces(c, i))
            return false;
    if (c->pieces.n)
        qsort_r(c->pieces.at, c->pieces.n, sizeof *c->pieces.at, compare_pieces,
                c->topic);
    for (size_t i = 0; i < c->pieces.n; i++) {
        struct pf_key piece = pf_check_piece(c, i);

        if (!cover(c, &piece))
            return false;
    }
    return pf_check_floors(c);
}

/* Index of the first piece that begins above number. */
static size_t find_after(const struct pf_check *c, uint32_t life,
                         uint64_t number)
{
    size_t low = 0, high = c->pieces.n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        struct pf_key p = pf_check_piece(c, middle);

        if (p.life < life || (p.life == life && p.number <= number))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Does the topic have this number? */
static bool is_covered(const struct pf_check *c, uint32_t life, uint64_t number)
{
    size_t i = pf_keys_find(&c->covers, life, number + 1);
    const struct pf_key *cover = i ? &c->covers.at[i - 1] : NULL;

    return cover && cover->life == life && number - cover->number < cover->n;
}

int64_t pf_check_place(const struct pf_check *c, uint32_t life, uint64_t number)
{
    /* Not by the pieces: those before an absent number may be many. */
    if (!is_covered(c, life, number))
        return -1;
    /* With duplicates, a piece that begins later may end earlier: then a piece
     * before it may have the number. */
    for (size_t i = find_after(c, life, number); i; i--) {
        struct pf_key p = pf_check_piece(c, i - 1);

        if (p.life != life || number - p.number >= c->longest)
            break;
        if (number - p.number < p.n)
            return (int64_t)(p.of + (number - p.number));
    }
    return -1;
}
