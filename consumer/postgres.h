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

#include "kafka_start.h"
#include "options.h"
#include "postgres_metrics.h"
#include "pump.h"
#include "sink.h"

/** Where to write to, and how. Strings are borrowed until the sink is
 * closed. */
struct pf_postgres_conf {
    char *conninfo, *mapping, *schemas;
    int64_t batch;

    /* Not settings of its own. */
    const char *topic;
    int32_t partition;
    size_t metric;
    enum pf_on_bad on_bad; /* for what the server refuses */
};

/** Rows for the options table of a struct type with a member postgres. */
#define PF_POSTGRES_OPTIONS(type, postgres)                                   \
    PF_OPTION_STR(type, postgres.conninfo, "feed.postgres.conninfo", "",      \
                  "connection string, as for psql; libpq's variables and "    \
                  "files supply the rest"),                                   \
        PF_OPTION_STR(type, postgres.mapping, "feed.postgres.mapping", "",    \
                      "SQL file that turns records into rows; empty: "        \
                      "prices, into the table prices"),                       \
        PF_OPTION_STR(type, postgres.schemas, "feed.postgres.schema", "",     \
                      "SQL files to apply at the start, separated by "        \
                      "commas"),                                              \
        PF_OPTION_INT(type, postgres.batch, "feed.postgres.batch", "5000", 1, \
                      100000, "largest number of records in one transaction")

/**
 * Make the sink; it does not connect yet. Without a mapping, each record's
 * value has to be a price in canonical text (price.h).
 *
 * PF_CONFIG  conninfo is malformed, or a file cannot be read
 * PF_NOMEM   memory ran out
 *
 * write() and flush() wait for a server that is down or full as long as it
 * takes, and log that now and then. A record whose contents the server refuses,
 * or that it cannot process, is put aside in feed_dead_letters with the reason,
 * or skipped; it counts as arrived. So does a dead letter among the records
 * (pump.h). flush() fails with
 *
 * PF_FORMAT  such a record, and on_bad is PF_ON_BAD_STOP; those before it are
 *            written
 * PF_CONFIG  a password, database, table or permission is missing, or the SQL
 *            is wrong
 * PF_FATAL   another consumer writes the same partition
 * PF_IO      feed_dead_letters refuses a record, even its position alone
 */
enum pf_rc pf_postgres_open(const struct pf_postgres_conf *conf,
                            struct pf_stats *stats, struct pf_sink **ret,
                            struct pf_error *err);

#endif
