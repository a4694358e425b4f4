#include "pump.h"

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>

#include "assignment.h"
#include "blame.h"
#include "clock.h"
#include "dead_letters.h"
#include "outputs.h"
#include "refused.h"
#include "sift.h"
#include "stop.h"

/* The longest sleep of the loop: it sets its beat at least once a second. */
#define WAIT_MS 1000

/* The same while records are under way, as only a flush sees them arrive. */
#define UNSETTLED_MS 20

struct run {
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

/* With that policy, make dead letters of what was refused, and put them where
 * they go. */
static enum pf_rc put_aside(struct run *run, const struct pf_batch *batch,
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

/* How many records the main output may still take. */
static uint64_t left(const struct run *run)
{
    uint64_t limit = run->pump->limit ? run->pump->limit : UINT64_MAX;
    uint64_t taken = run->outputs.out[0].taken;

    return taken < limit ? limit - taken : 0;
}

/*
 * Hand the filtered records of one batch to the sinks, and say which were
 * refused. PF_END: the limit is reached, or a stop was asked for.
 */
static enum pf_rc hand_over(struct run *run, const struct pf_batch *batch,
                            const struct pf_filtered *filtered,
                            struct pf_error *err)
{
    const struct pf_refusal *refusals = filtered->refusals;
    bool bad = run->pump->on_bad == PF_ON_BAD_STOP && filtered->n_refused;
    size_t end = bad ? (size_t)(refusals[0].record - batch->records) : batch->n;
    enum pf_rc rc = pf_outputs_write(&run->outputs, batch, filtered, left(run),
                                     &end, err);

    if (rc == PF_ABORTED) /* the records come again */
        return rc;
    run->finished = !left(run);
    for (size_t i = 0; i < filtered->n_refused; i++)
        if (refusals[i].record < batch->records + end)
            pf_refused_tell(&run->refused, &refusals[i]);
    return bad && !rc ? pf_refused_stop(&run->refused, &refusals[0], err) : rc;
}

/* The results of the filter's last call will not be written. If it keeps state,
 * that has them already: no position may be committed any more, for what the
 * filter knows goes with it. Returns rc. */
static enum pf_rc leave_unwritten(struct run *run, enum pf_rc rc)
{
    const struct pf_filter *filter = run->pump->filter;

    run->outputs.parted |= filter && filter->ops->assigned;
    return rc;
}

/* Filter these records, and write what they become. */
static enum pf_rc take(struct run *run, const struct pf_batch *batch,
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
static enum pf_rc take_carefully(struct run *run, const struct pf_batch *batch,
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

static const char *describe(void *context, const char *topic, int32_t partition)
{
    struct pf_filter *filter = context;

    return filter->ops->metadata(filter, topic, partition);
}

/* When the next commit is due: when there is nothing else to do, and it is what
 * readers wait for, after half of the time. */
static int64_t commit_ms(const struct run *run)
{
    bool soon = run->caught_up && run->outputs.out[0].sink->ops->keep;

    return run->outputs.settled_ms +
           run->pump->commit_interval_ms / (soon ? 2 : 1);
}

/* How long to wait for records: not longer than the filter wants to sleep, nor
 * than what waits for the commit may. */
static int wait_ms(const struct run *run)
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

/* Write what the filter has to say without a record. */
static enum pf_rc wake(struct run *run, bool last, struct pf_error *err)
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
    if (rc || left(run))
        return rc;
    run->finished = true;
    return PF_END;
}

/* Read one batch, filter it and write it. */
static enum pf_rc move(struct run *run, struct pf_error *err)
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
    return run->blame.most ? take_carefully(run, &batch, err)
                           : take(run, &batch, err);
}

static bool due(const struct run *run)
{
    return pf_now_ms() >= commit_ms(run);
}

/* A commit is due that needs everything to have arrived: wait for that, and
 * read no more meanwhile, or it might never be so. */
static enum pf_rc settle_whole(struct run *run, struct pf_error *err)
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
static enum pf_rc turn(struct run *run, struct pf_error *err)
{
    struct pf_outputs *outputs = &run->outputs;
    enum pf_rc rc = move(run, err);
    bool is_due;

    if (!rc || rc == PF_AGAIN)
        rc = wake(run, false, err);
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
static enum pf_rc finish(struct run *run, struct pf_error *err)
{
    enum pf_rc rc = run->ended ? wake(run, true, err) : PF_OK;

    if (rc == PF_END && !left(run)) /* it was the last in two ways */
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
    if (pump->dead_letters && pump->dead_letters != pump->sinks[0])
        outputs->out[outputs->n++].sink = pump->dead_letters;
}

static struct run begin(const struct pf_pump *pump)
{
    const struct pf_filter *filter = pump->filter;
    struct run run = {.pump = pump,
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

/* The record that was read of which this was made; or this result itself, if
 * the filter keeps state. NULL: nobody knows. */
static const struct pf_record *origin_of(const struct run *run,
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
static enum pf_rc blame_letter(struct run *run, const struct pf_record *letter,
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
static enum pf_rc blame(struct run *run, const struct pf_record *made,
                        const struct pf_error *why, struct pf_error *err)
{
    const struct pf_record *origin;

    if (pf_dead_letter_is(made))
        return blame_letter(run, made, why, err);
    origin = origin_of(run, made);
    if (!origin)
        return pf_fail(err, PF_UNDELIVERED,
                       "a record that was made of none: %s", why->text);
    if (run->blame.of_results)
        pf_log_limited(&run->refused.log_limit, PF_LOG_WARNING,
                       "%s a result that is refused: %s",
                       run->blame.aside ? "put aside" : "left out", why->text);
    return pf_blame_add(&run->blame, origin, why, err);
}

/* What was written is taken back. If that is because of a record that is
 * refused, write fewer at a time, until it is one alone. */
static enum pf_rc look_for_refused(struct run *run, struct pf_error *err)
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

/* Turn until a stop is asked for, all has arrived, or a part has failed. */
static enum pf_rc loop(struct run *run, struct pf_error *err)
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
        rc = look_for_refused(run, err);
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
    struct run run = begin(pump);
    enum pf_rc rc = loop(&run, err);

    pf_dead_letters_release(&run.dead);
    pf_blame_release(&run.blame);
    pf_sift_release(&run.sift);
    return rc;
}
