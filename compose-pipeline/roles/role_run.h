/* role_run.h - the life of a role, from its start to its end. */
#ifndef PF_ROLE_RUN_H
#define PF_ROLE_RUN_H

#include "role.h"

/**
 * Check what the role needs, start its program, and start it again when it ends
 * too early, by the rule of programs.h, until it has finished or failed, or a
 * signal asks for a stop. args, up to a NULL, are for the program.
 *
 * Returns the exit code for this process: that of the program as it ended last;
 * 2 also for a mistake that this one has found; 1 if it was killed too often,
 * or if its stop took too long; 128+n a second signal n.
 */
int role_run(const struct role *role, char *const *args);

#endif
