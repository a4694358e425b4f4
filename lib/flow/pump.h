/* pump.h - the one main loop: move records from a source, through a filter, to
 * a sink, and what the filter refuses to a sink for dead letters.
 *
 *     source --read--> [filter] --write--> sink
 *       ^                                    |
 *       +---- commit(ticket) <--- flush: all up to this ticket have arrived
 */
#ifndef PF_PUMP_H
#define PF_PUMP_H

#include <stdint.h>

#include "error.h"
#include "filter.h"
#include "latency.h"
#include "pump_metrics.h"
#include "sink.h"
#include "source.h"
#include "stats.h"

/** One run: what to connect, and how. All members stay the caller's. */
struct pf_pump {
    struct pf_source *source;
    struct pf_filter *filter;              /* NULL: records pass unchanged */
    struct pf_sink *sinks[PF_OUTPUTS_MAX]; /* of the filter's outputs; the first
                                            * is the main one, NULL: no more */
    struct pf_stats *stats; /* its table begins with PF_PUMP_METRIC_ROWS */

    /* Counts how late records arrive in the main one, which has to deliver them
     * in order. NULL: nobody does. */
    struct pf_latency *latency;

    uint64_t limit;         /* end after this many of the main output's records;
                             * 0: never */
    int commit_interval_ms; /* flush and commit this often under full load; a
                             * sink that keeps positions twice as often if not
                             */
    int drain_ms;           /* at a stop: how long to wait for the sink */
    enum pf_on_bad on_bad;

    /* Where PF_ON_BAD_DEAD_LETTER puts records. If it is the main output's
     * sink, that gets them among the others, in order, and they count as such;
     * else it is a sink of its own. NULL with any other policy. */
    struct pf_sink *dead_letters;
    const char *dead_letters_in; /* its name for messages */
};

/**
 * Move records, in order, until a stop is asked for, the source ends or the
 * limit is reached. Then wait until everything that the sinks have taken has
 * arrived: as long as it takes, but only drain_ms after a stop.
 *
 * A record is committed only after all that the filter made of it has arrived,
 * its dead letter included.
 * After a crash some records may come twice; none is skipped. A stop loses and
 * repeats nothing unless a sink takes nothing for drain_ms. When a sink takes
 * back what it was given (PF_ABORTED), the source goes back to the positions
 * that were committed last, and it is done again.
 *
 * PF_OK           stopped or finished, and everything taken has arrived
 * PF_END          a sink's reader is gone: it takes no more records
 * PF_UNDELIVERED  some of what was taken has not arrived in time
 * PF_FORMAT       a bad record, and on_bad is PF_ON_BAD_STOP
 * other           the source, filter or sink failed with this; *err tells why
 */
enum pf_rc pf_pump_run(const struct pf_pump *pump, struct pf_error *err);

#endif
