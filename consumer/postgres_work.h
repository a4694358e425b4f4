/* postgres_work.h - what there is to do with PostgreSQL, one thing after the
 * other: connect, make tables, ask where to go on, write.
 */
#ifndef PF_POSTGRES_WORK_H
#define PF_POSTGRES_WORK_H

#include <stdbool.h>

#include "error.h"
#include "postgres_batch.h"
#include "postgres_conf.h"
#include "postgres_state.h"

/**
 * Make *work, which is all zero, ready to begin. *conf is copied.
 *
 * PF_CONFIG, PF_NOMEM  as pf_postgres_open()
 *
 * Whatever the outcome, pf_postgres_work_release() it.
 */
enum pf_rc pf_postgres_work_init(struct pf_postgres_work *work,
                                 const struct pf_postgres_conf *conf,
                                 struct pf_error *err);

void pf_postgres_work_release(struct pf_postgres_work *work);

/** True when all that was given is written. */
bool pf_postgres_work_is_done(const struct pf_postgres_work *work);

/** Give *batch to be written, which has some records, and get an empty one in
 * its place. Only when all that was given before is done. */
void pf_postgres_work_give(struct pf_postgres_work *work,
                           struct pf_postgres_batch *batch);

/**
 * Get one step on, for timeout_ms milliseconds at most, and no longer than
 * until a stop is asked for.
 *
 * PF_OK     that is done; there may be a next step
 * PF_AGAIN  there is no answer yet, or a pause is not over
 * other     as flush() in postgres.h
 */
enum pf_rc pf_postgres_work_step(struct pf_postgres_work *work, int timeout_ms,
                                 struct pf_error *err);

#endif
