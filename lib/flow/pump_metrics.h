/* pump_metrics.h - what a pump counts. */
#ifndef PF_PUMP_METRICS_H
#define PF_PUMP_METRICS_H

#include "stats.h"

/** A pump's metrics, in the order of the table given to pf_stats_open(). */
enum pf_pump_metric {
    PF_PUMP_BEAT,     /* beat_ns */
    PF_PUMP_READ,     /* records_read */
    PF_PUMP_TAKEN,    /* records_taken */
    PF_PUMP_ARRIVED,  /* records_arrived */
    PF_PUMP_REFUSED,  /* records_refused */
    PF_PUMP_ARRIVAL,  /* last_arrival_ns */
    PF_PUMP_FINISHED, /* finished */
    PF_PUMP_METRICS   /* how many; the program's own metrics follow */
};

/** The rows of these metrics: a program's table begins with them. */
#define PF_PUMP_METRIC_ROWS                                                   \
    {"beat_ns", "When the main loop last turned.", PF_GAUGE, PF_UNIT_MOMENT}, \
        {"records_read", "Records that came from the source.", PF_COUNTER,    \
         "records"},                                                          \
        {"records_taken", "Records that the sink has taken to deliver.",      \
         PF_COUNTER, "records"},                                              \
        {"records_arrived", "Records that have arrived where they go.",       \
         PF_COUNTER, "records"},                                              \
        {"records_refused", "Records that could not be used.", PF_COUNTER,    \
         "records"},                                                          \
        {"last_arrival_ns", "When a record last arrived.", PF_GAUGE,          \
         PF_UNIT_MOMENT},                                                     \
    {                                                                         \
        "finished", "1 once the source had nothing more to give.", PF_GAUGE,  \
            "boolean"                                                         \
    }

#endif
