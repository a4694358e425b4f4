/* store_link.h - statements over a connection that only reads. */
#ifndef PF_WEB_STORE_LINK_H
#define PF_WEB_STORE_LINK_H

#include "statement.h"
#include "store_dial.h"

/** Take a row, which is borrowed. False: no more of them. */
typedef bool web_store_take(void *context, const PGresult *row);

/**
 * Connect if the link is not; then execute statement, and give each row to
 * take(). Until deadline_ms (pf_now_ms()), and not beyond a request to stop.
 * A statement that is executed again was prepared the first time.
 *
 * PF_IO      the database is not there, or was not in time
 * PF_FORMAT  it refuses the statement: fail->sqlstate
 * PF_END     a stop has been asked for
 */
enum pf_rc web_store_link_run(struct web_store_link *link,
                              const struct web_statement *statement,
                              int64_t deadline_ms, web_store_take *take,
                              void *context, struct web_store_failure *fail);

#endif
