/* machine.h - what the machine brings along, and must not matter. */
#ifndef PF_MACHINE_H
#define PF_MACHINE_H

#include "error.h"
#include "places.h"

/**
 * Make this process, and all that it starts, alike on every machine: one
 * locale, time in UTC, nothing of Python's, files that others cannot write,
 * no signal ignored but SIGHUP (nohup(1)), limits as high as they go.
 *
 * PF_CONFIG  a limit or a path with which the feed cannot run; *err names it
 *            and the remedy
 */
enum pf_rc machine_settle(const struct pf_places *places, struct pf_error *err);

#endif
