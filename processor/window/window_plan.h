/* window_plan.h - what is kept of the records of a window, and what its result
 * says: feed.window.aggregates. */
#ifndef PF_WINDOW_PLAN_H
#define PF_WINDOW_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

/** Most members that are looked at, things that are kept, and members of a
 * result besides key, start and end. */
#define PF_WINDOW_MEMBERS_MAX 8
#define PF_WINDOW_CELLS_MAX 32
#define PF_WINDOW_COLUMNS_MAX 32

/** Longest name of a member of a result, in bytes. */
#define PF_WINDOW_NAME_MAX 64

/** Something that is kept of one member. */
enum pf_window_cell_kind {
    PF_WINDOW_SUM,
    PF_WINDOW_MIN,
    PF_WINDOW_MAX,
    PF_WINDOW_FIRST, /* by the event's time, then by offset */
    PF_WINDOW_LAST,
};

/** How a column says it: how many records there are, the cell's sum divided by
 * that, or the cell as it is. */
enum pf_window_column_kind { PF_WINDOW_COUNT, PF_WINDOW_AVG, PF_WINDOW_PLAIN };

/** A window's state is numbers of 64 bits: how many records it has, then its
 * cells. Those of the first and the last number begin with its time. */
enum { PF_WINDOW_AT_COUNT, PF_WINDOW_FIXED_WORDS };

/** The plan. All of it is its own. */
struct pf_window_plan {
    char *members[PF_WINDOW_MEMBERS_MAX]; /* paths, as in json_find.h */
    size_t n_members;

    struct pf_window_cell {
        enum pf_window_cell_kind kind;
        size_t member;
        size_t at; /* its place in the state, in words */
    } cells[PF_WINDOW_CELLS_MAX];
    size_t n_cells;

    struct pf_window_column {
        enum pf_window_column_kind kind;
        size_t cell; /* unless it is the count */
        char name[PF_WINDOW_NAME_MAX + 1];
    } columns[PF_WINDOW_COLUMNS_MAX];
    size_t n_columns;

    size_t words; /* of a window's state: numbers of 64 bits */
};

/**
 * Parse a list such as
 *
 *     count, sum(.price) as turnover, ohlc(.price)
 *
 * of count and of sum, min, max, avg, first, last and ohlc of a member. The
 * path of a member may begin with a dot. `as` names the result's member; of
 * ohlc these are NAME_open, NAME_high, NAME_low and NAME_close. By default they
 * have the name of what they are: sum; open, high, low, close. taken has names
 * that may not be used, up to a NULL.
 *
 * PF_CONFIG  the list is malformed, too long, or has a name twice
 * PF_NOMEM   memory ran out
 *
 * Whatever the outcome, pf_window_plan_release() it.
 */
enum pf_rc pf_window_plan_init(struct pf_window_plan *plan, const char *list,
                               const char *const *taken, struct pf_error *err);

void pf_window_plan_release(struct pf_window_plan *plan);

#endif
