/* postgres_answer.h - what an answer from PostgreSQL means. */
#ifndef PF_POSTGRES_ANSWER_H
#define PF_POSTGRES_ANSWER_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "error.h"

/**
 * What became of a request, and what can be done about it. DONE: it is
 * committed. LOST: it may be. All others: it is not.
 */
enum pf_postgres_verdict {
    PF_POSTGRES_DONE,     /* done, and committed */
    PF_POSTGRES_REFUSED,  /* the data may be at fault: other data may pass */
    PF_POSTGRES_TOO_MUCH, /* too slow, or too large: fewer records may pass */
    PF_POSTGRES_LATER,    /* the server cannot do it now: try again */
    PF_POSTGRES_LOST,     /* connection lost: it may be committed, or not */
    PF_POSTGRES_MISTAKE, /* the SQL is wrong, or a name that it makes of data */
    PF_POSTGRES_DENIED,  /* no data can be at fault, and trying again does not
                          * help */
};

/**
 * What a statement's SQLSTATE means. routine is the function in PostgreSQL's
 * source that reported it, or NULL. An unknown SQLSTATE is REFUSED: any error
 * that a record can cause must let the other records go on without it.
 */
enum pf_postgres_verdict pf_postgres_verdict_of(const char *sqlstate,
                                                const char *routine);

/** The answer to a statement, or to an attempt to connect. */
struct pf_postgres_answer {
    enum pf_postgres_verdict verdict;
    PGresult *result; /* DONE only; PQclear() it */

    /* All but DONE. */
    char sqlstate[6];      /* empty: the error is libpq's own */
    unsigned line;         /* in the statement's text; 0: not known */
    bool within;           /* the error is from a function that the SQL calls */
    struct pf_error error; /* what PostgreSQL or libpq says */
};

/**
 * Judge why connecting failed. conn may be NULL: memory ran out. A missing
 * password, role, database or permission will still be missing later; a server
 * that is not up yet, restarts, or has too many connections, may recover.
 */
void pf_postgres_judge_connection(const PGconn *conn,
                                  struct pf_postgres_answer *ret);

/**
 * Judge the result of sql, which it takes over, once the answer is complete:
 * only then has the server committed. An error of the commit itself comes
 * after other results; then that is the result to judge. NULL: there was none.
 */
void pf_postgres_judge(const PGconn *conn, PGresult *result, const char *sql,
                       struct pf_postgres_answer *ret);

#endif
