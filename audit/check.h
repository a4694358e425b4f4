/* check.h - decides whether a feed was delivered: compares topic, ledger and
 * console.
 *
 * Nothing here reads or writes files: the caller passes in what was read, so a
 * test can make it up.
 */
#ifndef PF_CHECK_H
#define PF_CHECK_H

#include "comparison.h"
#include "error.h"

/**
 * Compare everything, and fill *check.
 *
 * PF_UNDECIDED  neither topic nor ledger tells what should be there; *err says
 *               why
 * PF_NOMEM      memory ran out
 *
 * Whatever the outcome, pf_check_release() it.
 */
enum pf_rc pf_check_run(struct pf_check *check, struct pf_error *err);

void pf_check_release(struct pf_check *check);

#endif
