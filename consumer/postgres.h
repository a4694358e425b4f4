/* postgres.h - a sink that writes records to PostgreSQL, each exactly once.
 *
 * The rows of some records and the offset of the next one are written in one
 * transaction, so that both are there or neither is; where to go on is asked
 * of the database and not of Kafka.
 */
#ifndef PF_POSTGRES_H
#define PF_POSTGRES_H

#include <stdint.h>

#include "postgres_conf.h"
#include "sink.h"

/**
 * Make the sink; it does not connect yet. Without a mapping each record's
 * value must be a price in canonical text (price.h).
 *
 * PF_CONFIG  conninfo is malformed, or a file cannot be read
 * PF_NOMEM   memory ran out
 *
 * write() and flush() wait for a server that is not there, or has no room,
 * as long as it takes, and say so once in a while. A record that it refuses
 * for its contents, or that it does not get done with, is put aside into
 * feed_dead_letters, with the reason, and has arrived then. flush() fails with
 *
 * PF_CONFIG  a password, database, table or right is missing, or the SQL is
 *            wrong
 * PF_FATAL   another consumer writes the same partition
 * PF_IO      feed_dead_letters takes no record, not even its position
 */
enum pf_rc pf_postgres_open(const struct pf_postgres_conf *conf,
                            struct pf_sink **ret, struct pf_error *err);

/**
 * Where the source is to go on, in *ret: the offset after the last record
 * written, -1 if there was none yet. To be asked, again and again, before the
 * first write: it connects, and applies the schema files. Waits timeout_ms
 * milliseconds at most, and no longer than until a stop is asked for.
 *
 * PF_OK     *ret says it
 * PF_AGAIN  the answer is not there yet
 * other     as flush()
 */
enum pf_rc pf_postgres_position(struct pf_sink *sink, int timeout_ms,
                                int64_t *ret, struct pf_error *err);

#endif
