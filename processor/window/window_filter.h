/* window_filter.h - a filter that makes one result of each window of a key.
 *
 * State belongs to one partition; stream time is the largest event time in it.
 * A window is closed, and its result given, once stream time has reached its
 * end and the grace. Results come by the end of their windows, and those of
 * windows with the same end in the order in which the keys came first. They do
 * not depend on how records were cut into batches, nor on restarts.
 *
 * With a position goes the smallest offset in an open window (window_cut.h):
 * when a partition is assigned, records come from there on again, and build up
 * what was open. There is no other store.
 */
#ifndef PF_WINDOW_FILTER_H
#define PF_WINDOW_FILTER_H

#include "error.h"
#include "filter.h"
#include "stats.h"
#include "window_conf.h"

/** Its metrics; they are in stats from index conf->metric on. */
enum pf_window_metric {
    PF_WINDOW_RESULTS, /* window_results */
    PF_WINDOW_LATE,    /* records_late */
    PF_WINDOW_OPEN,    /* windows_open */
    PF_WINDOW_METRICS  /* how many */
};

/** The rows of that table. */
#define PF_WINDOW_METRIC_ROWS                                                 \
    {"window_results", "Results of windows that were closed.", PF_COUNTER,    \
     "records"},                                                              \
        {"records_late", "Records that came when their windows were closed.", \
         PF_COUNTER, "records"},                                              \
    {                                                                         \
        "windows_open", "Windows of all keys that are open.", PF_GAUGE,       \
            "windows"                                                         \
    }

/**
 * Open it with settings that pf_window_check() has taken; *conf is borrowed
 * until the filter is closed. Records go through the filter before (NULL: none)
 * first, which keeps nothing, makes the same of a record each time, and has a
 * main output only. That filter is taken over on success.
 *
 * PF_IO     the kernel gives no random number
 * PF_NOMEM  memory ran out
 *
 * A record is refused if that filter refuses it, or if what it became is late
 * or has no use: its key, time or members are missing, or not what they should
 * be. apply() and assigned() fail as that filter does, and with
 *
 * PF_CONFIG  the position was committed with other settings, or by somebody
 *            else; or keys are not the input's, and there are several
 *            partitions
 * PF_RANGE   there are more windows than feed.window.max.keys; or records that
 *            open windows need are not there any more
 */
enum pf_rc pf_window_open(const struct pf_window_conf *conf,
                          struct pf_filter *before, struct pf_stats *stats,
                          struct pf_filter **ret, struct pf_error *err);

#endif
