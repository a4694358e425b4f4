/* rlimits.h - what a process may use on this machine, see getrlimit(2). */
#ifndef PF_RLIMITS_H
#define PF_RLIMITS_H

#include "error.h"

/** Take what one may have without asking: the hard limits. */
void limits_raise(void);

/**
 * PF_CONFIG if one is so low that nothing would start; *err names it, what is
 * needed, and how it is raised.
 */
enum pf_rc limits_check(struct pf_error *err);

/** Say which others may not suffice, and what would. */
void limits_say(void);

#endif
