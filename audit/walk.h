/* walk.h - a walk along lines that were printed, and those that should be.
 * Lines have no numbers: where a line belongs follows from it and the lines
 * after it.
 */
#ifndef PF_WALK_H
#define PF_WALK_H

#include "comparison.h"
#include "rows.h"
#include "wanted.h"

/** This many lines in a row have to agree for a jump; a price recurs once in
 * 810 000 records, of one match once in 900. */
#define PF_WALK_ROW 8

/** Nowhere. */
#define PF_WALK_ABSENT UINT32_MAX

/** Lines in the order in which they came. */
struct pf_stream {
    const uint32_t *crcs;
    const uint32_t *numbers; /* in the console, from 0; NULL: indices */
    size_t n;
};

/** A walk. The caller sets the first part, which it borrows, and releases all
 * of it with pf_walk_release(). */
struct pf_walk {
    struct pf_check *c;
    struct pf_wanted wanted; /* owned by the walk */
    struct pf_stream lines;
    unsigned char *seen; /* bits: places that have been printed */

    /* Lines of one match out of many: other rules, see search.c. */
    bool of_match;
    const pf_rows *rows; /* lines whose place is known */
    pf_doubts *doubts;   /* gets the lines whose place is not certain */

    size_t first; /* the wanted line with which the console begins */
    size_t high;  /* after the furthest one that has been printed */

    uint32_t *heads; /* hash table: first wanted line by low checksum bits */
    uint32_t *nexts; /* for each wanted line, the next one in its chain */
    size_t mask;
    size_t made; /* current index in the slice's made */
};

void pf_walk_release(struct pf_walk *walk);

/** Find where the console begins, the first place that fits, and set first.
 * *ret_at is the wanted line from which on that is certain, after what is
 * damaged at the beginning; or PF_WALK_ABSENT. False: memory ran out. */
bool pf_walk_begin(struct pf_walk *walk, size_t *ret_at);

/** Walk along the lines from first on: add what is wrong with them to the
 * findings, and fill seen and high. False: memory ran out. */
bool pf_walk_run(struct pf_walk *walk);

/* What follows is in search.c. */

/** Make the chains of lines with equal low bits, in order, on first use. False:
 * memory ran out. */
bool pf_search_prepare(struct pf_walk *walk);

/** Are the lines from i on the wanted ones from at on: a row of them, or up to
 * the end of either? */
bool pf_search_agree(const struct pf_walk *walk, size_t i, size_t at,
                     size_t row);

/** Is any wanted line equal to line i? */
bool pf_search_known(const struct pf_walk *walk, size_t i);

/** Where line i belongs, which is not the line wanted at at, by a whole row of
 * lines, or of one match a short step back; or PF_WALK_ABSENT. */
size_t pf_search_row(const struct pf_walk *walk, size_t i, size_t at);

/** The same by fewer lines, if a whole row is nowhere. */
size_t pf_search_few(const struct pf_walk *walk, size_t i, size_t at);

/** The wanted line nearest to at where a row of lines from i on agrees, at any
 * distance; or PF_WALK_ABSENT. */
size_t pf_search_far(const struct pf_walk *walk, size_t i, size_t at,
                     size_t row);

#endif
