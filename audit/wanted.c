#include "wanted.h"

bool pf_wanted_init(struct pf_wanted *w, const struct pf_topic *t)
{
    const struct pf_slice *p = &t->slices.at[0];
    size_t from = 0; /* the index after the last odd one */

    *w = (struct pf_wanted){.crcs = p->crcs.at, .n = p->crcs.n};
    if (!p->odd.n)
        return true;
    w->crcs = w->own = malloc(p->crcs.n * sizeof *w->own);
    if (!w->own)
        return false;
    w->n = 0;
    for (size_t i = 0; i <= p->odd.n; i++) {
        const struct pf_odd *odd = i < p->odd.n ? &p->odd.at[i] : NULL;
        size_t to = odd ? odd->at : p->crcs.n;

        memcpy(w->own + w->n, p->crcs.at + from, (to - from) * sizeof *w->own);
        w->n += to - from;
        from = to + 1;
        if (odd && !odd->refused)
            w->own[w->n++] = odd->line;
        else if (odd &&
                 !PF_VEC_PUSH(&w->shifts, ((struct pf_shift){w->n, to + 1})))
            return false;
    }
    return true;
}

bool pf_wanted_at(struct pf_wanted *w, const struct pf_topic *t,
                  const uint32_t *places, size_t n)
{
    *w = (struct pf_wanted){.n = n, .places = places};
    w->crcs = w->own = malloc((n + 1) * sizeof *w->own);
    if (!w->own)
        return false;
    for (size_t i = 0; i < n; i++) {
        const struct pf_slice *p = pf_topic_slice(t, places[i]);

        pf_slice_line(p, places[i] - p->base, &w->own[i]);
    }
    return true;
}

void pf_wanted_release(struct pf_wanted *w)
{
    free(w->own);
    free(w->shifts.at);
}

uint64_t pf_wanted_place(const struct pf_wanted *w, size_t nth)
{
    const struct pf_shift *s;

    if (w->places)
        return w->places[nth];
    if (!w->shifts.n || nth < w->shifts.at[0].nth)
        return nth;
    s = &w->shifts.at[PF_VEC_FIND(&w->shifts, nth, nth)];
    return s->place + (nth - s->nth);
}

size_t pf_wanted_find(const struct pf_wanted *w, uint64_t place)
{
    size_t low = 0, high = w->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (w->places[middle] < place)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
