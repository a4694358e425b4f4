/* machine.h - make the feed independent of the machine it runs on. */
#ifndef PF_MACHINE_H
#define PF_MACHINE_H

#include "error.h"
#include "places.h"

/**
 * Give this process and all that it starts the same environment on every
 * machine: one locale, UTC, no variables of Python, files that others cannot
 * write, no signal ignored but SIGHUP (nohup(1)), and limits as high as
 * possible.
 *
 * PF_CONFIG  the feed cannot run with a limit or a path; *err names it and the
 *            remedy
 */
enum pf_rc machine_settle(const struct pf_places *places, struct pf_error *err);

/** Take the variables whose names begin with prefix out of this process's
 * environment. */
void machine_forget(const char *prefix);

#endif
