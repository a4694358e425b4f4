/* postgres_metrics.h - what is counted of the work with PostgreSQL. */
#ifndef PF_POSTGRES_METRICS_H
#define PF_POSTGRES_METRICS_H

#include "stats.h"

/** The counters; they are in stats from pf_postgres_conf.metric on. */
enum pf_postgres_metric {
    PF_POSTGRES_TRANSACTIONS, /* postgres_transactions */
    PF_POSTGRES_CONNECTIONS,  /* postgres_connections */
    PF_POSTGRES_PUT_ASIDE,    /* records_put_aside */
    PF_POSTGRES_LEFT_OUT,     /* records_skipped */
    PF_POSTGRES_METRICS       /* how many */
};

/** The rows of that table. */
#define PF_POSTGRES_METRIC_ROWS                                               \
    {"postgres_transactions", "Transactions that wrote records.", PF_COUNTER, \
     "transactions"},                                                         \
        {"postgres_connections", "Connections that were made.", PF_COUNTER,   \
         "connections"},                                                      \
        {"records_put_aside", "Records that are in feed_dead_letters now.",   \
         PF_COUNTER, "records"},                                              \
    {                                                                         \
        "records_skipped",                                                    \
            "Records that PostgreSQL refused, and that are nowhere now.",     \
            PF_COUNTER, "records"                                             \
    }

#endif
