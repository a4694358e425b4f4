/* postgres_state.h - how far the work on PostgreSQL has come. */
#ifndef PF_POSTGRES_STATE_H
#define PF_POSTGRES_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log.h"
#include "postgres_answer.h"
#include "postgres_batch.h"
#include "postgres_conf.h"
#include "postgres_link.h"
#include "postgres_span.h"
#include "postgres_sql.h"

/**
 * What there is to do, in this order: what is done already is left out. Each
 * but IDLE ends with an answer.
 */
enum pf_postgres_task {
    PF_POSTGRES_TO_IDLE,
    PF_POSTGRES_TO_CONNECT,
    PF_POSTGRES_TO_TABLES,   /* make ours; once */
    PF_POSTGRES_TO_SCHEMA,   /* apply the user's, one file each time; once */
    PF_POSTGRES_TO_MAPPING,  /* make the function; for each connection */
    PF_POSTGRES_TO_POSITION, /* ask where to go on; for each connection, and in
                              * doubt */
    PF_POSTGRES_TO_WRITE,    /* write some records, or put one aside */
};

/** One sink's work. Others read arrived, started and place. */
struct pf_postgres_work {
    struct pf_postgres_conf conf;
    struct pf_postgres_sql sql;
    struct pf_postgres_place place; /* after what has arrived */
    struct pf_postgres_link *link;
    uint64_t arrived;

    enum pf_postgres_task task;
    int64_t began_ms;  /* the task */
    bool tables_made;  /* ours */
    size_t n_applied;  /* of the user's schema files */
    bool mapping_made; /* in this connection */
    bool placed;       /* feed_offsets is known to be at place */
    bool started;      /* place has been asked for once */

    struct pf_postgres_batch sending; /* what is being written: */
    size_t begin, end;                /* records begin to end - 1 of it */
    struct pf_postgres_span span;     /* end - begin at most */
    enum pf_postgres_form form;       /* what is made of them, and */
    struct pf_postgres_answer why;    /* why the record is put aside */
    unsigned tries;   /* of this form, that were too much or broke off */
    bool suspected;   /* the mapping; it has been read again since */
    size_t doubt_end; /* records up to here may be there: the answer was lost;
                       * 0: no doubt */
    enum pf_postgres_form doubt_form;
    bool fenced;      /* they are not: somebody else has moved the offset */
    unsigned n_aside; /* put aside, one after the other */

    int64_t pause_ms, resume_ms; /* after a failure; resume_ms 0: none */
    struct pf_log_limit log_waiting, log_aside, log_all_aside, log_too_much;
};

#endif
