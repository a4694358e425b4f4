/* Compares the console with the topic. Lines have no numbers: where a line
 * belongs follows from it and the lines after it. */
#include <string.h>

#include "comparison.h"
#include "wanted.h"

/* This many lines in a row have to agree for a jump; a price recurs once in
 * 810 000 records. For a short jump, up to NEAR, a shorter row will do. */
#define ROW 8
#define SHORT_ROW 3
#define NEAR 64

/* A line is searched first within this distance of its expected place, and then
 * among this many lines with the same text. */
#define AROUND 1024
#define CANDIDATES 10000

#define ABSENT UINT32_MAX

/* A walk along the lines that should be printed. */
struct walk {
    struct pf_check *c;
    struct pf_wanted wanted;
    uint32_t *heads; /* hash table: first wanted line by low checksum bits */
    uint32_t *nexts; /* for each wanted line, the next one in its chain */
    size_t mask;
    unsigned char *seen; /* bits: wanted lines that have been printed */
    size_t first;        /* where the console begins */
    size_t high;         /* after the furthest one that has been printed */
    size_t made;         /* current index in topic->made */
};

/* Make the chains of lines with equal low bits, in order, on first use. */
static bool make_chains(struct walk *w)
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

/* Are the lines from i on the wanted ones from at on: a row of them, or up to
 * the end of either? */
static bool agree(const struct walk *w, size_t i, size_t at, size_t row)
{
    const struct pf_lines *l = w->c->lines;

    for (; row && i < l->crcs.n && at < w->wanted.n; row--)
        if (l->crcs.at[i++] != w->wanted.crcs[at++])
            return false;
    return true;
}

/* The wanted line nearest to at, up to reach away, where a row of lines from i
 * on agrees; or ABSENT. At the same distance, an earlier one is preferred. */
static size_t find_near(const struct walk *w, size_t i, size_t at, size_t row,
                        size_t reach)
{
    uint32_t crc = w->c->lines->crcs.at[i];

    for (size_t step = 0; step < 2 * (reach + 1); step++) {
        /* Before the first one it wraps, and so is not below n. */
        size_t k = step % 2 ? at + step / 2 : at - step / 2;

        if (k < w->wanted.n && w->wanted.crcs[k] == crc && agree(w, i, k, row))
            return k;
    }
    return ABSENT;
}

/* The same, at any distance. */
static size_t find_far(const struct walk *w, size_t i, size_t at, size_t row)
{
    uint32_t crc = w->c->lines->crcs.at[i];
    size_t best = ABSENT, distance = SIZE_MAX;
    int left = CANDIDATES;

    for (uint32_t k = w->heads[crc & w->mask]; k != ABSENT && left;
         k = w->nexts[k], left--) {
        size_t d = k > at ? k - at : at - k;

        if (d < distance && w->wanted.crcs[k] == crc && agree(w, i, k, row)) {
            best = k;
            distance = d;
        }
    }
    return best;
}

/* Is any wanted line equal to line i? */
static bool is_known(const struct walk *w, size_t i)
{
    uint32_t crc = w->c->lines->crcs.at[i];
    uint32_t k = w->heads[crc & w->mask];

    while (k != ABSENT && w->wanted.crcs[k] != crc)
        k = w->nexts[k];
    return k != ABSENT;
}

/* Where line i belongs, which is not the line wanted at at; or ABSENT. */
static size_t find(const struct walk *w, size_t i, size_t at)
{
    size_t to = ABSENT;

    if (!is_known(w, i))
        return ABSENT;
    to = find_near(w, i, at, ROW, AROUND);
    if (to == ABSENT && w->c->lines->crcs.n - i >= SHORT_ROW)
        to = find_far(w, i, at, ROW);
    if (to == ABSENT)
        to = find_near(w, i, at, SHORT_ROW, AROUND);
    if (to == ABSENT)
        to = find_near(w, i, at, 1, NEAR);
    return to;
}

static bool found(struct walk *w, enum pf_finding_kind kind, uint64_t place,
                  size_t line)
{
    if (!pf_check_found(w->c, kind, place))
        return false;
    PF_VEC_LAST(&w->c->findings.list)->line = (int64_t)line + 1;
    return true;
}

/* Measure how long after its making the record was printed, as line i. */
static void time_line(struct walk *w, uint64_t place, size_t i)
{
    const struct pf_lines *l = w->c->lines;
    const struct pf_topic *t = w->c->topic;
    int64_t ns;

    while (w->made < t->made.n && t->made.at[w->made].place < place)
        w->made++;
    if (i >= l->times.n || w->made == t->made.n ||
        t->made.at[w->made].place != place)
        return;
    ns = l->times.at[i] - t->made.at[w->made].ns;
    pf_histogram_add(&w->c->print, ns > 0 ? (uint64_t)ns : 0, 1);
}

/* Line i is the one wanted at at. */
static bool print(struct walk *w, size_t i, size_t at)
{
    uint64_t place = pf_wanted_place(&w->wanted, at);

    if (pf_bit(w->seen, at))
        return found(w, PF_FOUND_PRINTED_TWICE, place, i);
    pf_bit_set(w->seen, at);
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
static bool stray(struct walk *w, size_t i, size_t at)
{
    struct pf_finding f = {.kind = PF_FOUND_PHANTOM,
                           .run = PF_NONE,
                           .n = 1,
                           .place = -1,
                           .line = (int64_t)i + 1};

    if (at < w->wanted.n)
        f.sequence = (uint64_t)pf_topic_offset(w->c->topic,
                                               pf_wanted_place(&w->wanted, at));
    return pf_findings_add(&w->c->findings, &f);
}

/* Walk along the lines; at is the wanted line that should come next. */
static bool walk(struct walk *w)
{
    const struct pf_lines *l = w->c->lines;
    size_t at = w->first;

    for (size_t i = 0; i < l->crcs.n; i++) {
        size_t to;

        if (at < w->wanted.n && l->crcs.at[i] == w->wanted.crcs[at]) {
            if (!print(w, i, at++))
                return false;
            continue;
        }
        if (!make_chains(w))
            return false;
        /* One line differs, and those after it are as wanted. */
        if (at < w->wanted.n && !is_known(w, i) &&
            agree(w, i + 1, at + 1, ROW)) {
            pf_bit_set(w->seen, at);
            w->high = at >= w->high ? at + 1 : w->high;
            if (!found(w, PF_FOUND_ALTERED, pf_wanted_place(&w->wanted, at++),
                       i))
                return false;
            continue;
        }
        to = find(w, i, at);
        if (to == ABSENT) {
            if (!stray(w, i, at))
                return false;
            continue;
        }
        if (!print(w, i, to))
            return false;
        at = to + 1;
    }
    return true;
}

/* Find where the console begins: the first place that fits. */
static bool find_first(struct walk *w)
{
    size_t tries = w->c->lines->crcs.n < ROW ? w->c->lines->crcs.n : ROW;

    if (!w->wanted.n || !tries || agree(w, 0, 0, ROW))
        return true;
    if (!make_chains(w))
        return false;
    for (size_t i = 0; i < tries; i++) { /* the first lines may be damaged */
        size_t at = find_far(w, i, 0, ROW);

        if (at != ABSENT) {
            w->first = at > i ? at - i : 0;
            break;
        }
    }
    return true;
}

/* Add what was skipped, and count what is still to come. */
static bool check_rest(struct walk *w)
{
    struct pf_check *c = w->c;

    for (size_t at = w->first; at < w->high; at++)
        if (!pf_bit(w->seen, at) &&
            !pf_check_found(c, PF_FOUND_SKIPPED,
                            pf_wanted_place(&w->wanted, at)))
            return false;
    c->unprinted = w->wanted.n - w->high;
    if (!c->complete || !c->unprinted)
        return true;
    if (!pf_check_found(c, PF_FOUND_UNPRINTED,
                        pf_wanted_place(&w->wanted, w->high)))
        return false;
    /* One finding for all the rest. */
    PF_VEC_LAST(&c->findings.list)->n = c->unprinted;
    c->findings.counts[PF_FOUND_UNPRINTED] = c->unprinted;
    return true;
}

bool pf_check_console(struct pf_check *c)
{
    struct walk w = {.c = c};
    bool ok;

    if (!c->lines)
        return true;
    ok = pf_wanted_init(&w.wanted, c->topic) &&
         (w.seen = pf_bits_new(w.wanted.n)) && find_first(&w);
    w.high = w.first;
    ok = ok && walk(&w) && check_rest(&w);
    pf_wanted_release(&w.wanted);
    free(w.heads);
    free(w.nexts);
    free(w.seen);
    return ok;
}
