/* log_follow.h - what is added to a log, as it comes. */
#ifndef PF_LOG_FOLLOW_H
#define PF_LOG_FOLLOW_H

#include "error.h"
#include "log_line.h"

struct pf_log_follow;

/**
 * Follow the log at path from the byte next on; -1: from now on. If the file
 * has fewer bytes, next is in the one that was renamed to path and ".1".
 *
 * PF_IO     there is no such log
 * PF_NOMEM  out of memory
 */
enum pf_rc pf_log_follow_open(const char *path, int64_t next,
                              struct pf_log_follow **ret, struct pf_error *err);

/** NULL: there is none. */
void pf_log_follow_close(struct pf_log_follow *follow);

/**
 * Call take for each line that was added since the last call, or the first of
 * them: one call reads 256 KB. It does not matter whether the file was renamed,
 * cut or replaced meanwhile. False: nothing was added, not even a part of a
 * line.
 */
bool pf_log_follow_read(struct pf_log_follow *follow,
                        void (*take)(void *context,
                                     const struct pf_log_line *line),
                        void *context);

#endif
