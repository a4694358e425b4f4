/* postgres_link.h - a connection to PostgreSQL that runs one statement at a
 * time and never waits longer than it is told to.
 *
 * A link is down, or up. It starts down. pf_postgres_connect() begins an
 * attempt to connect, pf_postgres_send() begins a statement (only when up);
 * each is followed by calls of pf_postgres_wait() until one returns an answer.
 * The link is up after an attempt was answered with DONE, until any answer is
 * LOST.
 */
#ifndef PF_POSTGRES_LINK_H
#define PF_POSTGRES_LINK_H

#include <stdbool.h>

#include "error.h"
#include "postgres_answer.h"
#include "postgres_row.h"

struct pf_postgres_link;

/**
 * Make a link, which is down. It connects with conninfo (as for psql; may be
 * empty) and libpq's other sources: PG* variables, the service file and the
 * password file.
 *
 * PF_CONFIG  conninfo is malformed; *err says how
 * PF_NOMEM   memory ran out
 */
enum pf_rc pf_postgres_link_open(const char *conninfo,
                                 struct pf_postgres_link **ret,
                                 struct pf_error *err);

/** Disconnect, and free the link. Closing NULL does nothing. */
void pf_postgres_link_close(struct pf_postgres_link *link);

/** Disconnect, then begin to connect; pf_postgres_wait() has the answer. */
void pf_postgres_connect(struct pf_postgres_link *link);

/** Is the link up? */
bool pf_postgres_is_up(const struct pf_postgres_link *link);

/** Has the database each character, as its encoding is UTF-8? Only when up. */
bool pf_postgres_is_utf8(const struct pf_postgres_link *link);

/**
 * Begin to execute sql, as a transaction of its own. With a row, sql has to
 * be a single statement; without (NULL), it may be several. sql is borrowed
 * until pf_postgres_wait() returns the answer, row for the call only.
 */
void pf_postgres_send(struct pf_postgres_link *link, const char *sql,
                      const struct pf_postgres_row *row);

/**
 * Wait for the answer to what was begun: timeout_ms milliseconds at most, and
 * not beyond a request to stop.
 *
 * PF_OK     *ret is the answer; the caller clears its result
 * PF_AGAIN  no answer yet: call again
 */
enum pf_rc pf_postgres_wait(struct pf_postgres_link *link, int timeout_ms,
                            struct pf_postgres_answer *ret);

#endif
