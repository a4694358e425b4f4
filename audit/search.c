/* Where a line of the console belongs. */
#include <stdlib.h>
#include <string.h>

#include "walk.h"

/* For a short jump, up to NEAR, a shorter row will do. */
#define SHORT_ROW 3
#define NEAR 64

/* A line is searched first within this distance of its expected place, and then
 * among this many lines with the same text. */
#define AROUND 1024
#define CANDIDATES 10000

/* In the lines of one match a single line agrees by chance once in 900 places:
 * one that counts before others have been looked for has to be this near. */
#define STEP 8

bool pf_search_prepare(struct pf_walk *w)
{
    size_t size = 1024;

    if (w->heads)
        return true;
    while (size < w->wanted.n)
        size *= 2;
    w->mask = size - 1;
    w->heads = malloc(size * sizeof *w->heads);
    w->nexts = malloc((w->wanted.n + 1) * sizeof *w->nexts);
    if (!w->heads || !w->nexts)
        return false;
    memset(w->heads, 0xff, size * sizeof *w->heads);
    for (size_t i = w->wanted.n; i-- > 0;) {
        uint32_t *head = &w->heads[w->wanted.crcs[i] & w->mask];

        w->nexts[i] = *head;
        *head = (uint32_t)i;
    }
    return true;
}

bool pf_search_agree(const struct pf_walk *w, size_t i, size_t at, size_t row)
{
    for (; row && i < w->lines.n && at < w->wanted.n; row--)
        if (w->lines.crcs[i++] != w->wanted.crcs[at++])
            return false;
    return true;
}

static bool fits(const struct pf_walk *w, size_t i, size_t at, size_t row)
{
    return w->wanted.crcs[at] == w->lines.crcs[i] &&
           pf_search_agree(w, i, at, row);
}

/* The same, but in lines of one match the row must not be cut short by an end:
 * what is left of it may agree by chance. */
static bool fits_whole(const struct pf_walk *w, size_t i, size_t at, size_t row)
{
    if (w->of_match && (w->lines.n - i < row || w->wanted.n - at < row))
        return false;
    return fits(w, i, at, row);
}

/* The line nearest to at of the first end wanted ones, up to reach away, where
 * a row of lines from i on agrees; or ABSENT. At the same distance, an earlier
 * one is preferred. */
static size_t find_near(const struct pf_walk *w, size_t i, size_t at,
                        size_t row, size_t reach, size_t end)
{
    for (size_t step = 0; step < 2 * (reach + 1); step++) {
        /* Before the first one it wraps, and so is not below end. */
        size_t k = step % 2 ? at + step / 2 : at - step / 2;

        if (k < end && fits(w, i, k, row))
            return k;
    }
    return PF_WALK_ABSENT;
}

/* The same, of those that have not been passed yet, by a whole row. */
static size_t find_ahead(const struct pf_walk *w, size_t i, size_t row,
                         size_t reach)
{
    for (size_t k = w->high; k < w->wanted.n && k <= w->high + reach; k++)
        if (fits_whole(w, i, k, row))
            return k;
    return PF_WALK_ABSENT;
}

size_t pf_search_far(const struct pf_walk *w, size_t i, size_t at, size_t row)
{
    size_t best = PF_WALK_ABSENT, distance = SIZE_MAX;
    int left = CANDIDATES;

    for (uint32_t k = w->heads[w->lines.crcs[i] & w->mask];
         k != PF_WALK_ABSENT && left; k = w->nexts[k], left--) {
        size_t d = k > at ? k - at : at - k;

        if (d < distance && fits_whole(w, i, k, row)) {
            best = k;
            distance = d;
        }
    }
    return best;
}

bool pf_search_known(const struct pf_walk *w, size_t i)
{
    uint32_t crc = w->lines.crcs[i];
    uint32_t k = w->heads[crc & w->mask];

    while (k != PF_WALK_ABSENT && w->wanted.crcs[k] != crc)
        k = w->nexts[k];
    return k != PF_WALK_ABSENT;
}

/*
 * Lines of one match: a member of the group that takes over goes back to the
 * last commit, so what was printed before is looked for first. In a console in
 * which nothing is wrong every line is found there or is the next one, and none
 * is taken for a later one that agrees by chance.
 */
static size_t find_printed(const struct pf_walk *w, size_t i, size_t at,
                           size_t row, size_t reach)
{
    return find_near(w, i, at, row, reach, w->high);
}

static size_t find_row(const struct pf_walk *w, size_t i, size_t at)
{
    size_t to;

    if (!w->of_match)
        return find_near(w, i, at, PF_WALK_ROW, AROUND, w->wanted.n);
    to = find_printed(w, i, at, PF_WALK_ROW, AROUND);
    return to == PF_WALK_ABSENT ? find_ahead(w, i, PF_WALK_ROW, AROUND) : to;
}

size_t pf_search_row(const struct pf_walk *w, size_t i, size_t at)
{
    size_t to;

    if (!pf_search_known(w, i))
        return PF_WALK_ABSENT;
    to = find_row(w, i, at);
    if (to == PF_WALK_ABSENT && w->lines.n - i >= SHORT_ROW)
        to = pf_search_far(w, i, at, PF_WALK_ROW);
    if (to == PF_WALK_ABSENT && w->of_match)
        to = find_printed(w, i, at, 1, STEP);
    return to;
}

static size_t find_few(const struct pf_walk *w, size_t i, size_t at)
{
    size_t to = find_near(w, i, at, SHORT_ROW, AROUND, w->wanted.n);

    return to == PF_WALK_ABSENT ? find_near(w, i, at, 1, NEAR, w->wanted.n)
                                : to;
}

size_t pf_search_few(const struct pf_walk *w, size_t i, size_t at)
{
    size_t to;

    if (!pf_search_known(w, i))
        return PF_WALK_ABSENT;
    if (!w->of_match)
        return find_few(w, i, at);
    to = find_printed(w, i, at, SHORT_ROW, AROUND);
    if (to == PF_WALK_ABSENT)
        to = find_ahead(w, i, SHORT_ROW, AROUND);
    if (to == PF_WALK_ABSENT)
        to = find_printed(w, i, at, 1, NEAR);
    return to == PF_WALK_ABSENT ? find_ahead(w, i, 1, STEP) : to;
}
