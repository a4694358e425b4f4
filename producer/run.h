/* run.h - the name of a run. */
#ifndef PF_RUN_H
#define PF_RUN_H

#include "headers.h"
#include "sources.h"

/**
 * Write the run's name to ret: the wanted one or, if that is empty, the one
 * that a run of these sources always has. pf_run_tell_apart() has to complete
 * that. sources is NULL if a run cannot
 * be continued: then a new random name.
 *
 * PF_CONFIG  wanted is too long or has a character that is not allowed
 * PF_IO      the kernel gave no random number
 */
enum pf_rc pf_run_name(const char *wanted, const struct pf_sources *sources,
                       char ret[static PF_RUN_SIZE], struct pf_error *err);

/**
 * Two recordings with the same file name are two runs: append a hash of the
 * recording's first event to its run's name. So the name stays the same when
 * the file is moved, packed or continued. If no event is found in the first
 * MiB of the file, the name is left as it is.
 *
 * So are two templates with the same seed, or one before and after an edit:
 * append a hash of the template. The names of other runs are left as they are.
 *
 * PF_CONFIG  the file cannot be opened, or is in a format that is not read
 * PF_IO      it cannot be read
 * PF_NOMEM   memory ran out
 */
enum pf_rc pf_run_tell_apart(const struct pf_sources *sources,
                             char run[static PF_RUN_SIZE],
                             struct pf_error *err);

#endif
