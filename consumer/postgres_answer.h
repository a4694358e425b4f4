/* postgres_answer.h - what an answer of PostgreSQL means. */
#ifndef PF_POSTGRES_ANSWER_H
#define PF_POSTGRES_ANSWER_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "error.h"

/**
 * What an answer means for what was asked, and what can be done about it. Of
 * all but DONE and LOST nothing is in force.
 */
enum pf_postgres_verdict {
    PF_POSTGRES_DONE,     /* it is in force, committed */
    PF_POSTGRES_REFUSED,  /* its data may be at fault: others may be taken */
    PF_POSTGRES_TOO_MUCH, /* it takes too long, or too much: less may not */
    PF_POSTGRES_LATER,    /* the server can't, for now */
    PF_POSTGRES_LOST,     /* the connection is gone: it is in force, or not */
    PF_POSTGRES_MISTAKE,  /* the SQL is wrong, or what it makes of the data */
    PF_POSTGRES_DENIED,   /* no data can be at fault, and trying again won't
                           * help */
};

/**
 * What a statement's SQLSTATE means. routine is the function of PostgreSQL's
 * that says it, or NULL. What is not known is REFUSED: whatever a record can
 * bring about has to be such that others go on without it.
 */
enum pf_postgres_verdict pf_postgres_verdict_of(const char *sqlstate,
                                                const char *routine);

/** The answer to a statement, or to the wish to connect. */
struct pf_postgres_answer {
    enum pf_postgres_verdict verdict;
    PGresult *result;      /* of DONE only; PQclear() it */
    char sqlstate[6];      /* of the others; empty: libpq's own failure */
    unsigned line;         /* of the statement's text; 0: not said */
    bool within;           /* it comes from a function that the SQL calls */
    struct pf_error error; /* of the others */
};

/**
 * Judge why a connection was not made. conn may be NULL: memory ran out. A
 * password, a role, a database or a right that is missing stays so; what is
 * not up yet, restarts, or has no room for one more, does not.
 */
void pf_postgres_judge_connection(const PGconn *conn,
                                  struct pf_postgres_answer *ret);

/**
 * Judge result, which it takes over, of sql, once all of the answer is there:
 * only then has the server committed. An error of the commit itself comes
 * after other results, and has to be the one that is judged. NULL: none came.
 */
void pf_postgres_judge(const PGconn *conn, PGresult *result, const char *sql,
                       struct pf_postgres_answer *ret);

#endif
