#include "pump.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "clock.h"
#include "log.h"
#include "outputs.h"
#include "stop.h"
#include "text.h"

/* The longest sleep of the loop: it sets its beat at least once a second. */
#define WAIT_MS 1000

/* The same while records are under way, as only a flush sees them arrive. */
#define UNSETTLED_MS 20

struct run {
    const struct pf_pump *pump;
    struct pf_outputs outputs;
    uint64_t refused; /* by the filter */
    bool finished;    /* the source has ended, or the limit is reached */
    struct pf_log_limit log_refused;
};

static void count_refused(struct run *run)
{
    run->refused++;
    pf_stats_set(run->pump->stats, PF_PUMP_REFUSED, run->refused);
}

/* Count a skipped record; log what is wrong with it and how it begins. */
static void skip(struct run *run, const struct pf_refusal *refusal)
{
    const struct pf_record *record = refusal->record;
    char value[256];

    count_refused(run);
    pf_escape(value, sizeof value, record->value ? record->value : "",
              record->value_len);
    pf_log_limited(&run->log_refused, PF_LOG_WARNING,
                   "skipped the record at offset %" PRId64 ", %s: %s: %s",
                   record->offset, refusal->kind, refusal->reason.text, value);
}

static enum pf_rc stop_at(struct run *run, const struct pf_refusal *bad,
                          struct pf_error *err)
{
    count_refused(run);
    return pf_fail(err, PF_FORMAT,
                   "the record at offset %" PRId64
                   " is bad, %s: %s (feed.on.bad = stop)",
                   bad->record->offset, bad->kind, bad->reason.text);
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
    const struct pf_sink_state *to = &run->outputs.out[0];
    uint64_t limit = run->pump->limit ? run->pump->limit : UINT64_MAX;
    bool bad = run->pump->on_bad == PF_ON_BAD_STOP && filtered->n_refused;
    size_t end = bad ? (size_t)(refusals[0].record - batch->records) : batch->n;
    enum pf_rc rc = pf_outputs_write(&run->outputs, batch, filtered,
                                     limit - to->taken, &end, err);

    run->finished = to->taken >= limit;
    for (size_t i = 0; i < filtered->n_refused; i++)
        if (refusals[i].record < batch->records + end)
            skip(run, &refusals[i]);
    return bad && !rc ? stop_at(run, &refusals[0], err) : rc;
}

/* Ask the sink that keeps positions where the partition goes on. */
static enum pf_rc find(struct pf_sink *keeper, struct pf_partition *partition,
                       struct pf_error *err)
{
    enum pf_rc rc = PF_AGAIN;

    while (rc == PF_AGAIN && !pf_stop_asked())
        rc = keeper->ops->position(keeper, partition->topic, partition->number,
                                   WAIT_MS, &partition->offset, err);
    return rc == PF_AGAIN ? pf_fail(err, PF_END, "stopped before %s was known",
                                    keeper->ops->keeper)
                          : rc;
}

/* The partitions that are read change: settle what was read, and find where
 * the new ones go on. PF_END: a stop was asked for. */
static enum pf_rc change(struct run *run, struct pf_error *err)
{
    struct pf_source *source = run->pump->source;
    struct pf_change *change = source->ops->change(source);
    struct pf_sink *main_sink = run->pump->sinks[0];
    enum pf_rc rc;

    do
        rc = pf_outputs_settle(&run->outputs, pf_left_ms(change->deadline_ms),
                               err);
    while (rc == PF_AGAIN && pf_left_ms(change->deadline_ms) &&
           !pf_stop_asked());
    if (rc && rc != PF_AGAIN)
        return rc;
    change->keeper = main_sink->ops->position ? main_sink->ops->keeper : NULL;
    for (size_t i = 0; change->keeper && i < change->n_come; i++) {
        rc = find(main_sink, &change->come[i], err);
        if (rc)
            return rc;
    }
    source->ops->settled(source);
    return PF_OK;
}

/* Read one batch, filter it and write it. *ret_caught_up: the source had no
 * more records ready. */
static enum pf_rc move(struct run *run, bool *ret_caught_up,
                       struct pf_error *err)
{
    const struct pf_pump *pump = run->pump;
    struct pf_filtered filtered = {0};
    struct pf_batch batch = {0};
    int wait_ms = pf_outputs_under_way(&run->outputs) ? UNSETTLED_MS : WAIT_MS;
    enum pf_rc rc;

    rc = pump->source->ops->read(pump->source, *ret_caught_up ? wait_ms : 0,
                                 &batch, err);
    *ret_caught_up = rc == PF_AGAIN;
    run->finished = rc == PF_END;
    if (rc == PF_SETTLE)
        return change(run, err);
    if (rc)
        return rc;
    pf_stats_add(pump->stats, PF_PUMP_READ, batch.n);
    if (pump->filter) {
        rc = pump->filter->ops->apply(pump->filter, batch.records, batch.n,
                                      &filtered, err);
        if (rc)
            return rc;
    } else {
        filtered.outputs[0].records = batch.records;
        filtered.outputs[0].n = batch.n;
    }
    return hand_over(run, &batch, &filtered, err);
}

static bool due(const struct run *run)
{
    return pf_now_ms() - run->outputs.settled_ms >=
           run->pump->commit_interval_ms;
}

/* The source has ended by itself: wait without a limit until everything has
 * arrived, or a stop is asked for. */
static enum pf_rc finish(struct run *run, struct pf_error *err)
{
    enum pf_rc rc;

    do
        rc = pf_outputs_settle(&run->outputs, WAIT_MS, err);
    while (rc == PF_AGAIN && !pf_stop_asked());
    return rc;
}

enum pf_rc pf_pump_run(const struct pf_pump *pump, struct pf_error *err)
{
    struct run run = {.pump = pump,
                      .outputs = {.source = pump->source,
                                  .stats = pump->stats,
                                  .drain_ms = pump->drain_ms,
                                  .settled_ms = pf_now_ms()}};
    struct pf_outputs *outputs = &run.outputs;
    bool caught_up = false;
    enum pf_rc rc = PF_OK;

    for (; outputs->n < PF_OUTPUTS_MAX && pump->sinks[outputs->n]; outputs->n++)
        outputs->out[outputs->n].sink = pump->sinks[outputs->n];
    while (!pf_stop_asked()) {
        rc = move(&run, &caught_up, err);
        if (rc && rc != PF_AGAIN)
            break;

        /* Caught up: flush what is buffered. Under full load, commit
         * nevertheless, or a crash would repeat everything. */
        if (caught_up || due(&run)) {
            rc = pf_outputs_settle(outputs, 0, err);
            if (rc && rc != PF_AGAIN)
                break;
        }
    }
    if (run.finished)
        pf_stats_set(pump->stats, PF_PUMP_FINISHED, 1);
    pf_outputs_last(outputs);
    if (rc && rc != PF_AGAIN && rc != PF_END) {
        pf_outputs_drain(outputs, NULL); /* *err keeps why the loop failed */
        return rc;
    }
    if (run.finished) {
        rc = finish(&run, err);
        if (rc != PF_AGAIN)
            return rc;
    }
    return pf_outputs_drain(outputs, err);
}
