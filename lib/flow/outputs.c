#include "outputs.h"

#include <inttypes.h>

#include "clock.h"
#include "outputs_parts.h"
#include "pump_metrics.h"
#include "stop.h"

/* The longest wait of pf_outputs_settle_all() for one flush: each sets the
 * beat. */
#define WAIT_MS 1000

void pf_outputs_add_result(enum pf_rc *rc, struct pf_error *err, enum pf_rc one,
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
        pf_outputs_add_result(&rc, err, one, &why);
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
        pf_outputs_add_result(&rc, err, commit(o, now_ns / 1000000, &why),
                              &why);
    return rc;
}

enum pf_rc pf_outputs_flush(struct pf_outputs *outputs, struct pf_error *err)
{
    int64_t now_ns;

    return flush(outputs, NULL, 0, &now_ns, err);
}

enum pf_rc pf_outputs_make_room(struct pf_outputs *outputs,
                                const struct pf_sink_state *out, int timeout_ms,
                                struct pf_error *err)
{
    return settle(outputs, out, timeout_ms, err);
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

void pf_outputs_begin_drain(struct pf_outputs *o)
{
    pf_stop_accept();
    if (!o->deadline_ms)
        o->deadline_ms = pf_now_ms() + o->drain_ms;
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

    pf_outputs_begin_drain(o);
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
