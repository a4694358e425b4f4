#include "wanted.h"

bool pf_wanted_init(struct pf_wanted *w, const struct pf_topic *t)
{
    size_t next = 0; /* in t->odd */

    *w = (struct pf_wanted){.crcs = t->crcs.at, .n = t->crcs.n};
    if (!t->odd.n)
        return true;
    w->crcs = w->own = malloc(t->crcs.n * sizeof *w->own);
    if (!w->own)
        return false;
    w->n = 0;
    for (size_t place = 0; place < t->crcs.n; place++) {
        const struct pf_odd *odd = next < t->odd.n ? &t->odd.at[next] : NULL;

        if (!odd || odd->place != place) {
            w->own[w->n++] = t->crcs.at[place];
            continue;
        }
        next++;
        if (!odd->refused)
            w->own[w->n++] = odd->line;
        else if (!PF_VEC_PUSH(&w->shifts, ((struct pf_shift){w->n, place + 1})))
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
