/* postgres_work.h - the work with PostgreSQL, step by step: connect, create
 * tables, ask where to continue, write.
 */
#ifndef PF_POSTGRES_WORK_H
#define PF_POSTGRES_WORK_H

#include <stdbool.h>

#include "error.h"
#include "postgres_batch.h"
#include "postgres_conf.h"
#include "postgres_state.h"

/**
 * Initialise *work, which is all zero. *conf is copied.
 *
 * PF_CONFIG, PF_NOMEM  as pf_postgres_open()
 *
 * Whatever the outcome, pf_postgres_work_release() it.
 */
enum pf_rc pf_postgres_work_init(struct pf_postgres_work *work,
                                 const struct pf_postgres_conf *conf,
                                 struct pf_error *err);

void pf_postgres_work_release(struct pf_postgres_work *work);

/** True when everything given has been written. */
bool pf_postgres_work_is_done(const struct pf_postgres_work *work);

/** Hand over *batch, which is not empty, to be written; *batch becomes an empty
 * one. Only when pf_postgres_work_is_done(). */
void pf_postgres_work_give(struct pf_postgres_work *work,
                           struct pf_postgres_batch *batch);

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

#endif
