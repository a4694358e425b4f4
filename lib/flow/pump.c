#include "pump.h"

#include <assert.h>

#include "assignment.h"
#include "clock.h"
#include "pump_parts.h"
#include "stop.h"

/* The longest sleep of the loop: it sets its beat at least once a second. */
#define WAIT_MS 1000

/* The same while records are under way, as only a flush sees them arrive. */
#define UNSETTLED_MS 20

static const char *describe(void *context, const char *topic, int32_t partition)
{
    struct pf_filter *filter = context;

    return filter->ops->metadata(filter, topic, partition);
}

/* When the next commit is due: when there is nothing else to do, and it is what
 * readers wait for, after half of the time. */
static int64_t commit_ms(const struct pf_pump_state *run)
{
    bool soon = run->caught_up && run->outputs.out[0].sink->ops->keep;

    return run->outputs.settled_ms +
           run->pump->commit_interval_ms / (soon ? 2 : 1);
}

/* How long to wait for records: not longer than the filter wants to sleep, nor
 * than what waits for the commit may. */
static int wait_ms(const struct pf_pump_state *run)
{
    const struct pf_filter *filter = run->pump->filter;
    int most = pf_outputs_under_way(&run->outputs) ? UNSETTLED_MS : WAIT_MS;
    int64_t due = filter && filter->ops->due_ms ? filter->ops->due_ms(filter)
                                                : INT64_MAX;
    int left;

    if (pf_outputs_pending(&run->outputs) && commit_ms(run) < due)
        due = commit_ms(run);
    left = due == INT64_MAX ? most : pf_left_ms(due);
    return left < most ? left : most;
}

/* Read one batch, filter it and write it. */
static enum pf_rc move(struct pf_pump_state *run, struct pf_error *err)
{
    const struct pf_pump *pump = run->pump;
    struct pf_batch batch = {0};
    enum pf_rc rc;

    rc = pump->source->ops->read(
        pump->source, run->caught_up ? wait_ms(run) : 0, &batch, err);
    run->caught_up = rc == PF_AGAIN;
    run->finished = run->ended = rc == PF_END;
    if (rc == PF_SETTLE)
        return pf_assignment_change(&run->outputs, pump->filter, err);
    if (rc)
        return rc;
    pf_stats_add(pump->stats, PF_PUMP_READ, batch.n);
    return pf_pump_take(run, &batch, err);
}

static bool due(const struct pf_pump_state *run)
{
    return pf_now_ms() >= commit_ms(run);
}

/* A commit is due that needs everything to have arrived: wait for that, and
 * read no more meanwhile, or it might never be so. */
static enum pf_rc settle_whole(struct pf_pump_state *run, struct pf_error *err)
{
    enum pf_rc rc;

    pf_outputs_last(&run->outputs);
    do
        rc = pf_outputs_settle(&run->outputs, WAIT_MS, err);
    while (rc == PF_AGAIN && due(run) && !pf_stop_asked());
    return rc;
}

/* One turn of the loop. Caught up: flush what is buffered, and commit, unless
 * the sink that keeps positions would do so too often. Under full load, commit
 * nevertheless, or a crash would repeat everything. */
static enum pf_rc turn(struct pf_pump_state *run, struct pf_error *err)
{
    struct pf_outputs *outputs = &run->outputs;
    enum pf_rc rc = move(run, err);
    bool is_due;

    if (!rc || rc == PF_AGAIN)
        rc = pf_pump_wake(run, false, err);
    is_due = due(run);
    if (rc || (!run->caught_up && !is_due))
        return rc;
    if (is_due && outputs->whole)
        return settle_whole(run, err);
    return outputs->out[0].sink->ops->keep ? pf_outputs_flush(outputs, err)
                                           : pf_outputs_settle(outputs, 0, err);
}

/* The source has ended by itself, or the limit is reached: wait without a limit
 * until everything has arrived, or a stop is asked for. */
static enum pf_rc finish(struct pf_pump_state *run, struct pf_error *err)
{
    enum pf_rc rc = run->ended ? pf_pump_wake(run, true, err) : PF_OK;

    if (rc == PF_END && !pf_pump_left(run)) /* it was the last in two ways */
        rc = PF_OK;
    pf_stats_set(run->pump->stats, PF_PUMP_FINISHED, 1);
    pf_outputs_last(&run->outputs);
    while (!rc || rc == PF_AGAIN) {
        rc = pf_outputs_settle(&run->outputs, WAIT_MS, err);
        if (!rc || pf_stop_asked())
            return rc;
    }
    return rc;
}

/* The outputs are the filter's, and one for dead letters. */
static void open_outputs(const struct pf_pump *pump, struct pf_outputs *outputs)
{
    for (; outputs->n < PF_OUTPUTS_MAX && pump->sinks[outputs->n]; outputs->n++)
        outputs->out[outputs->n].sink = pump->sinks[outputs->n];
    assert(outputs->n == (pump->filter ? pump->filter->ops->n_outputs : 1));
    if (pump->dead_letters && pump->dead_letters != pump->sinks[0])
        outputs->out[outputs->n++].sink = pump->dead_letters;
}

static struct pf_pump_state begin(const struct pf_pump *pump)
{
    const struct pf_filter *filter = pump->filter;
    struct pf_pump_state run = {
        .pump = pump,
        .outputs = {.source = pump->source,
                    .stats = pump->stats,
                    .latency = pump->latency,
                    .drain_ms = pump->drain_ms,
                    .settled_ms = pf_now_ms()},
        .blame = {.of_results = filter && filter->ops->assigned,
                  .aside = pump->on_bad == PF_ON_BAD_DEAD_LETTER},
        .refused = {.on_bad = pump->on_bad,
                    .dead_letters_in = pump->dead_letters_in,
                    .stats = pump->stats}};

    open_outputs(pump, &run.outputs);
    assert(!pump->sinks[0]->ops->keep || pump->sinks[0]->ops->position);
    run.outputs.whole = (filter && filter->ops->assigned) ||
                        pump->sinks[0]->ops->keep;
    if (filter && filter->ops->metadata && pump->source->ops->describe)
        pump->source->ops->describe(pump->source, describe, pump->filter);
    return run;
}

/* Turn until a stop is asked for, all has arrived, or a part has failed. */
static enum pf_rc loop(struct pf_pump_state *run, struct pf_error *err)
{
    enum pf_rc rc = PF_OK;

    while (!rc) {
        while ((!rc || rc == PF_AGAIN) && !pf_stop_asked())
            rc = turn(run, err);
        if (run->finished && (!rc || rc == PF_END)) {
            rc = finish(run, err);
            if (rc != PF_AGAIN && rc != PF_ABORTED)
                return rc;
        }
        if (rc != PF_ABORTED)
            break;
        rc = pf_pump_look_for_refused(run, err);
        if (!rc)
            rc = pf_assignment_rewind(&run->outputs, err);
        if (pf_stop_asked())
            break;
    }
    if (!run->finished)
        pf_outputs_last(&run->outputs);
    if (rc && rc != PF_AGAIN && rc != PF_END) {
        pf_outputs_drain(&run->outputs, NULL); /* *err keeps why it failed */
        return rc;
    }
    return pf_outputs_drain(&run->outputs, err);
}

enum pf_rc pf_pump_run(const struct pf_pump *pump, struct pf_error *err)
{
    struct pf_pump_state run = begin(pump);
    enum pf_rc rc = loop(&run, err);

    pf_dead_letters_release(&run.dead);
    pf_blame_release(&run.blame);
    pf_sift_release(&run.sift);
    return rc;
}
