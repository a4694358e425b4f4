/* check.h - whether a feed was delivered: topic, ledger and console compared.
 *
 * Nothing here reads or writes: what was read is handed in, so that a test can
 * make it up.
 */
#ifndef PF_CHECK_H
#define PF_CHECK_H

#include "comparison.h"
#include "error.h"

/**
 * Compare all, and fill *check.
 *
 * PF_UNDECIDED  nothing in the topic or the ledger tells what should be there;
 *               *err says what
 * PF_NOMEM      memory ran out
 *
 * Whatever the outcome, pf_check_release() it.
 */
enum pf_rc pf_check_run(struct pf_check *check, struct pf_error *err);

void pf_check_release(struct pf_check *check);

#endif
