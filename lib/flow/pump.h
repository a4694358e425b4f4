/* pump.h - the only main loop: records from a source, through a filter, to a
 * sink.
 *
 *     source --read--> [filter] --write--> sink
 *       ^                                    |
 *       +---- commit(position) <-- flush: so many have arrived
 */
#ifndef PF_PUMP_H
#define PF_PUMP_H

#include <stdint.h>

#include "error.h"
#include "filter.h"
#include "sink.h"
#include "source.h"
#include "stats.h"

/** What to do with a record that the filter refuses. */
enum pf_on_bad {
    PF_ON_BAD_SKIP, /* count it, describe it, go on behind it */
    PF_ON_BAD_STOP, /* deliver what came before it, then end with PF_FORMAT */
};

/** What a pump counts; the table that goes into pf_stats_open(). */
enum pf_pump_metric {
    PF_PUMP_BEAT,      /* beat_ns */
    PF_PUMP_READ,      /* records_read */
    PF_PUMP_TAKEN,     /* records_taken */
    PF_PUMP_ARRIVED,   /* records_arrived */
    PF_PUMP_REFUSED,   /* records_refused */
    PF_PUMP_POSITION,  /* position */
    PF_PUMP_COMMITTED, /* committed */
    PF_PUMP_ARRIVAL,   /* last_arrival_ns */
    PF_PUMP_FINISHED,  /* finished */
    PF_PUMP_METRICS    /* how many: a program's own come after these */
};

/** The rows of that table, to begin a program's own with. */
#define PF_PUMP_METRIC_ROWS                                                  \
    {"beat_ns", "When the main loop last turned, by the monotonic clock.",   \
     PF_GAUGE, "nanoseconds"},                                               \
        {"records_read", "Records that came from the source.", PF_COUNTER,   \
         "records"},                                                         \
        {"records_taken", "Records that the sink has taken to deliver.",     \
         PF_COUNTER, "records"},                                             \
        {"records_arrived", "Records that have arrived where they go.",      \
         PF_COUNTER, "records"},                                             \
        {"records_refused", "Records that the filter refused.", PF_COUNTER,  \
         "records"},                                                         \
        {"position",                                                         \
         "Position in the source after the last record that "                \
         "has arrived.",                                                     \
         PF_GAUGE, "offset"},                                                \
        {"committed", "Position last handed to the source to remember.",     \
         PF_GAUGE, "offset"},                                                \
        {"last_arrival_ns",                                                  \
         "When a record last arrived, by the monotonic "                     \
         "clock.",                                                           \
         PF_GAUGE, "nanoseconds"},                                           \
    {                                                                        \
        "finished", "1 once the source had nothing more to give.", PF_GAUGE, \
            "boolean"                                                        \
    }

/** One run: what to connect, and how. All but stats is the caller's. */
struct pf_pump {
    struct pf_source *source;
    struct pf_filter *filter; /* NULL: records go on as they are */
    struct pf_sink *sink;
    struct pf_stats *stats; /* its table begins with PF_PUMP_METRIC_ROWS */

    uint64_t limit;         /* end after this many records; 0: never */
    int commit_interval_ms; /* never caught up: settle at least this often */
    int drain_ms;           /* patience for what is under way at a stop */
    enum pf_on_bad on_bad;
};

/**
 * Move records, in order, until a stop is asked for, the source ends or the
 * limit is reached. Then give what the sink has taken its time to arrive, or
 * drain_ms once a stop is asked for.
 *
 * A record is committed only once it has arrived, so after a crash one may
 * come twice, and none is skipped.
 *
 * PF_OK           stopped or finished, and everything taken has arrived
 * PF_END          the sink ended it: nobody takes anything any more
 * PF_UNDELIVERED  some of what was taken had not arrived in time
 * PF_FORMAT       on_bad is PF_ON_BAD_STOP, and there was a bad record
 * other           what a part failed with; *err tells why
 */
enum pf_rc pf_pump_run(const struct pf_pump *pump, struct pf_error *err);

#endif
