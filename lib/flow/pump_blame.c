#include "pump_parts.h"

#include <inttypes.h>

#include "pump.h"

/* The record that was read of which this was made; or this result itself, if
 * the filter keeps state. NULL: nobody knows. */
static const struct pf_record *origin_of(const struct pf_pump_state *run,
                                         const struct pf_record *made)
{
    const struct pf_output *output = &run->filtered.outputs[0];
    size_t i = (size_t)(made - output->records);

    if (run->blame.of_results)
        return made;
    return run->batch.n
               ? &run->batch.records[output->from ? output->from[i] : i]
               : NULL;
}

/* This dead letter is refused. A short one would be again, as any other. */
static enum pf_rc blame_letter(struct pf_pump_state *run,
                               const struct pf_record *letter,
                               const struct pf_error *why, struct pf_error *err)
{
    const struct pf_record *record = pf_dead_letter_of(letter);

    if (pf_dead_letter_is_short(letter))
        return pf_fail(err, PF_UNDELIVERED,
                       "the dead letter of the record at offset %" PRId64
                       ", without what the record has: %s",
                       letter->offset, why->text);
    /* To find it took long: there cannot be many. */
    pf_log(PF_LOG_WARNING,
           "shortened the dead letter of %s [%" PRId32 "], offset %" PRId64
           ": %s",
           record->topic ? record->topic : "a result", record->partition,
           record->offset, why->text);
    return pf_blame_letter(&run->blame, record, err);
}

/* This record is refused, whenever it is written. */
static enum pf_rc blame(struct pf_pump_state *run, const struct pf_record *made,
                        const struct pf_error *why, struct pf_error *err)
{
    const struct pf_record *origin;

    if (pf_dead_letter_is(made))
        return blame_letter(run, made, why, err);
    origin = origin_of(run, made);
    if (!origin)
        return pf_fail(err, PF_UNDELIVERED,
                       "a record that was made of none: %s", why->text);
    if (run->blame.of_results && run->refused.on_bad == PF_ON_BAD_STOP)
        return pf_fail(err, PF_FORMAT,
                       "a result is refused: %s (feed.on.bad = stop)",
                       why->text);
    if (run->blame.of_results)
        pf_log_limited(&run->refused.log_limit, PF_LOG_WARNING,
                       "%s a result that is refused: %s",
                       run->blame.aside ? "put aside" : "left out", why->text);
    return pf_blame_add(&run->blame, origin, why, err);
}

enum pf_rc pf_pump_look_for_refused(struct pf_pump_state *run,
                                    struct pf_error *err)
{
    struct pf_sink *sink = run->pump->sinks[0];
    size_t n = run->outputs.n_suspects;
    struct pf_error why = {""};
    enum pf_rc rc = PF_OK;

    run->outputs.n_suspects = 0;
    pf_blame_taken_back(&run->blame);
    if (!sink->ops->refused || !sink->ops->refused(sink, n == 1 ? &why : NULL))
        return PF_OK;
    if (n == 1)
        rc = blame(run, run->outputs.suspects, &why, err);
    else
        pf_blame_narrow(&run->blame, n);
    run->outputs.most = run->blame.most;
    return rc;
}
