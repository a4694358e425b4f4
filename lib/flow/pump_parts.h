/* pump_parts.h - what the parts of the pump share; for them alone. */
#ifndef PF_PUMP_PARTS_H
#define PF_PUMP_PARTS_H

#include "blame.h"
#include "dead_letters.h"
#include "outputs.h"
#include "refused.h"
#include "sift.h"

struct pf_pump;

/** One run of a pump. */
struct pf_pump_state {
    const struct pf_pump *pump;
    struct pf_outputs outputs;
    bool ended;     /* the source has, by itself */
    bool finished;  /* so it has, or the limit is reached */
    bool caught_up; /* the source had no more records ready */
    struct pf_sift sift;
    struct pf_batch batch;       /* what was taken last, */
    struct pf_filtered filtered; /* and what it became */
    struct pf_blame blame;
    struct pf_dead_letters dead;
    struct pf_refused refused;
};

/** How many records the main output may still take. */
uint64_t pf_pump_left(const struct pf_pump_state *run);

/**
 * Filter the records of a batch, write what they become, and say which were
 * refused. While a refused record is looked for, a few at a time.
 *
 * PF_END      the limit is reached, a stop was asked for, or the filter has
 *             ended it
 * PF_ABORTED  what was written since the last commit is taken back
 * PF_FORMAT   a bad record, with PF_ON_BAD_STOP
 * other       a part failed with this
 */
enum pf_rc pf_pump_take(struct pf_pump_state *run, const struct pf_batch *batch,
                        struct pf_error *err);

/** Write what the filter has to say without a record, if that is due, or if
 * this is the last time. Returns as pf_pump_take(). */
enum pf_rc pf_pump_wake(struct pf_pump_state *run, bool last,
                        struct pf_error *err);

/**
 * What was written is taken back. If that is because of a record that is
 * refused, have fewer written at a time, until it is one alone, which is set
 * aside or left out when it comes again.
 *
 * PF_FORMAT       it is a result of a filter that keeps state, with
 *                 PF_ON_BAD_STOP
 * PF_UNDELIVERED  it cannot be: nobody knows of which record it was made, or
 *                 its dead letter is refused too
 * PF_NOMEM        out of memory
 */
enum pf_rc pf_pump_look_for_refused(struct pf_pump_state *run,
                                    struct pf_error *err);

#endif
