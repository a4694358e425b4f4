/* postgres_failure.h - what to do when PostgreSQL refuses a request. */
#ifndef PF_POSTGRES_FAILURE_H
#define PF_POSTGRES_FAILURE_H

#include "error.h"
#include "postgres_answer.h"
#include "postgres_work.h"

/**
 * Act on *answer, which is not DONE, to work's task: choose the next step, or
 * give up. An error that a record can cause is no reason to give up: the other
 * records go on without it, and it is put aside in full or, if that is refused
 * as well, with its position and the reason only.
 *
 * PF_OK      there is a next step
 * PF_CONFIG  a password, database, table or permission is missing, or the SQL
 *            is wrong
 * PF_IO      not even the shortest dead letter can be written
 */
enum pf_rc pf_postgres_on_failure(struct pf_postgres_work *work,
                                  const struct pf_postgres_answer *answer,
                                  struct pf_error *err);

#endif
