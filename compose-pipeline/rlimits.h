/* rlimits.h - what a process may use on this machine, see getrlimit(2). */
#ifndef PF_RLIMITS_H
#define PF_RLIMITS_H

#include "error.h"

/** Raise the soft limits as far as the hard limits allow. */
void limits_raise(void);

/**
 * PF_CONFIG  a limit is so low that nothing would start; *err names it, the
 *            value that is needed, and how to raise it
 */
enum pf_rc limits_check(struct pf_error *err);

/** Report other limits that may be too low, and what would suffice. */
void limits_say(void);

#endif
