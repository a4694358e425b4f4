/* postgres_answer.h - what an answer of PostgreSQL means. */
#ifndef PF_POSTGRES_ANSWER_H
#define PF_POSTGRES_ANSWER_H

#include <libpq-fe.h>

#include "error.h"

/** What an answer means for what was asked, and what can be done about it. */
enum pf_postgres_verdict {
    PF_POSTGRES_DONE,    /* it is in force, committed */
    PF_POSTGRES_REFUSED, /* nothing of it is: its data are at fault */
    PF_POSTGRES_LATER,   /* nothing of it is: the server can't, for now */
    PF_POSTGRES_LOST,    /* the connection is gone: it is in force, or not */
    PF_POSTGRES_MISTAKE, /* nothing of it is, and trying again won't help */
};

/** The answer to a statement, or to the wish to connect. */
struct pf_postgres_answer {
    enum pf_postgres_verdict verdict;
    PGresult *result;      /* of DONE only; PQclear() it */
    char sqlstate[6];      /* of the others; empty: libpq's own failure */
    unsigned line;         /* of the statement's text; 0: not said */
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
