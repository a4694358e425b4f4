/* postgres_conf.h - where records go in PostgreSQL, and what is counted. */
#ifndef PF_POSTGRES_CONF_H
#define PF_POSTGRES_CONF_H

#include <stddef.h>
#include <stdint.h>

#include "stats.h"

/** Its counters; they are in stats from index metric on. */
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

/** Where to write to, and how. Strings are borrowed until the sink is
 * closed. */
struct pf_postgres_conf {
    const char *conninfo; /* as for psql; may be empty */
    const char *schemas;  /* SQL files for the start, separated by commas */
    const char *mapping;  /* SQL file for each batch; "": prices */
    size_t batch;         /* most records in one transaction */
    const char *topic;
    int32_t partition;
    struct pf_stats *stats;
    size_t metric;
};

#endif
