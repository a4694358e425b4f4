#include "window_state.h"

#include <stdbool.h>
#include <string.h>

#include "decimal.h"
#include "text.h"

/* The first or the last number has a new one's place, which comes at time. *at
 * is the cell. */
static void set_timed(uint64_t *at, int64_t time,
                      const struct pf_decimal *number)
{
    at[0] = (uint64_t)time;
    memcpy(at + 1, number, sizeof *number);
}

/* Add a number to one cell; first: of the window's first record. */
static void add_to(enum pf_window_cell_kind kind, uint64_t *at, bool first,
                   int64_t time, const struct pf_decimal *number)
{
    const struct pf_decimal *has = (const void *)at;

    switch (kind) {
    case PF_WINDOW_SUM:
        pf_decimal_add((void *)at, number);
        break;
    case PF_WINDOW_MIN:
        if (first || number->units < has->units)
            memcpy(at, number, sizeof *number);
        break;
    case PF_WINDOW_MAX:
        if (first || number->units > has->units)
            memcpy(at, number, sizeof *number);
        break;
    case PF_WINDOW_FIRST: /* offsets grow: of the same time the first stays, */
        if (first || time < (int64_t)*at)
            set_timed(at, time, number);
        break;
    case PF_WINDOW_LAST: /* and here the last comes */
        if (first || time >= (int64_t)*at)
            set_timed(at, time, number);
        break;
    }
}

void pf_window_state_add(const struct pf_window_plan *plan, uint64_t *state,
                         int64_t time, const struct pf_decimal *numbers)
{
    bool first = !state[PF_WINDOW_AT_COUNT];

    for (size_t i = 0; i < plan->n_cells; i++) {
        const struct pf_window_cell *cell = &plan->cells[i];

        add_to(cell->kind, state + cell->at, first, time,
               &numbers[cell->member]);
    }
    state[PF_WINDOW_AT_COUNT]++;
}

/* `,"NAME":` and a number. */
size_t pf_window_state_room(const struct pf_window_plan *plan)
{
    return plan->n_columns * (PF_WINDOW_NAME_MAX + 4 + PF_DECIMAL_SIZE);
}

static size_t put_number(const struct pf_window_plan *plan,
                         const struct pf_window_column *column, char *buf,
                         const uint64_t *state)
{
    const struct pf_window_cell *cell = &plan->cells[column->cell];
    const uint64_t *at = state + cell->at;

    if (column->kind == PF_WINDOW_COUNT)
        return pf_put_uint(buf, state[PF_WINDOW_AT_COUNT]);
    if (column->kind == PF_WINDOW_AVG)
        return pf_decimal_put_average(buf, (const void *)at,
                                      state[PF_WINDOW_AT_COUNT]);
    if (cell->kind == PF_WINDOW_SUM)
        return pf_decimal_put_sum(buf, (const void *)at);
    if (cell->kind == PF_WINDOW_FIRST || cell->kind == PF_WINDOW_LAST)
        at++; /* its time */
    return pf_decimal_put(buf, (const void *)at);
}

size_t pf_window_state_put(const struct pf_window_plan *plan, char *buf,
                           const uint64_t *state)
{
    char *at = buf;

    for (size_t i = 0; i < plan->n_columns; i++) {
        const struct pf_window_column *column = &plan->columns[i];
        size_t len = strlen(column->name);

        memcpy(at, ",\"", 2);
        memcpy(at + 2, column->name, len);
        memcpy(at + 2 + len, "\":", 2);
        at += len + 4;
        at += put_number(plan, column, at, state);
    }
    return (size_t)(at - buf);
}
