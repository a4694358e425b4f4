/* postgres_failure.h - what to do when PostgreSQL does not do what was asked.
 */
#ifndef PF_POSTGRES_FAILURE_H
#define PF_POSTGRES_FAILURE_H

#include "error.h"
#include "postgres_answer.h"
#include "postgres_state.h"

/**
 * Act on *answer, which is any but DONE, to work's task: change what its next
 * step is, or give up. What a record can bring about is no reason to give up:
 * the records that are with it go on without it, and it is put aside, in full
 * or, if that is refused as well, by its position and the reason.
 *
 * PF_OK      there is a next step
 * PF_CONFIG  a password, database, table or right is missing, or the SQL is
 *            wrong
 * PF_IO      not even the shortest dead letter can be written
 */
enum pf_rc pf_postgres_on_failure(struct pf_postgres_work *work,
                                  const struct pf_postgres_answer *answer,
                                  struct pf_error *err);

#endif
