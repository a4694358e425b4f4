/* postgres_link.h - a connection to PostgreSQL, one statement at a time, that
 * never waits longer than it is told to.
 */
#ifndef PF_POSTGRES_LINK_H
#define PF_POSTGRES_LINK_H

#include <stdbool.h>

#include "error.h"
#include "postgres_answer.h"

struct pf_postgres_link;

/**
 * Make a link that connects by conninfo (as for psql; may be empty) and what
 * libpq has besides: PG* variables, the service file, the password file.
 *
 * PF_CONFIG  conninfo is malformed; *err tells how
 * PF_NOMEM   memory ran out
 */
enum pf_rc pf_postgres_link_open(const char *conninfo,
                                 struct pf_postgres_link **ret,
                                 struct pf_error *err);

/** Hang up, and free it. Closing NULL does nothing. */
void pf_postgres_link_close(struct pf_postgres_link *link);

/** Begin to connect, after hanging up; pf_postgres_wait() has the answer. */
void pf_postgres_connect(struct pf_postgres_link *link);

/** True from the answer DONE to pf_postgres_connect() until one of LOST. */
bool pf_postgres_is_up(const struct pf_postgres_link *link);

/** Values for $1, $2, ... of a statement; borrowed for the call. */
struct pf_postgres_values {
    int n;
    const char *const *values; /* NULL is NULL */
    const int *lengths;        /* bytes, of binary ones */
    const int *formats;        /* 1: binary, 0: text */
};

/**
 * Begin to execute sql, which is a transaction by itself. With values it is
 * one statement; without (NULL) it may be several. sql is borrowed until the
 * answer is there.
 */
void pf_postgres_send(struct pf_postgres_link *link, const char *sql,
                      const struct pf_postgres_values *values);

/**
 * Push on what was begun, for timeout_ms milliseconds at most, and no longer
 * than until a stop is asked for.
 *
 * PF_OK     *ret has the answer
 * PF_AGAIN  there is none yet
 */
enum pf_rc pf_postgres_wait(struct pf_postgres_link *link, int timeout_ms,
                            struct pf_postgres_answer *ret);

#endif
