/* pump.h - the one main loop: move records from a source, through a filter, to
 * a sink.
 *
 *     source --read--> [filter] --write--> sink
 *       ^                                    |
 *       +---- commit(position) <-- flush: N have arrived
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
    PF_ON_BAD_SKIP, /* count it, log it, go on with the next record */
    PF_ON_BAD_STOP, /* deliver the records before it, then fail: PF_FORMAT */
};

/** A pump's metrics, in the order of the table given to pf_stats_open(). */
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
    PF_PUMP_METRICS    /* how many; the program's own metrics follow */
};

/** The rows of these metrics: a program's table begins with them. */
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

/** One run: what to connect, and how. All members stay the caller's. */
struct pf_pump {
    struct pf_source *source;
    struct pf_filter *filter; /* NULL: records pass unchanged */
    struct pf_sink *sink;
    struct pf_stats *stats; /* its table begins with PF_PUMP_METRIC_ROWS */

    uint64_t limit;         /* end after this many records; 0: never */
    int commit_interval_ms; /* flush and commit this often under full load */
    int drain_ms;           /* at a stop: how long to wait for the sink */
    enum pf_on_bad on_bad;
};

/**
 * Move records, in order, until a stop is asked for, the source ends or the
 * limit is reached. Then wait until everything that the sink has taken has
 * arrived: as long as it takes, but only drain_ms after a stop.
 *
 * A record is committed only after it has arrived. After a crash some records
 * may come twice; none is skipped.
 *
 * PF_OK           stopped or finished, and everything taken has arrived
 * PF_END          the sink's reader is gone: it takes no more records
 * PF_UNDELIVERED  some of what was taken has not arrived in time
 * PF_FORMAT       a bad record, and on_bad is PF_ON_BAD_STOP
 * other           the source, filter or sink failed with this; *err tells why
 */
enum pf_rc pf_pump_run(const struct pf_pump *pump, struct pf_error *err);

#endif
