#include "pump_parts.h"

#include "clock.h"
#include "pump.h"
#include "stop.h"

/* With PF_ON_BAD_DEAD_LETTER, make dead letters of what was refused, and put
 * them where they go. */
static enum pf_rc put_aside(struct pf_pump_state *run,
                            const struct pf_batch *batch,
                            struct pf_filtered *filtered, struct pf_error *err)
{
    const struct pf_pump *pump = run->pump;
    struct pf_output letters = {0};
    enum pf_rc rc = PF_OK;

    if (pump->on_bad != PF_ON_BAD_DEAD_LETTER)
        return PF_OK;
    if (filtered->n_refused)
        rc = pf_dead_letters_make(&run->dead, batch, filtered->refusals,
                                  filtered->n_refused, &letters, err);
    if (rc)
        return rc;
    pf_blame_letters(&run->blame, &run->dead, filtered->refusals,
                     filtered->n_refused);
    if (pump->dead_letters != pump->sinks[0])
        filtered->outputs[run->outputs.n - 1] = letters;
    else if (letters.n)
        rc = pf_dead_letters_merge(&run->dead, &letters, &filtered->outputs[0],
                                   err);
    return rc;
}

uint64_t pf_pump_left(const struct pf_pump_state *run)
{
    uint64_t limit = run->pump->limit ? run->pump->limit : UINT64_MAX;
    uint64_t taken = run->outputs.out[0].taken;

    return taken < limit ? limit - taken : 0;
}

static bool keeps_state(const struct pf_pump *pump)
{
    return pump->filter && pump->filter->ops->assigned;
}

/* The results of the filter's last call will not be written. If it keeps state,
 * that has them already: no position may be committed any more, for what the
 * filter knows goes with it. Returns rc. */
static enum pf_rc leave_unwritten(struct pf_pump_state *run, enum pf_rc rc)
{
    run->outputs.parted |= keeps_state(run->pump);
    return rc;
}

/* How many records of the batch there are before the bad one that ends the run.
 * A filter that keeps state has those after it, too: all of the batch comes
 * again. */
static size_t count_before(const struct pf_pump_state *run,
                           const struct pf_batch *batch,
                           const struct pf_record *bad)
{
    return keeps_state(run->pump) ? 0 : (size_t)(bad - batch->records);
}

/*
 * Hand the filtered records of one batch to the sinks, and say which were
 * refused. PF_END: the limit is reached, or a stop was asked for.
 */
static enum pf_rc hand_over(struct pf_pump_state *run,
                            const struct pf_batch *batch,
                            const struct pf_filtered *filtered,
                            struct pf_error *err)
{
    const struct pf_refusal *refusals = filtered->refusals;
    bool bad = run->pump->on_bad == PF_ON_BAD_STOP && filtered->n_refused;
    size_t end = bad ? count_before(run, batch, refusals[0].record) : batch->n;
    enum pf_rc rc = pf_outputs_write(&run->outputs, batch, filtered,
                                     pf_pump_left(run), &end, err);

    if (bad)
        leave_unwritten(run, rc);
    if (rc == PF_ABORTED) /* the records come again */
        return rc;
    run->finished = !pf_pump_left(run);
    for (size_t i = 0; i < filtered->n_refused; i++)
        if (refusals[i].record < batch->records + end)
            pf_refused_tell(&run->refused, &refusals[i]);
    return bad && !rc ? pf_refused_stop(&run->refused, &refusals[0], err) : rc;
}

/* Filter these records, and write what they become. */
static enum pf_rc take(struct pf_pump_state *run, const struct pf_batch *batch,
                       struct pf_error *err)
{
    struct pf_filtered *filtered = &run->filtered;
    enum pf_rc rc;

    run->batch = *batch;
    *filtered = (struct pf_filtered){0};
    rc = pf_blame_batch(&run->blame, &run->batch, err);
    if (!rc)
        rc = pf_sift(&run->sift, run->pump->filter, &run->batch, filtered, err);
    if (rc == PF_END) /* before it took any */
        return rc;
    if (!rc)
        rc = pf_blame_results(&run->blame, filtered, err);
    if (!rc)
        rc = put_aside(run, &run->batch, filtered, err);
    return rc ? leave_unwritten(run, rc)
              : hand_over(run, &run->batch, filtered, err);
}

/* Take a few of them at a time, and commit each time. If nothing was written of
 * a few, as they were only read again, that says nothing about the others. */
static enum pf_rc take_carefully(struct pf_pump_state *run,
                                 const struct pf_batch *batch,
                                 struct pf_error *err)
{
    enum pf_rc rc = PF_OK;

    for (size_t at = 0; at < batch->n && !rc && !pf_stop_asked();) {
        struct pf_batch some = pf_blame_slice(&run->blame, batch, at);
        uint64_t taken = run->outputs.out[0].taken;

        rc = take(run, &some, err);
        if (!rc)
            rc = pf_outputs_settle_all(&run->outputs, err);
        if (rc)
            return rc;
        if (run->outputs.out[0].taken > taken)
            pf_blame_passed(&run->blame);
        run->outputs.most = run->blame.most;
        at += some.n;
    }
    return rc;
}

enum pf_rc pf_pump_take(struct pf_pump_state *run, const struct pf_batch *batch,
                        struct pf_error *err)
{
    return run->blame.most ? take_carefully(run, batch, err)
                           : take(run, batch, err);
}

enum pf_rc pf_pump_wake(struct pf_pump_state *run, bool last,
                        struct pf_error *err)
{
    struct pf_filter *filter = run->pump->filter;
    struct pf_filtered *filtered = &run->filtered;
    enum pf_rc rc;

    if (!filter || !filter->ops->wake ||
        (!last && filter->ops->due_ms(filter) > pf_now_ms()))
        return PF_OK;
    run->batch = (struct pf_batch){0};
    *filtered = (struct pf_filtered){0};
    rc = filter->ops->wake(filter, last, filtered, err);
    if (!rc)
        rc = pf_blame_results(&run->blame, filtered, err);
    if (rc)
        return leave_unwritten(run, rc);
    rc = pf_outputs_give(&run->outputs, filtered, err);
    if (rc || pf_pump_left(run))
        return rc;
    run->finished = true;
    return PF_END;
}
