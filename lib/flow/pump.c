#include "pump.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "clock.h"
#include "log.h"
#include "stop.h"
#include "text.h"

/* The longest sleep of the loop: it sets its beat at least once a second. */
#define WAIT_MS 1000

/* The same while records are under way, as only a flush sees them arrive. */
#define UNSETTLED_MS 20

/*
 * Arrivals are counted, but commits are positions. A mark connects the two:
 * once the sink has delivered this many records, everything before this
 * position is done. If the ring is full, the newest mark is moved forward:
 * that commits a little later, never too early.
 */
#define MARKS 64

struct mark {
    uint64_t taken;
    int64_t position;
};

struct run {
    const struct pf_pump *pump;
    uint64_t taken;   /* by the sink, in total */
    uint64_t arrived; /* of these, from the first without a gap */
    uint64_t refused; /* by the filter */
    struct mark marks[MARKS];
    size_t first, n; /* the marks not yet reached, as a ring */
    int64_t settled_ms;
    bool unsettled; /* some records were taken and have not arrived */
    bool finished;  /* the source has ended, or the limit is reached */
    struct pf_log_limit log_refused;
};

static void remember(struct run *run, int64_t position)
{
    struct mark mark = {.taken = run->taken, .position = position};

    if (run->n < MARKS)
        run->n++;
    run->marks[(run->first + run->n - 1) % MARKS] = mark;
}

/* Commit the last mark that arrivals have reached. */
static void commit(struct run *run)
{
    struct pf_source *source = run->pump->source;
    struct pf_stats *stats = run->pump->stats;
    const struct mark *reached = NULL;

    while (run->n && run->marks[run->first].taken <= run->arrived) {
        reached = &run->marks[run->first];
        run->first = (run->first + 1) % MARKS;
        run->n--;
    }
    if (!reached)
        return;
    pf_stats_set(stats, PF_PUMP_POSITION, (uint64_t)reached->position);
    if (source->ops->commit) {
        source->ops->commit(source, reached->position);
        pf_stats_set(stats, PF_PUMP_COMMITTED, (uint64_t)reached->position);
    }
}

/* Flush, then commit what has arrived. */
static enum pf_rc settle(struct run *run, int timeout_ms, struct pf_error *err)
{
    struct pf_stats *stats = run->pump->stats;
    struct pf_sink *sink = run->pump->sink;
    uint64_t before = run->arrived;
    enum pf_rc rc = sink->ops->flush(sink, timeout_ms, &run->arrived, err);
    int64_t now = pf_now_ns();

    run->settled_ms = now / 1000000;
    run->unsettled = rc == PF_AGAIN;
    pf_stats_set(stats, PF_PUMP_BEAT, (uint64_t)now);
    if (run->arrived > before) {
        pf_stats_set(stats, PF_PUMP_ARRIVED, run->arrived);
        pf_stats_set(stats, PF_PUMP_ARRIVAL, (uint64_t)now);
    }
    commit(run);
    return rc;
}

/* Write all n records, flushing to make room; *ret_taken is how many the sink
 * took. PF_END: a stop was asked for before it had taken all. */
static enum pf_rc write_all(struct run *run, const struct pf_record *records,
                            size_t n, size_t *ret_taken, struct pf_error *err)
{
    struct pf_sink *sink = run->pump->sink;

    *ret_taken = 0;
    while (*ret_taken < n) {
        size_t taken = 0;
        enum pf_rc rc = sink->ops->write(sink, records + *ret_taken,
                                         n - *ret_taken, &taken, err);

        run->taken += taken;
        *ret_taken += taken;
        pf_stats_set(run->pump->stats, PF_PUMP_TAKEN, run->taken);
        if (rc == PF_AGAIN) {
            if (pf_stop_asked())
                return PF_END;
            rc = settle(run, WAIT_MS, err);
        }
        if (rc && rc != PF_AGAIN)
            return rc;
    }
    return PF_OK;
}

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
 * Write the filtered records of one batch to the sink, and mark how far that
 * got, whatever the outcome. PF_END: the limit is reached, or a stop was asked
 * for.
 */
static enum pf_rc hand_over(struct run *run, const struct pf_batch *batch,
                            const struct pf_filtered *filtered,
                            struct pf_error *err)
{
    const struct pf_pump *pump = run->pump;
    bool stops = pump->on_bad == PF_ON_BAD_STOP && filtered->n_refused;
    const struct pf_refusal *bad = stops ? &filtered->refusals[0] : NULL;
    int64_t position = bad ? bad->record->offset : batch->next;
    uint64_t left = pump->limit ? pump->limit - run->taken : UINT64_MAX;
    size_t good = filtered->n, n, taken;
    enum pf_rc rc;

    while (bad && good && filtered->records[good - 1].offset > position)
        good--; /* only those before it */
    n = left < good ? (size_t)left : good;
    rc = write_all(run, filtered->records, n, &taken, err);
    if (taken == left || taken < good) { /* not through all of them */
        position = taken ? filtered->records[taken - 1].offset + 1
                         : filtered->records[0].offset;
        run->finished = taken == left;
        if (!rc)
            rc = PF_END;
    }
    for (size_t i = 0; i < filtered->n_refused; i++)
        if (filtered->refusals[i].record->offset < position)
            skip(run, &filtered->refusals[i]);
    remember(run, position);
    return bad && !rc ? stop_at(run, bad, err) : rc;
}

/* Read one batch, filter it and write it. *ret_caught_up: the source had no
 * more records ready. */
static enum pf_rc move(struct run *run, bool *ret_caught_up,
                       struct pf_error *err)
{
    const struct pf_pump *pump = run->pump;
    struct pf_filtered filtered = {0};
    struct pf_batch batch = {0};
    int wait_ms = run->unsettled ? UNSETTLED_MS : WAIT_MS;
    enum pf_rc rc;

    rc = pump->source->ops->read(pump->source, *ret_caught_up ? wait_ms : 0,
                                 &batch, err);
    *ret_caught_up = rc == PF_AGAIN;
    run->finished = rc == PF_END;
    if (rc)
        return rc;
    pf_stats_add(pump->stats, PF_PUMP_READ, batch.n);
    if (pump->filter) {
        rc = pump->filter->ops->apply(pump->filter, batch.records, batch.n,
                                      &filtered, err);
        if (rc)
            return rc;
    } else {
        filtered.records = batch.records;
        filtered.n = batch.n;
    }
    return hand_over(run, &batch, &filtered, err);
}

static bool due(const struct run *run)
{
    return pf_now_ms() - run->settled_ms >= run->pump->commit_interval_ms;
}

/* The source has ended by itself: wait without a limit until everything has
 * arrived, or a stop is asked for. */
static enum pf_rc finish(struct run *run, struct pf_error *err)
{
    enum pf_rc rc;

    do {
        rc = settle(run, WAIT_MS, err);
    } while (rc == PF_AGAIN && !pf_stop_asked());
    return rc;
}

/* A stop was asked for, or a part has failed: wait up to drain_ms for the
 * records that are under way. */
static enum pf_rc drain(struct run *run, struct pf_error *err)
{
    int64_t deadline = pf_now_ms() + run->pump->drain_ms;
    enum pf_rc rc;

    pf_stop_accept();
    do
        rc = settle(run, pf_left_ms(deadline), err);
    while (rc == PF_AGAIN && pf_now_ms() < deadline);

    if (rc == PF_AGAIN)
        return pf_fail(err, PF_UNDELIVERED,
                       "%" PRIu64 " of %" PRIu64
                       " records were not delivered within %d ms",
                       run->taken - run->arrived, run->taken,
                       run->pump->drain_ms);
    return rc;
}

enum pf_rc pf_pump_run(const struct pf_pump *pump, struct pf_error *err)
{
    struct run run = {.pump = pump, .settled_ms = pf_now_ms()};
    bool caught_up = false;
    enum pf_rc rc = PF_OK;

    while (!pf_stop_asked()) {
        rc = move(&run, &caught_up, err);
        if (rc && rc != PF_AGAIN)
            break;

        /* Caught up: flush what is buffered. Under full load, commit
         * nevertheless, or a crash would repeat everything. */
        if (caught_up || due(&run)) {
            rc = settle(&run, 0, err);
            if (rc && rc != PF_AGAIN)
                break;
        }
    }
    if (run.finished)
        pf_stats_set(pump->stats, PF_PUMP_FINISHED, 1);
    if (pump->sink->ops->last)
        pump->sink->ops->last(pump->sink);
    if (rc && rc != PF_AGAIN && rc != PF_END) {
        drain(&run, NULL); /* *err keeps why the loop failed */
        return rc;
    }
    if (run.finished) {
        rc = finish(&run, err);
        if (rc != PF_AGAIN)
            return rc;
    }
    return drain(&run, err);
}
