/* postgres_conf.h - where records go in PostgreSQL, and what is counted. */
#ifndef PF_POSTGRES_CONF_H
#define PF_POSTGRES_CONF_H

#include <stddef.h>
#include <stdint.h>

#include "stats.h"

/** What it counts, at metric and after it in stats. */
enum pf_postgres_metric {
    PF_POSTGRES_TRANSACTIONS, /* postgres_transactions */
    PF_POSTGRES_CONNECTIONS,  /* postgres_connections */
    PF_POSTGRES_PUT_ASIDE,    /* records_put_aside */
    PF_POSTGRES_METRICS       /* how many */
};

/** The rows of that table. */
#define PF_POSTGRES_METRIC_ROWS                                               \
    {"postgres_transactions", "Transactions that wrote records.", PF_COUNTER, \
     "transactions"},                                                         \
        {"postgres_connections", "Connections that were made.", PF_COUNTER,   \
         "connections"},                                                      \
    {                                                                         \
        "records_put_aside",                                                  \
            "Records that PostgreSQL refused, now in feed_dead_letters.",     \
            PF_COUNTER, "records"                                             \
    }

/** Where to, and how. Strings are borrowed for as long as the sink lives. */
struct pf_postgres_conf {
    const char *conninfo; /* as for psql; may be empty */
    const char *schemas;  /* files of SQL for the start, with commas between */
    const char *mapping;  /* file of SQL for each batch; "": prices */
    size_t batch;         /* most records in one transaction */
    const char *topic;
    int32_t partition;
    struct pf_stats *stats;
    size_t metric;
};

#endif
