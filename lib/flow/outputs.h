/* outputs.h - the sinks of a pump, one for each output of its filter and one
 * for dead letters: what they were given, and what has arrived in all of them.
 */
#ifndef PF_OUTPUTS_H
#define PF_OUTPUTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "filter.h"
#include "latency.h"
#include "sink.h"
#include "source.h"
#include "stats.h"

/** The outputs of one run. The caller sets the first part; of the others n,
 * out, most, given, parted, woken, settled_ms and the suspects are for the
 * other parts of the pump. */
struct pf_outputs {
    struct pf_source *source;
    struct pf_stats *stats;     /* its table begins with PF_PUMP_METRIC_ROWS */
    struct pf_latency *latency; /* of the main one; NULL: nobody counts it */
    int drain_ms;

    /* Positions are committed only when everything has arrived that whole
     * batches became, and no batch is parted. */
    bool whole;

    /* How many records of the main one are written at a time, each time waiting
     * until they have arrived; 0: without that. */
    size_t most;

    struct pf_sink_state {
        struct pf_sink *sink;
        uint64_t taken; /* records, in total */
        struct pf_arrival arrival;
        bool under_way; /* some records were taken and have not arrived */
    } out[PF_OUTPUTS_MAX + 1]; /* the first is the main one */
    size_t n;

    uint64_t given;      /* the sinks have all that is up to this ticket, */
    uint64_t committed;  /* and up to this one it has arrived */
    bool parted;         /* what was written, or what a filter that keeps state
                          * knows, is beyond given */
    bool woken;          /* something was written since that is of no ticket */
    int64_t settled_ms;  /* when it was last committed, or there was nothing
                          * to commit */
    int64_t deadline_ms; /* of the drain; 0: it has not begun */

    /* With most, after PF_ABORTED: those at work then, borrowed from the
     * filter. */
    const struct pf_record *suspects;
    size_t n_suspects;
};

/**
 * Write the filtered records of a batch to the sinks, flushing to make room:
 * those of its first *end records, and at most most of the main output's. What
 * one record became is not parted: a stop, or most, ends it between two
 * records, unless a sink then takes nothing for drain_ms. *end becomes the
 * number of the batch's records that are through, whatever the outcome. With
 * whole that is all of them, unless a sink takes nothing for so long.
 *
 * PF_END  not all were written, because of a stop, or as many as most were
 * other   a sink failed with this; *err tells why
 */
enum pf_rc pf_outputs_write(struct pf_outputs *outputs,
                            const struct pf_batch *batch,
                            const struct pf_filtered *filtered, uint64_t most,
                            size_t *end, struct pf_error *err);

/** Write what a filter gives without a record. PF_END: as above; a stop leaves
 * drain_ms for it. */
enum pf_rc pf_outputs_give(struct pf_outputs *outputs,
                           const struct pf_filtered *filtered,
                           struct pf_error *err);

/** Flush all sinks without waiting, and commit nothing. Returns as the flush()
 * of a sink. */
enum pf_rc pf_outputs_flush(struct pf_outputs *outputs, struct pf_error *err);

/** Flush all sinks, waiting for timeout_ms in all, and commit what has arrived
 * in each. Returns as the flush() of a sink. */
enum pf_rc pf_outputs_settle(struct pf_outputs *outputs, int timeout_ms,
                             struct pf_error *err);

/** The same, waiting until everything that was given is committed, or a stop is
 * asked for. */
enum pf_rc pf_outputs_settle_all(struct pf_outputs *outputs,
                                 struct pf_error *err);

/** True if some records were taken and have not arrived. */
bool pf_outputs_under_way(const struct pf_outputs *outputs);

/** True if something has been written, or dropped, and not been committed. */
bool pf_outputs_pending(const struct pf_outputs *outputs);

/** No record will follow, or none before the next settle. */
void pf_outputs_last(struct pf_outputs *outputs);

/**
 * A stop was asked for, or a part has failed: wait up to drain_ms for what is
 * under way.
 *
 * PF_UNDELIVERED  it has not arrived by then
 */
enum pf_rc pf_outputs_drain(struct pf_outputs *outputs, struct pf_error *err);

#endif
