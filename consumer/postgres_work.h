/* postgres_work.h - the work with PostgreSQL, step by step: connect, create
 * tables, ask where to continue, write; and how far it has come.
 */
#ifndef PF_POSTGRES_WORK_H
#define PF_POSTGRES_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "log.h"
#include "postgres_answer.h"
#include "postgres_batch.h"
#include "postgres_letter.h"
#include "postgres_link.h"
#include "postgres_place.h"
#include "postgres_span.h"
#include "postgres_sql.h"
#include "pump.h"
#include "stats.h"

/**
 * The tasks, in the order in which they are done; what is done already is left
 * out. All but IDLE end with an answer.
 */
enum pf_postgres_task {
    PF_POSTGRES_TO_IDLE,
    PF_POSTGRES_TO_CONNECT,
    PF_POSTGRES_TO_TABLES,   /* create our tables; once */
    PF_POSTGRES_TO_SCHEMA,   /* apply a file of the user's; each file once */
    PF_POSTGRES_TO_MAPPING,  /* create the function; for each connection */
    PF_POSTGRES_TO_POSITION, /* ask where to continue; for each connection, and
                              * when the position is in doubt */
    PF_POSTGRES_TO_COLUMNS,  /* add those that feed_dead_letters lacks */
    PF_POSTGRES_TO_WRITE,    /* write some records, or put one aside */
};

/** One sink's work. All zero but for the first six and span: nothing is done
 * yet. Whoever has made sending, sql and link releases them. */
struct pf_postgres_work {
    struct pf_stats *stats; /* counters of enum pf_postgres_metric */
    size_t metric;          /* from this index on */
    enum pf_on_bad on_bad;  /* for what PostgreSQL refuses */
    struct pf_postgres_sql sql;
    struct pf_postgres_place place; /* after the last record that arrived */
    struct pf_postgres_link *link;
    uint64_t arrived; /* records, in total */

    enum pf_postgres_task task;
    int64_t began_ms;  /* when the task began */
    bool tables_made;  /* our tables */
    size_t n_applied;  /* how many of the user's schema files */
    bool mapping_made; /* in this connection */
    bool placed;       /* feed_offsets is known to be at place */
    bool started;      /* the position has been read once */
    bool has_columns;  /* feed_dead_letters has kind and headers */
    bool does_without; /* it has not, and does not get them */

    struct pf_postgres_batch sending; /* records begin to end - 1 of this */
    size_t begin, end;                /* are being written, */
    struct pf_postgres_span span;     /* that many at most, */
    enum pf_postgres_form form;       /* in this form */
    struct pf_postgres_aside aside;   /* why the record is put aside */
    unsigned tries;   /* with this form: too much, or the connection broke */
    bool suspected;   /* the mapping was, and has been read again since */
    size_t doubt_end; /* records before this may be written: the answer was
                       * lost; 0: no doubt */
    enum pf_postgres_form doubt_form;
    bool fenced;      /* they are not: somebody else has moved the offset */
    unsigned n_aside; /* records refused by PostgreSQL in a row */

    int64_t pause_ms, resume_ms; /* after a failure; resume_ms 0: no pause */
    struct pf_log_limit log_waiting, log_aside, log_all_aside, log_too_much;
};

/** The first form in which a record is put aside: with all for which
 * feed_dead_letters has columns. */
static inline enum pf_postgres_form
pf_postgres_letter_form(const struct pf_postgres_work *work)
{
    return work->has_columns ? PF_POSTGRES_DEAD_LETTER
                             : PF_POSTGRES_SHORT_DEAD_LETTER;
}

/**
 * Do one step: for timeout_ms milliseconds at most, and not beyond a request
 * to stop.
 *
 * PF_OK     the step is done; there may be a next one
 * PF_AGAIN  no answer yet, or a pause is not over
 * other     as flush() in postgres.h
 */
enum pf_rc pf_postgres_work_step(struct pf_postgres_work *work, int timeout_ms,
                                 struct pf_error *err);

/**
 * In postgres_failure.c, for the step: act on *answer, which is not DONE, to
 * work's task. Choose what to do next, or give up. An error that a record can
 * cause does not end the work, unless that is the policy: the other records go
 * on, and that record is put aside in full or, if that is refused as well,
 * without its headers, or with its position and the reason only; or it is
 * skipped. Returns PF_OK, or as
 * flush().
 */
enum pf_rc pf_postgres_on_failure(struct pf_postgres_work *work,
                                  const struct pf_postgres_answer *answer,
                                  struct pf_error *err);

#endif
