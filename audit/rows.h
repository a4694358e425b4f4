/* rows.h - rows of neighbouring lines that are consecutive records of one
 * partition.
 *
 * A member of a group that was stopped beyond its session, and goes on, first
 * prints what it still held: lines that others have printed meanwhile, in the
 * order of their partition. It has one or two of each match, which nobody can
 * place among the lines of that match alone, but all of them together are in
 * one place.
 */
#ifndef PF_ROWS_H
#define PF_ROWS_H

#include "comparison.h"

/** The n lines from number line on, counted from 0, are the records at place
 * and after it. None of them is refused. */
struct pf_row {
    uint64_t line, place, n;
};

/** In the order of their lines; they do not overlap. */
typedef PF_VEC(struct pf_row) pf_rows;

/** Numbers of lines, from 0. */
typedef PF_VEC(uint32_t) pf_doubts;

/**
 * Find the rows with lines whose match does not tell where they belong. Of
 * several places with the same records it is the first one. Sorts doubts, and
 * forgets what rows had. False: memory ran out.
 */
bool pf_rows_find(pf_rows *rows, const struct pf_check *check,
                  pf_doubts *doubts);

/** Set *ret to the place of a line. False: it is in none of the rows. */
bool pf_rows_place(const pf_rows *rows, uint64_t line, uint64_t *ret);

#endif
