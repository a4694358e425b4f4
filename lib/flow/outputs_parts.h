/* outputs_parts.h - what writing to a pump's outputs needs of flushing them;
 * for the two alone. */
#ifndef PF_OUTPUTS_PARTS_H
#define PF_OUTPUTS_PARTS_H

#include "error.h"

struct pf_outputs;
struct pf_sink_state;

/** Add the result of one part, why, to that of all, *rc and *err: the first
 * failure counts. */
void pf_outputs_add_result(enum pf_rc *rc, struct pf_error *err, enum pf_rc one,
                           const struct pf_error *why);

/** Flush all sinks, waiting only for this one, and commit what has arrived in
 * each. Returns as the flush() of a sink. */
enum pf_rc pf_outputs_make_room(struct pf_outputs *outputs,
                                const struct pf_sink_state *out, int timeout_ms,
                                struct pf_error *err);

/** From now on the stop that was asked for no longer ends a wait; deadline_ms
 * does. */
void pf_outputs_begin_drain(struct pf_outputs *outputs);

#endif
