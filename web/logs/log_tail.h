/* log_tail.h - the end of a log, however it was rotated. */
#ifndef PF_LOG_TAIL_H
#define PF_LOG_TAIL_H

#include "error.h"
#include "log_lines.h"

/**
 * The last lines of the log at path, as many as lines has room for. *ret_next
 * is where the line after them begins, in bytes, for pf_log_follow_open().
 *
 * PF_IO     there is no such log
 * PF_NOMEM  out of memory
 */
enum pf_rc web_log_tail(const char *path, struct web_log_lines *lines,
                        int64_t *ret_next, struct pf_error *err);

#endif
