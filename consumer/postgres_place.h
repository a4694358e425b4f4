/* postgres_place.h - where one partition goes on: its row in feed_offsets, and
 * how a statement moves it.
 */
#ifndef PF_POSTGRES_PLACE_H
#define PF_POSTGRES_PLACE_H

#include <stdint.h>

#include "postgres_row.h"

/** One partition's row in feed_offsets. */
struct pf_postgres_place {
    const char *topic;
    int32_t partition;
    int64_t expected; /* what next_offset has to be; -1: NULL */
};

/**
 * The statement that asks where to continue; its values are added to *ret. It
 * returns one row with next_offset, which may be NULL, and whether
 * feed_dead_letters has the columns kind and headers. If the place's row is
 * missing, it is created. The statement waits for any transaction that is
 * changing the row: that of a connection, or a consumer, that has just ended.
 * It also sets lock_timeout a little below statement_timeout, so that slow
 * statements can be told from those that wait for others.
 */
const char *pf_postgres_ask(const struct pf_postgres_place *place,
                            struct pf_postgres_row *ret);

/** Begins each statement that writes. A second consumer's statement waits here
 * for the first one's, then finds another next_offset and changes nothing. */
#define PF_POSTGRES_HERE                                              \
    "WITH here AS (UPDATE feed_offsets SET next_offset = $4::bigint " \
    "WHERE topic = $1::text AND partition = $2::integer "             \
    "AND next_offset IS NOT DISTINCT FROM $3::bigint RETURNING 1) "

/** $1 to $4 of PF_POSTGRES_HERE, which moves the place to next. */
void pf_postgres_put_here(const struct pf_postgres_place *place, int64_t next,
                          struct pf_postgres_row *ret);

/** Ends a statement that writes. It returns one row if it has moved
 * next_offset. The number of rows inserted does not tell: a trigger may leave
 * out some, or all. */
#define PF_POSTGRES_MOVED ") SELECT 1 FROM here"

#endif
