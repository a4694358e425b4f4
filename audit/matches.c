#include "matches.h"

#include <stdlib.h>

#include "match.h"
#include "walk.h"

#define UNKNOWN UINT64_MAX

/* Things of each match: those of match m are from starts[m] to starts[m + 1].
 */
struct sorted {
    uint32_t *at;
    size_t starts[PF_MATCH_CLASSES + 1];
};

/* A comparison; places are numbers of records (topic.h). */
struct compared {
    struct pf_check *c;
    struct sorted places, lines; /* none is of a refused record */
    unsigned char *seen;         /* bits: places that have been printed */
    uint64_t *begins; /* of each slice: the first place printed, or UNKNOWN */
    uint64_t *ends;   /* after the last one */
    uint64_t firsts[PF_MATCH_CLASSES]; /* the same for each match */
    uint64_t highs[PF_MATCH_CLASSES];
    pf_doubts doubts; /* lines whose match does not tell where they belong */
    pf_rows rows;     /* where some of them do */
};

/* Turn counts in starts[m + 1] into starts, and make room. */
static bool begin_sort(struct sorted *s)
{
    for (int m = 0; m < PF_MATCH_CLASSES; m++)
        s->starts[m + 1] += s->starts[m];
    s->at = malloc((s->starts[PF_MATCH_CLASSES] + 1) * sizeof *s->at);
    return s->at != NULL;
}

/* Put it in the next free place of its match: starts[m] moves on. */
static void put(struct sorted *s, uint16_t match, uint64_t what)
{
    s->at[s->starts[match]++] = (uint32_t)what;
}

/* All starts have moved on to the next one's: move them back. */
static void end_sort(struct sorted *s)
{
    for (int m = PF_MATCH_CLASSES; m > 0; m--)
        s->starts[m] = s->starts[m - 1];
    s->starts[0] = 0;
}

/* Count or put the records of a slice that are not refused. */
static void sort_slice(struct sorted *s, const struct pf_slice *p, bool count)
{
    size_t odd = 0;

    for (uint64_t at = 0; at < p->matches.n; at++) {
        bool refused = odd < p->odd.n && p->odd.at[odd].at == at &&
                       p->odd.at[odd].refused;

        odd += odd < p->odd.n && p->odd.at[odd].at == at;
        if (refused)
            continue;
        if (count)
            s->starts[p->matches.at[at] + 1]++;
        else
            put(s, p->matches.at[at], p->base + at);
    }
}

static bool sort_all(struct compared *x)
{
    const struct pf_topic *t = x->c->topic;
    const struct pf_lines *l = x->c->lines;

    for (size_t i = 0; i < t->slices.n; i++)
        sort_slice(&x->places, &t->slices.at[i], true);
    for (size_t i = 0; i < l->matches.n; i++)
        x->lines.starts[l->matches.at[i] + 1]++;
    if (!begin_sort(&x->places) || !begin_sort(&x->lines))
        return false;
    for (size_t i = 0; i < t->slices.n; i++)
        sort_slice(&x->places, &t->slices.at[i], false);
    for (size_t i = 0; i < l->matches.n; i++)
        put(&x->lines, l->matches.at[i], i);
    end_sort(&x->places);
    end_sort(&x->lines);
    return true;
}

static size_t count(const struct sorted *s, int m)
{
    return s->starts[m + 1] - s->starts[m];
}

/* The slice that has all records of the match; NULL: it has none. */
static const struct pf_slice *slice_of(const struct compared *x, int m)
{
    if (!count(&x->places, m))
        return NULL;
    return pf_topic_slice(x->c->topic, x->places.at[x->places.starts[m]]);
}

/* Are all records of the match in one slice? */
static bool is_ordered(const struct compared *x, int m)
{
    return !count(&x->places, m) ||
           slice_of(x, m) ==
               pf_topic_slice(x->c->topic,
                              x->places.at[x->places.starts[m + 1] - 1]);
}

/* Begin a walk along the lines of the match. */
static bool open_walk(struct compared *x, int m, struct pf_walk *w,
                      uint32_t **crcs)
{
    const uint32_t *numbers = x->lines.at + x->lines.starts[m];
    size_t n = count(&x->lines, m);

    *w = (struct pf_walk){.c = x->c,
                          .seen = x->seen,
                          .of_match = true,
                          .rows = &x->rows,
                          .doubts = &x->doubts};
    *crcs = malloc((n + 1) * sizeof **crcs);
    if (!*crcs ||
        !pf_wanted_at(&w->wanted, x->c->topic,
                      x->places.at + x->places.starts[m], count(&x->places, m)))
        return false;
    for (size_t i = 0; i < n; i++)
        (*crcs)[i] = x->c->lines->crcs.at[numbers[i]];
    w->lines = (struct pf_stream){*crcs, numbers, n};
    return true;
}

/* With a whole row of lines of the match it is certain where they begin: then
 * nothing of that partition after it may be skipped. */
static bool find_begin(struct compared *x, int m)
{
    const struct pf_slice *p = slice_of(x, m);
    size_t at = PF_WALK_ABSENT;
    uint32_t *crcs = NULL;
    struct pf_walk w;
    bool ok;

    if (!p || count(&x->lines, m) < PF_WALK_ROW)
        return true;
    ok = open_walk(x, m, &w, &crcs) && pf_walk_begin(&w, &at);
    if (ok && at != PF_WALK_ABSENT) {
        uint64_t place = pf_wanted_place(&w.wanted, at);
        uint64_t *begin = &x->begins[p - x->c->topic->slices.at];

        if (place < *begin)
            *begin = place;
    }
    free(crcs);
    pf_walk_release(&w);
    return ok;
}

/* Where the walk along a match begins: the place, or the line's own guess. */
static bool begin_walk(struct pf_walk *w, uint64_t begin)
{
    size_t at;

    if (begin == UNKNOWN)
        return pf_walk_begin(w, &at);
    while (w->first < w->wanted.n && w->wanted.places[w->first] < begin)
        w->first++;
    return true;
}

/* Walk along the lines of the match. */
static bool walk(struct compared *x, int m)
{
    const struct pf_slice *p = slice_of(x, m);
    size_t slice = p ? (size_t)(p - x->c->topic->slices.at) : 0;
    uint32_t *crcs = NULL;
    struct pf_walk w;
    bool ok;

    ok = open_walk(x, m, &w, &crcs) &&
         begin_walk(&w, p ? x->begins[slice] : 0) && pf_walk_run(&w);
    if (ok && w.high > w.first) {
        x->firsts[m] = pf_wanted_place(&w.wanted, w.first);
        x->highs[m] = pf_wanted_place(&w.wanted, w.high - 1) + 1;
        if (x->ends[slice] < x->highs[m])
            x->ends[slice] = x->highs[m];
    }
    free(crcs);
    pf_walk_release(&w);
    return ok;
}

/* Add what was skipped of the match, and count what is still to come. */
static bool check_rest(struct compared *x, int m)
{
    const struct pf_slice *p = slice_of(x, m);
    size_t slice = p ? (size_t)(p - x->c->topic->slices.at) : 0;
    uint64_t begin = x->firsts[m], end = x->highs[m];

    if (p && x->begins[slice] != UNKNOWN) {
        begin = x->begins[slice];
        end = x->ends[slice];
    }
    for (size_t i = x->places.starts[m]; i < x->places.starts[m + 1]; i++) {
        uint64_t place = x->places.at[i];
        bool to_come = place >= end;

        x->c->unprinted += to_come;
        if (place < begin || pf_bit(x->seen, place) ||
            (to_come && !x->c->complete))
            continue;
        if (!pf_check_found(
                x->c, to_come ? PF_FOUND_UNPRINTED : PF_FOUND_SKIPPED, place))
            return false;
    }
    return true;
}

/* Do that for each match whose lines have an order. */
static bool each(struct compared *x, bool (*what)(struct compared *x, int m))
{
    for (int m = 0; m < PF_MATCH_CLASSES; m++)
        if (is_ordered(x, m) && !what(x, m))
            return false;
    return true;
}

/* Forget all walks: before are the findings of what came before them. */
static void forget(struct compared *x, const struct pf_findings *before)
{
    const struct pf_topic *t = x->c->topic;

    pf_findings_take_back(&x->c->findings, before);
    x->c->printed = 0;
    memset(&x->c->print, 0, sizeof x->c->print);
    memset(x->seen, 0, t->n / 8 + 1);
    memset(x->ends, 0, t->slices.n * sizeof *x->ends);
    memset(x->firsts, 0, sizeof x->firsts);
    memset(x->highs, 0, sizeof x->highs);
}

/* Walk along the lines of all matches: once more if some of them could not be
 * placed by their match, but those around them tell where they belong. */
static bool walk_all(struct compared *x)
{
    struct pf_findings before = x->c->findings;

    if (!each(x, walk) || !pf_rows_find(&x->rows, x->c, &x->doubts))
        return false;
    if (!x->rows.n)
        return true;
    forget(x, &before);
    return each(x, walk);
}

static bool open_all(struct compared *x)
{
    const struct pf_topic *t = x->c->topic;

    x->seen = pf_bits_new(t->n);
    x->begins = malloc(t->slices.n * sizeof *x->begins);
    x->ends = calloc(t->slices.n, sizeof *x->ends);
    if (!x->seen || !x->begins || !x->ends || !sort_all(x))
        return false;
    for (size_t i = 0; i < t->slices.n; i++)
        x->begins[i] = x->c->complete ? t->slices.at[i].base : UNKNOWN;
    for (int m = 0; m < PF_MATCH_CLASSES; m++)
        x->c->unjudged += !is_ordered(x, m);
    return true;
}

bool pf_check_matches(struct pf_check *c)
{
    struct compared *x = calloc(1, sizeof *x);
    bool ok;

    if (!x)
        return false;
    x->c = c;
    ok = open_all(x) && each(x, find_begin) && walk_all(x) &&
         each(x, check_rest);
    free(x->places.at);
    free(x->lines.at);
    free(x->seen);
    free(x->begins);
    free(x->ends);
    free(x->doubts.at);
    free(x->rows.at);
    free(x);
    return ok;
}
