#include "outputs.h"

#include "clock.h"
#include "outputs_parts.h"
#include "pump_metrics.h"
#include "stop.h"

/* The longest wait for room in a sink before the pump's beat is set again. */
#define WAIT_MS 1000

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
                pf_outputs_begin_drain(o);
            if (!room_ms(o))
                return PF_END;
            rc = pf_outputs_make_room(o, out, room_ms(o), err);
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
    size_t wanted = *end;
    enum pf_rc rc;

    o->parted = true;
    rc = write_output(o, &o->out[0], &filtered->outputs[0], most, batch->ticket,
                      end, err);
    if (rc == PF_ABORTED)
        return rc;
    if (rc && rc != PF_END)
        pf_outputs_begin_drain(o); /* so that the others do not wait for ever */
    for (size_t i = 1; i < o->n; i++) {
        struct pf_error why = {""};
        enum pf_rc one = write_output(o, &o->out[i], &filtered->outputs[i],
                                      UINT64_MAX, batch->ticket, end, &why);

        pf_outputs_add_result(&rc, err, one, &why);
    }
    o->given = batch->ticket - batch->n + *end;
    o->parted = *end < wanted;
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
        pf_outputs_add_result(&rc, err, one, &why);
        if (rc == PF_ABORTED)
            return rc;
        parted |= taken < from->n;
        o->woken |= from->n > 0;
        if (one)
            pf_outputs_begin_drain(
                o); /* so that the others do not wait for ever */
    }
    o->parted = parted;
    return rc;
}
