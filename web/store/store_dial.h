/* store_dial.h - connections to the store's database: made when they are
 * needed, and waited for no longer than a request may take. */
#ifndef PF_WEB_STORE_DIAL_H
#define PF_WEB_STORE_DIAL_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "error.h"

/** Statements of a connection that stay prepared. */
#define WEB_STORE_PREPARED 32

/** A connection, or none yet. */
struct web_store_link {
    const char *conninfo;
    struct pf_worker *worker; /* it connects: that may wait for a name */
    PGconn *conn;             /* the worker's while it is at work */
    bool is_up;
    bool has_given;          /* a row of this statement */
    int64_t retry_ms;        /* no earlier */
    struct pf_error failure; /* of the last attempt */
    char *prepared[WEB_STORE_PREPARED];
    size_t n_prepared; /* so far; the oldest gives way */
};

/** Why a statement has no result. */
struct web_store_failure {
    char sqlstate[6];                  /* empty: the server has not said it */
    const struct web_store_column *of; /* whose value it is about, or NULL */
    struct pf_error error;
};

/** Check a connection string. PF_CONFIG: it is malformed. */
enum pf_rc web_store_link_check(const char *conninfo, struct pf_error *err);

/** Make a link, which connects when it is first used. conninfo is borrowed.
 * NULL: out of memory. */
struct web_store_link *web_store_link_open(const char *conninfo);
void web_store_link_close(struct web_store_link *link);

/**
 * Make sure that there is a connection; its session may not be set up yet. Like
 * the two calls below it fails with
 *
 * PF_IO       the database is not there, or was not in time
 * PF_END      a stop has been asked for
 * PF_ABORTED  the connection was lost: another one may do
 */
enum pf_rc web_store_dial(struct web_store_link *link, int64_t deadline_ms,
                          struct web_store_failure *fail);

/** Wait for the next result of what was sent; *ret is NULL after the last. */
enum pf_rc web_store_await(struct web_store_link *link, int64_t deadline_ms,
                           PGresult **ret, struct web_store_failure *fail);

/** The connection is lost: say why, and hang up. Returns PF_ABORTED. */
enum pf_rc web_store_lose(struct web_store_link *link,
                          struct web_store_failure *fail);

/** End the connection, whatever is under way. */
void web_store_hang_up(struct web_store_link *link);

#endif
