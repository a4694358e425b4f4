/* The order of records of several partitions: within each key. */
#include <stdlib.h>

#include "comparison.h"

#define ABSENT UINT64_MAX

/* Of each key in a partition and a life: see record_keys.h. */
struct key_state {
    uint64_t top;   /* its highest number so far + 1 */
    uint64_t low;   /* its lowest number */
    uint64_t place; /* of that; ABSENT: it has no record that counts */
};

/* Look at a record. One that is there again does not tell where its key is. */
static bool look_at(struct pf_check *c, struct key_state *k, uint64_t place,
                    uint64_t number)
{
    if (number < k->top && !pf_check_found(c, PF_FOUND_REORDERED, place))
        return false;
    if (number >= k->top)
        k->top = number + 1;
    if (!pf_bit(c->twins, place) && (k->place == ABSENT || number < k->low)) {
        k->low = number;
        k->place = place;
    }
    return true;
}

static bool look_at_slice(struct pf_check *c, const struct pf_slice *p,
                          struct key_state *states)
{
    for (size_t i = 0; i < p->numbers.n; i++) {
        const struct pf_number_span *s = &p->numbers.at[i];
        uint64_t n = s->life == PF_NONE ? 0 : pf_slice_span_len(p, s);

        for (uint64_t k = 0; k < n; k++)
            if (!pf_bit(c->extra, p->base + s->at + k) &&
                !look_at(c, &states[p->keys.at[s->at + k]], p->base + s->at + k,
                         s->number + k))
                return false;
    }
    return true;
}

/* Of a key in several partitions, report the first record in each but in the
 * one where its numbers begin. */
static bool check_moved(struct pf_check *c, const struct key_state *states)
{
    const struct pf_record_keys *keys = &c->topic->keys;
    uint32_t *homes = calloc(keys->list.n + 1, sizeof *homes);
    bool ok = homes != NULL;

    for (uint32_t i = 0; i < keys->list.n && ok; i++) {
        uint32_t *home = &homes[keys->list.at[i].first];

        if (i == keys->list.at[i].first || states[*home].place == ABSENT ||
            (states[i].place != ABSENT && states[i].low < states[*home].low))
            *home = i;
    }
    for (uint32_t i = 0; i < keys->list.n && ok; i++)
        if (states[i].place != ABSENT && homes[keys->list.at[i].first] != i)
            ok = pf_check_found(c, PF_FOUND_MOVED, states[i].place);
    free(homes);
    return ok;
}

bool pf_check_keys(struct pf_check *c)
{
    size_t n = c->topic->keys.list.n;
    struct key_state *states = calloc(n + 1, sizeof *states);
    bool ok = states != NULL;

    for (size_t i = 0; i < n && ok; i++)
        states[i].place = ABSENT;
    for (size_t i = 0; i < c->topic->slices.n && c->topic->all && ok; i++)
        ok = look_at_slice(c, &c->topic->slices.at[i], states);
    ok = ok && (!c->topic->keys.moved || check_moved(c, states));
    free(states);
    return ok;
}
