#include "window_state.h"

#include <stdbool.h>
#include <string.h>

#include "decimal.h"
#include "text.h"

/* Whether the number takes the place of the one that a cell has. */
static bool replaces(enum pf_window_cell_kind kind, const uint64_t *state,
                     int64_t time, const struct pf_decimal *has,
                     const struct pf_decimal *number)
{
    if (!state[PF_WINDOW_AT_COUNT])
        return true;
    switch (kind) {
    case PF_WINDOW_MIN:
        return number->units < has->units;
    case PF_WINDOW_MAX:
        return number->units > has->units;
    case PF_WINDOW_FIRST: /* offsets grow: of the same time the first counts, */
        return time < (int64_t)state[PF_WINDOW_AT_FIRST];
    case PF_WINDOW_LAST: /* and here the last */
        return time >= (int64_t)state[PF_WINDOW_AT_LAST];
    case PF_WINDOW_SUM:
        break;
    }
    return false;
}

void pf_window_state_add(const struct pf_window_plan *plan, uint64_t *state,
                         int64_t time, const struct pf_decimal *numbers)
{
    for (size_t i = 0; i < plan->n_cells; i++) {
        const struct pf_window_cell *cell = &plan->cells[i];
        const struct pf_decimal *number = &numbers[cell->member];
        void *at = state + cell->at;

        if (cell->kind == PF_WINDOW_SUM)
            pf_decimal_add(at, number);
        else if (replaces(cell->kind, state, time, at, number))
            memcpy(at, number, sizeof *number);
    }
    if (!state[PF_WINDOW_AT_COUNT] || time < (int64_t)state[PF_WINDOW_AT_FIRST])
        state[PF_WINDOW_AT_FIRST] = (uint64_t)time;
    if (!state[PF_WINDOW_AT_COUNT] || time >= (int64_t)state[PF_WINDOW_AT_LAST])
        state[PF_WINDOW_AT_LAST] = (uint64_t)time;
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
    const void *at = state + cell->at;

    if (column->kind == PF_WINDOW_COUNT)
        return pf_put_uint(buf, state[PF_WINDOW_AT_COUNT]);
    if (column->kind == PF_WINDOW_AVG)
        return pf_decimal_put_average(buf, at, state[PF_WINDOW_AT_COUNT]);
    return cell->kind == PF_WINDOW_SUM ? pf_decimal_put_sum(buf, at)
                                       : pf_decimal_put(buf, at);
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
