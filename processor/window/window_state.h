/* window_state.h - what is known of the records in one window of a key, as its
 * plan says. */
#ifndef PF_WINDOW_STATE_H
#define PF_WINDOW_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "decimal.h"
#include "window_plan.h"

/** Add a record to a window's state, which is all zero before the first one: it
 * has the time time, and numbers as its members. */
void pf_window_state_add(const struct pf_window_plan *plan, uint64_t *state,
                         int64_t time, const struct pf_decimal *numbers);

/** Most bytes that pf_window_state_put() writes. */
size_t pf_window_state_room(const struct pf_window_plan *plan);

/** Write the columns to buf as `,"count":3,"open":4.56`; returns how many bytes
 * that were. */
size_t pf_window_state_put(const struct pf_window_plan *plan, char *buf,
                           const uint64_t *state);

#endif
