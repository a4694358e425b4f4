/* postgres.h - a sink that writes records to PostgreSQL, each exactly once.
 *
 * The rows of a batch and the offset of the next record are written in one
 * transaction, so that either both are there or neither. The database, not
 * Kafka, tells where to continue.
 */
#ifndef PF_POSTGRES_H
#define PF_POSTGRES_H

#include <stddef.h>
#include <stdint.h>

#include "sink.h"
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

/**
 * Make the sink; it does not connect yet. Without a mapping, each record's
 * value has to be a price in canonical text (price.h).
 *
 * PF_CONFIG  conninfo is malformed, or a file cannot be read
 * PF_NOMEM   memory ran out
 *
 * write() and flush() wait for a server that is down or full as long as it
 * takes, and log that now and then. A record whose contents the server refuses,
 * or that it cannot process, is put aside in feed_dead_letters with the reason;
 * it counts as arrived. flush() fails with
 *
 * PF_CONFIG  a password, database, table or permission is missing, or the SQL
 *            is wrong
 * PF_FATAL   another consumer writes the same partition
 * PF_IO      feed_dead_letters refuses a record, even its position alone
 */
enum pf_rc pf_postgres_open(const struct pf_postgres_conf *conf,
                            struct pf_sink **ret, struct pf_error *err);

/**
 * Find where the source has to continue: *ret is the offset after the last
 * record written, or -1 if there is none yet. Call it before the first write,
 * until it does not return PF_AGAIN: it connects and applies the schema files.
 * Waits timeout_ms milliseconds at most, and not beyond a request to stop.
 *
 * PF_OK     *ret is the offset, or -1
 * PF_AGAIN  no answer yet
 * other     as flush()
 */
enum pf_rc pf_postgres_position(struct pf_sink *sink, int timeout_ms,
                                int64_t *ret, struct pf_error *err);

#endif
