#include "outputs.h"

#include <inttypes.h>

#include "clock.h"
#include "pump_metrics.h"
#include "stop.h"

/* The longest wait for room in a sink before the pump's beat is set again. */
#define WAIT_MS 1000

/* Add the result of one part to that of all, *rc: the first failure counts. */
static void add_result(enum pf_rc *rc, struct pf_error *err, enum pf_rc one,
                       const struct pf_error *why)
{
    static const enum pf_rc mild[] = {PF_OK, PF_AGAIN, PF_END, PF_ABORTED};

    for (size_t i = 0; i < sizeof mild / sizeof *mild && one != mild[i]; i++)
        if (*rc == mild[i]) {
            *rc = pf_fail(err, one, "%s", why->text);
            return;
        }
}

/* Commit what has arrived in all sinks, or have it kept by the one that does:
 * PF_AGAIN, that is under way. */
static enum pf_rc commit(struct pf_outputs *o, int64_t now_ms,
                         struct pf_error *err)
{
    const struct pf_source_ops *source = o->source->ops;
    struct pf_sink *keeper = o->out[0].sink;
    const struct pf_partition *positions;
    uint64_t through = o->given;
    bool woken = o->woken;
    enum pf_rc rc;
    size_t n;

    for (size_t i = 0; i < o->n; i++)
        if (o->out[i].arrival.through < through)
            through = o->out[i].arrival.through;
    if (o->whole && (through < o->given || o->parted))
        return PF_OK;
    o->settled_ms = now_ms;
    if (through <= o->committed && !woken)
        return PF_OK;
    o->committed = through;
    o->woken = false;
    if (!keeper->ops->keep) {
        if (source->commit)
            source->commit(o->source, through);
        return PF_OK;
    }
    positions = source->positions(o->source, through, &n);
    if (!n && !woken)
        return PF_OK;
    o->out[0].under_way = true;
    rc = keeper->ops->keep(keeper, positions, n, err);
    return rc ? rc : PF_AGAIN;
}

/* The main sink was flushed; before that, this many records had arrived. */
static void count_arrivals(struct pf_outputs *o, uint64_t before,
                           int64_t now_ns)
{
    uint64_t arrived = o->out[0].arrival.records;
    uint64_t n = arrived > before ? arrived - before : 0;

    if (n) {
        pf_stats_set(o->stats, PF_PUMP_ARRIVED, arrived);
        pf_stats_set(o->stats, PF_PUMP_ARRIVAL, (uint64_t)now_ns);
    }
    if (o->latency)
        pf_latency_arrive(o->latency, n, o->out[0].taken - arrived);
}

/* Flush all sinks. Waits for *waited, or if it is NULL for each: timeout_ms in
 * all. *ret_ns is when that was done. */
static enum pf_rc flush(struct pf_outputs *o,
                        const struct pf_sink_state *waited, int timeout_ms,
                        int64_t *ret_ns, struct pf_error *err)
{
    int64_t deadline = timeout_ms ? pf_now_ms() + timeout_ms : 0;
    uint64_t before = o->out[0].arrival.records;
    enum pf_rc rc = PF_OK;

    for (size_t i = 0; i < o->n; i++) {
        struct pf_sink_state *out = &o->out[i];
        bool waits = timeout_ms && (!waited || waited == out);
        struct pf_error why = {""};
        enum pf_rc one = out->sink->ops->flush(
            out->sink, waits ? pf_left_ms(deadline) : 0, &out->arrival, &why);

        out->under_way = one == PF_AGAIN;
        if (one == PF_ABORTED)
            out->taken = out->arrival.records;
        add_result(&rc, err, one, &why);
    }
    *ret_ns = pf_now_ns();
    pf_stats_set(o->stats, PF_PUMP_BEAT, (uint64_t)*ret_ns);
    count_arrivals(o, before, *ret_ns);
    return rc;
}

/* The same, and commit. */
static enum pf_rc settle(struct pf_outputs *o,
                         const struct pf_sink_state *waited, int timeout_ms,
                         struct pf_error *err)
{
    struct pf_error why = {""};
    int64_t now_ns;
    enum pf_rc rc = flush(o, waited, timeout_ms, &now_ns, err);

    if (rc != PF_ABORTED)
        add_result(&rc, err, commit(o, now_ns / 1000000, &why), &why);
    return rc;
}

enum pf_rc pf_outputs_flush(struct pf_outputs *outputs, struct pf_error *err)
{
    int64_t now_ns;

    return flush(outputs, NULL, 0, &now_ns, err);
}

enum pf_rc pf_outputs_settle(struct pf_outputs *outputs, int timeout_ms,
                             struct pf_error *err)
{
    return settle(outputs, NULL, timeout_ms, err);
}

enum pf_rc pf_outputs_settle_all(struct pf_outputs *o, struct pf_error *err)
{
    enum pf_rc rc;

    do {
        pf_outputs_last(o);
        rc = settle(o, NULL, WAIT_MS, err);
    } while (rc == PF_AGAIN && !pf_stop_asked());
    return rc == PF_AGAIN ? PF_OK : rc;
}

/* From now on the stop that was asked for no longer ends a wait. */
static void begin_drain(struct pf_outputs *o)
{
    pf_stop_accept();
    if (!o->deadline_ms)
        o->deadline_ms = pf_now_ms() + o->drain_ms;
}

/* How long to wait for room in a sink. */
static int room_ms(const struct pf_outputs *o)
{
    int left = o->deadline_ms ? pf_left_ms(o->deadline_ms) : WAIT_MS;

    return left < WAIT_MS ? left : WAIT_MS;
}

/* As write_records(), without waiting for what was taken. */
static enum pf_rc write_some(struct pf_outputs *o, struct pf_sink_state *out,
                             const struct pf_record *first, size_t n,
                             uint64_t ticket, bool have_to, size_t *ret_taken,
                             struct pf_error *err)
{
    *ret_taken = 0;
    while (*ret_taken < n) {
        const struct pf_record *next = first + *ret_taken;
        size_t taken = 0;
        enum pf_rc rc = out->sink->ops->write(out->sink, next, n - *ret_taken,
                                              ticket, &taken, err);

        out->taken += taken;
        *ret_taken += taken;
        if (out == o->out)
            pf_stats_set(o->stats, PF_PUMP_TAKEN, out->taken);
        if (out == o->out && o->latency)
            pf_latency_take(o->latency, next, taken);
        if (rc == PF_AGAIN) {
            if (pf_stop_asked() && !have_to)
                return PF_END;
            if (pf_stop_asked())
                begin_drain(o);
            if (!room_ms(o))
                return PF_END;
            rc = settle(o, out, room_ms(o), err);
        }
        if (rc && rc != PF_AGAIN)
            return rc;
    }
    return PF_OK;
}

/* The same a few at a time, so that it is known which ones are taken back. */
static enum pf_rc write_carefully(struct pf_outputs *o,
                                  struct pf_sink_state *out,
                                  const struct pf_record *first, size_t n,
                                  uint64_t ticket, bool have_to,
                                  size_t *ret_taken, struct pf_error *err)
{
    enum pf_rc rc = PF_OK;

    for (*ret_taken = 0; *ret_taken < n && !rc;) {
        size_t rest = n - *ret_taken, taken;

        o->suspects = first + *ret_taken;
        o->n_suspects = rest < o->most ? rest : o->most;
        rc = write_some(o, out, o->suspects, o->n_suspects, ticket, have_to,
                        &taken, err);
        *ret_taken += taken;
        if (!rc)
            rc = pf_outputs_settle_all(o, err);
    }
    if (rc != PF_ABORTED)
        o->n_suspects = 0;
    return rc;
}

/*
 * Write n records from first on to the sink of *out; *ret_taken is how many it
 * took. PF_END: a stop was asked for before it had taken all; if they have to
 * follow what was written already, it had the time of the drain.
 */
static enum pf_rc write_records(struct pf_outputs *o, struct pf_sink_state *out,
                                const struct pf_record *first, size_t n,
                                uint64_t ticket, bool have_to,
                                size_t *ret_taken, struct pf_error *err)
{
    return (o->most && out == o->out ? write_carefully : write_some)(
        o, out, first, n, ticket, have_to, ret_taken, err);
}

/* The index of the record of the batch that record i of the output is from. */
static size_t origin(const struct pf_output *from, size_t i)
{
    return from->from ? from->from[i] : i;
}

/* How many of the output's records are from the first end of the batch. */
static size_t count_before(const struct pf_output *from, size_t end)
{
    size_t n = from->n;

    while (n && origin(from, n - 1) >= end)
        n--;
    return n;
}

/* Write one output's part of that, as pf_outputs_write(). */
static enum pf_rc write_output(struct pf_outputs *o, struct pf_sink_state *out,
                               const struct pf_output *from, uint64_t most,
                               uint64_t ticket, size_t *end,
                               struct pf_error *err)
{
    size_t all = count_before(from, *end);
    size_t n = most < all && !o->whole ? (size_t)most : all;
    size_t taken, rest;
    /* If it is another one, the main output has them already. */
    bool have_to = out != o->out || o->whole;
    enum pf_rc rc = write_records(o, out, from->records, n, ticket, have_to,
                                  &taken, err);

    n = taken;
    while (taken && n < all && origin(from, n) == origin(from, taken - 1))
        n++;
    if (n > taken && (!rc || rc == PF_END)) {
        rc = write_records(o, out, from->records + taken, n - taken, ticket,
                           true, &rest, err);
        taken += rest;
    }
    if (taken == all && (taken < most || o->whole))
        return rc || taken < most ? rc : PF_END;
    if (taken < n)
        *end = origin(from, taken); /* again, those that were taken as well */
    else
        *end = taken ? origin(from, taken - 1) + 1 : origin(from, 0);
    return rc ? rc : PF_END;
}

enum pf_rc pf_outputs_write(struct pf_outputs *o, const struct pf_batch *batch,
                            const struct pf_filtered *filtered, uint64_t most,
                            size_t *end, struct pf_error *err)
{
    enum pf_rc rc;

    o->parted = true;
    rc = write_output(o, &o->out[0], &filtered->outputs[0], most, batch->ticket,
                      end, err);
    if (rc == PF_ABORTED)
        return rc;
    if (rc && rc != PF_END)
        begin_drain(o); /* so that the others do not wait for ever */
    for (size_t i = 1; i < o->n; i++) {
        struct pf_error why = {""};
        enum pf_rc one = write_output(o, &o->out[i], &filtered->outputs[i],
                                      UINT64_MAX, batch->ticket, end, &why);

        add_result(&rc, err, one, &why);
    }
    o->given = batch->ticket - batch->n + *end;
    o->parted = *end < batch->n;
    return rc;
}

enum pf_rc pf_outputs_give(struct pf_outputs *o,
                           const struct pf_filtered *filtered,
                           struct pf_error *err)
{
    bool parted = o->parted;
    enum pf_rc rc = PF_OK;

    o->parted = true;
    for (size_t i = 0; i < o->n; i++) {
        const struct pf_output *from = &filtered->outputs[i];
        struct pf_error why = {""};
        enum pf_rc one;
        size_t taken;

        one = write_records(o, &o->out[i], from->records, from->n, o->given,
                            true, &taken, &why);
        add_result(&rc, err, one, &why);
        if (rc == PF_ABORTED)
            return rc;
        parted |= taken < from->n;
        o->woken |= from->n > 0;
        if (one)
            begin_drain(o); /* so that the others do not wait for ever */
    }
    o->parted = parted;
    return rc;
}

bool pf_outputs_under_way(const struct pf_outputs *o)
{
    for (size_t i = 0; i < o->n; i++)
        if (o->out[i].under_way)
            return true;
    return false;
}

bool pf_outputs_pending(const struct pf_outputs *o)
{
    return o->committed < o->given || o->woken || o->parted;
}

void pf_outputs_last(struct pf_outputs *o)
{
    for (size_t i = 0; i < o->n; i++)
        if (o->out[i].sink->ops->last)
            o->out[i].sink->ops->last(o->out[i].sink);
}

enum pf_rc pf_outputs_drain(struct pf_outputs *o, struct pf_error *err)
{
    uint64_t taken = 0, arrived = 0;
    enum pf_rc rc;

    begin_drain(o);
    do
        rc = settle(o, NULL, pf_left_ms(o->deadline_ms), err);
    while (rc == PF_AGAIN && pf_left_ms(o->deadline_ms));

    for (size_t i = 0; i < o->n; i++) {
        taken += o->out[i].taken;
        arrived += o->out[i].arrival.records;
    }
    if (rc == PF_ABORTED) /* the next start reads it again */
        return PF_OK;
    if (rc == PF_AGAIN)
        return pf_fail(err, PF_UNDELIVERED,
                       "%" PRIu64 " of %" PRIu64
                       " records were not delivered within %d ms",
                       taken - arrived, taken, o->drain_ms);
    return rc;
}
