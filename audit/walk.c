#include "walk.h"

#include <stdlib.h>

void pf_walk_release(struct pf_walk *w)
{
    pf_wanted_release(&w->wanted);
    free(w->heads);
    free(w->nexts);
}

static bool found(struct pf_walk *w, enum pf_finding_kind kind, uint64_t place,
                  size_t i)
{
    if (!pf_check_found(w->c, kind, place))
        return false;
    PF_VEC_LAST(&w->c->findings.list)->line =
        (int64_t)(w->lines.numbers ? w->lines.numbers[i] : i) + 1;
    return true;
}

/* Measure how long after its making the record was printed, as line i. */
static void time_line(struct pf_walk *w, uint64_t place, size_t i)
{
    const struct pf_lines *l = w->c->lines;
    const struct pf_slice *p = pf_topic_slice(w->c->topic, place);
    size_t line = w->lines.numbers ? w->lines.numbers[i] : i;
    uint64_t at = place - p->base;
    int64_t ns;

    if (line >= l->times.n || !p->made.n)
        return;
    if (w->of_match)
        w->made = PF_VEC_FIND(&p->made, at, at);
    while (w->made < p->made.n && p->made.at[w->made].at < at)
        w->made++;
    if (w->made == p->made.n || p->made.at[w->made].at != at)
        return;
    ns = l->times.at[line] - p->made.at[w->made].ns;
    pf_histogram_add(&w->c->print, ns > 0 ? (uint64_t)ns : 0, 1);
}

/* Line i is the one wanted at at. */
static bool print(struct pf_walk *w, size_t i, size_t at)
{
    uint64_t place = pf_wanted_place(&w->wanted, at);

    if (pf_bit(w->seen, place))
        return found(w, PF_FOUND_PRINTED_TWICE, place, i);
    pf_bit_set(w->seen, place);
    w->c->printed++;
    if (at >= w->high) {
        w->high = at + 1;
        time_line(w, place, i);
        return true;
    }
    return at < w->first || found(w, PF_FOUND_REORDERED, place, i);
}

/* Line i belongs to no record. The place that the console had reached says
 * roughly where it is. */
static bool stray(struct pf_walk *w, size_t i, size_t at)
{
    struct pf_finding f = {
        .kind = PF_FOUND_PHANTOM, .run = PF_NONE, .n = 1, .place = -1};

    f.line = (int64_t)(w->lines.numbers ? w->lines.numbers[i] : i) + 1;
    if (at < w->wanted.n)
        f.sequence = (uint64_t)pf_topic_offset(w->c->topic,
                                               pf_wanted_place(&w->wanted, at));
    return pf_findings_add(&w->c->findings, &f);
}

/* Line i is in the place of the one wanted at at, but not the same. */
static bool alter(struct pf_walk *w, size_t i, size_t at)
{
    uint64_t place = pf_wanted_place(&w->wanted, at);

    pf_bit_set(w->seen, place);
    w->high = at >= w->high ? at + 1 : w->high;
    return found(w, PF_FOUND_ALTERED, place, i);
}

/* Line i, which is at to by a search, is not the one wanted at at, but those
 * after it are as wanted: it is that one, altered. */
static bool is_altered(const struct pf_walk *w, size_t i, size_t at, size_t to)
{
    if (at >= w->wanted.n || !pf_search_agree(w, i + 1, at + 1, PF_WALK_ROW))
        return false;
    if (!w->of_match)
        return !pf_search_known(w, i);
    /* Of one match the same price is nearly always somewhere; and after its
     * last record any line would agree. */
    if (to != PF_WALK_ABSENT)
        return false;
    return at + 1 < w->wanted.n ? w->lines.crcs[i] != w->wanted.crcs[at + 1]
                                : i + 1 == w->lines.n;
}

/* Is line i the first of its match that has not been printed? While one member
 * of a group prints lines again, another one may go on. If it is taken for that
 * by chance, the line that follows is one that was printed: no harm is done. */
static bool goes_on(const struct pf_walk *w, size_t i)
{
    return w->of_match && w->high < w->wanted.n &&
           w->lines.crcs[i] == w->wanted.crcs[w->high];
}

/* The wanted line that line i certainly is; or PF_WALK_ABSENT. */
static size_t find_known(const struct pf_walk *w, size_t i)
{
    uint64_t place;
    size_t to;

    if (!w->of_match || !pf_rows_place(w->rows, w->lines.numbers[i], &place))
        return PF_WALK_ABSENT;
    to = pf_wanted_find(&w->wanted, place);
    return to < w->wanted.n && w->wanted.places[to] == place ? to
                                                             : PF_WALK_ABSENT;
}

/* The lines of its match do not tell for certain where line i belongs. */
static bool doubt(struct pf_walk *w, size_t i)
{
    return !w->of_match || PF_VEC_PUSH(w->doubts, w->lines.numbers[i]);
}

/* Line i is not the one wanted at *at: find what it is. *at becomes the wanted
 * line that should come next. */
static bool jump(struct pf_walk *w, size_t i, size_t *at)
{
    size_t to = find_known(w, i);

    if (to != PF_WALK_ABSENT) {
        *at = to + 1;
        return print(w, i, to);
    }
    if (!pf_search_prepare(w))
        return false;
    to = pf_search_row(w, i, *at);
    if (is_altered(w, i, *at, to))
        return doubt(w, i) && alter(w, i, (*at)++);
    if (to == PF_WALK_ABSENT) {
        to = pf_search_few(w, i, *at);
        /* One that is printed twice does no harm wherever it is. */
        if ((to == PF_WALK_ABSENT || to >= w->high) && !doubt(w, i))
            return false;
    }
    if (to == PF_WALK_ABSENT)
        return stray(w, i, *at);
    *at = to + 1;
    return print(w, i, to);
}

bool pf_walk_run(struct pf_walk *w)
{
    size_t at = w->first; /* the wanted line that should come next */

    w->high = w->first;
    for (size_t i = 0; i < w->lines.n; i++) {
        if (goes_on(w, i))
            at = w->high;
        if (at < w->wanted.n && w->lines.crcs[i] == w->wanted.crcs[at]
                ? !print(w, i, at++)
                : !jump(w, i, &at))
            return false;
    }
    return true;
}

bool pf_walk_begin(struct pf_walk *w, size_t *ret_at)
{
    size_t tries = w->lines.n < PF_WALK_ROW ? w->lines.n : PF_WALK_ROW;

    *ret_at = 0;
    if (!w->wanted.n || !tries || pf_search_agree(w, 0, 0, PF_WALK_ROW))
        return true;
    if (!pf_search_prepare(w))
        return false;
    for (size_t i = 0; i < tries; i++) { /* the first lines may be damaged */
        size_t row = w->lines.n - i;

        *ret_at = pf_search_far(w, i, 0, row < PF_WALK_ROW ? row : PF_WALK_ROW);
        if (*ret_at != PF_WALK_ABSENT) {
            w->first = *ret_at > i ? *ret_at - i : 0;
            return true;
        }
    }
    return true;
}
