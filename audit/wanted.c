#include "wanted.h"

bool pf_wanted_init(struct pf_wanted *w, const struct pf_topic *t)
{
    size_t from = 0; /* the place after the last odd one */

    *w = (struct pf_wanted){.crcs = t->crcs.at, .n = t->crcs.n};
    if (!t->odd.n)
        return true;
    w->crcs = w->own = malloc(t->crcs.n * sizeof *w->own);
    if (!w->own)
        return false;
    w->n = 0;
    for (size_t i = 0; i <= t->odd.n; i++) {
        const struct pf_odd *odd = i < t->odd.n ? &t->odd.at[i] : NULL;
        size_t to = odd ? odd->place : t->crcs.n;

        memcpy(w->own + w->n, t->crcs.at + from, (to - from) * sizeof *w->own);
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

void pf_wanted_release(struct pf_wanted *w)
{
    free(w->own);
    free(w->shifts.at);
}

uint64_t pf_wanted_place(const struct pf_wanted *w, size_t nth)
{
    const struct pf_shift *s;

    if (!w->shifts.n || nth < w->shifts.at[0].nth)
        return nth;
    s = &w->shifts.at[PF_VEC_FIND(&w->shifts, nth, nth)];
    return s->place + (nth - s->nth);
}
