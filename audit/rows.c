#include "rows.h"

#include <stdlib.h>

/* A row of this length is where it is found: it agrees by chance once in
 * 810 000^3 places, and if there are only twelve matches once in 10 800^3. */
#define ROW 3

/* Of several places the one with the longest row is taken. Rows are counted up
 * to this length: longer ones do not agree by chance. */
#define LONG_ROW 8

/* A shorter one may go on where one of that many rows before it ended: others
 * have printed in between. */
#define RECENT 16

#define NONE UINT32_MAX

/* A search for the places of doubtful lines. */
struct search {
    const struct pf_check *c;
    const pf_doubts *doubts;
    uint32_t *heads; /* hash table: first doubt by low bits of its checksum */
    uint32_t *nexts; /* for each doubt, the next one in its chain */
    size_t mask;
    struct pf_row *best; /* of each doubt: the place of it, and the length of
                          * the row that it is in, up to LONG_ROW */
};

static bool prepare(struct search *s)
{
    size_t n = s->doubts->n, size = 1024;

    while (size < 2 * n)
        size *= 2;
    s->mask = size - 1;
    s->heads = malloc(size * sizeof *s->heads);
    s->nexts = malloc((n + 1) * sizeof *s->nexts);
    s->best = calloc(n + 1, sizeof *s->best);
    if (!s->heads || !s->nexts || !s->best)
        return false;
    memset(s->heads, 0xff, size * sizeof *s->heads);
    for (size_t i = n; i-- > 0;) {
        uint32_t crc = s->c->lines->crcs.at[s->doubts->at[i]];

        s->nexts[i] = s->heads[crc & s->mask];
        s->heads[crc & s->mask] = (uint32_t)i;
    }
    return true;
}

/* Does a consumer print this line for the record of the slice? Both may be
 * beyond an end. */
static bool is_line(const struct pf_check *c, uint64_t line,
                    const struct pf_slice *p, uint64_t at)
{
    uint32_t crc;

    return line < c->lines->crcs.n && at < p->crcs.n &&
           pf_slice_line(p, at, &crc) && crc == c->lines->crcs.at[line];
}

/* How many lines from line on are the records from at on, up to max. */
static uint64_t count_on(const struct pf_check *c, uint64_t line,
                         const struct pf_slice *p, uint64_t at, uint64_t max)
{
    uint64_t n = 0;

    while (n < max && is_line(c, line + n, p, at + n))
        n++;
    return n;
}

/* The same for those before line and at. */
static uint64_t count_back(const struct pf_check *c, uint64_t line,
                           const struct pf_slice *p, uint64_t at, uint64_t max)
{
    uint64_t n = 0;

    while (n < max && n < line && n < at &&
           is_line(c, line - n - 1, p, at - n - 1))
        n++;
    return n;
}

/* The record of the slice is equal to the ith doubtful line: is it in a better
 * row than those that were found before? */
static void look_at(struct search *s, size_t i, const struct pf_slice *p,
                    uint64_t at)
{
    uint64_t line = s->doubts->at[i];
    struct pf_row *best = &s->best[i];
    uint64_t n = count_on(s->c, line, p, at, LONG_ROW);

    n += count_back(s->c, line, p, at, LONG_ROW - n);
    if (n >= ROW && n > best->n)
        *best = (struct pf_row){line, p->base + at, n};
}

static void look_at_slice(struct search *s, const struct pf_slice *p)
{
    const uint32_t *crcs = s->c->lines->crcs.at;
    uint32_t crc;

    for (uint64_t at = 0; at < p->crcs.n; at++) {
        if (!pf_slice_line(p, at, &crc))
            continue;
        for (uint32_t i = s->heads[crc & s->mask]; i != NONE; i = s->nexts[i])
            if (crcs[s->doubts->at[i]] == crc)
                look_at(s, i, p, at);
    }
}

/* The line after the last row. */
static uint64_t end_of(const pf_rows *rows)
{
    return rows->n ? PF_VEC_LAST(rows)->line + PF_VEC_LAST(rows)->n : 0;
}

/* Add the whole row that has this line at this place. */
static bool add_row(const struct pf_check *c, pf_rows *rows, uint64_t line,
                    uint64_t place)
{
    const struct pf_slice *p = pf_topic_slice(c->topic, place);
    uint64_t at = place - p->base;
    uint64_t back = count_back(c, line, p, at, line - end_of(rows));

    return PF_VEC_PUSH(
        rows, ((struct pf_row){line - back, place - back,
                               back + count_on(c, line, p, at, UINT64_MAX)}));
}

/* Does a row that goes on with the record at at have this line? It is less than
 * a row, or the line would have been found. *at becomes the record of it. */
static bool goes_on(const struct pf_check *c, const pf_rows *rows,
                    uint64_t line, const struct pf_slice *p, uint64_t *at)
{
    for (uint64_t back = 0; back < ROW && line - back >= end_of(rows); back++)
        if (count_on(c, line - back, p, *at, back + 1) == back + 1) {
            *at += back;
            return true;
        }
    return false;
}

/* Add the few lines with this one that go on where one of the last rows ended,
 * if there is such a row. */
static bool add_rest(const struct pf_check *c, pf_rows *rows, uint64_t line)
{
    size_t oldest = rows->n > RECENT ? rows->n - RECENT : 0;

    for (size_t i = rows->n; i-- > oldest;) {
        uint64_t last = rows->at[i].place + rows->at[i].n - 1;
        const struct pf_slice *p = pf_topic_slice(c->topic, last);
        uint64_t at = last - p->base + 1;
        uint32_t crc;

        while (at < p->crcs.n && !pf_slice_line(p, at, &crc))
            at++; /* it is refused */
        if (goes_on(c, rows, line, p, &at))
            return add_row(c, rows, line, p->base + at);
    }
    return true;
}

static bool add_all(const struct search *s, pf_rows *rows)
{
    for (size_t i = 0; i < s->doubts->n; i++) {
        uint64_t line = s->doubts->at[i];

        if (line < end_of(rows))
            continue;
        if (s->best[i].n ? !add_row(s->c, rows, line, s->best[i].place)
                         : !add_rest(s->c, rows, line))
            return false;
    }
    return true;
}

static int compare(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;

    return PF_ORDER(*x, *y);
}

bool pf_rows_find(pf_rows *rows, const struct pf_check *c, pf_doubts *doubts)
{
    struct search s = {.c = c, .doubts = doubts};
    bool ok;

    rows->n = 0;
    if (!doubts->n)
        return true;
    qsort(doubts->at, doubts->n, sizeof *doubts->at, compare);
    ok = prepare(&s);
    for (size_t i = 0; i < c->topic->slices.n && ok; i++)
        look_at_slice(&s, &c->topic->slices.at[i]);
    ok = ok && add_all(&s, rows);
    free(s.heads);
    free(s.nexts);
    free(s.best);
    return ok;
}

bool pf_rows_place(const pf_rows *rows, uint64_t line, uint64_t *ret)
{
    const struct pf_row *row;

    if (!rows->n)
        return false;
    row = &rows->at[PF_VEC_FIND(rows, line, line)];
    if (line < row->line || line - row->line >= row->n)
        return false;
    *ret = row->place + (line - row->line);
    return true;
}
