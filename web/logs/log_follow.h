/* log_follow.h - what is added to a log, as it comes. */
#ifndef PF_LOG_FOLLOW_H
#define PF_LOG_FOLLOW_H

#include "error.h"
#include "log_lines.h"

struct web_log_follow;

/**
 * Follow the log of that name in the directory below run, the feed's PF_RUN,
 * from next on, where web_log_tail() ended; -1: from now on.
 *
 * PF_IO     there is no such log
 * PF_NOMEM  out of memory
 */
enum pf_rc web_log_follow_open(const char *run, const char *name, int64_t next,
                               struct web_log_follow **ret,
                               struct pf_error *err);
void web_log_follow_close(struct web_log_follow *follow);

/**
 * Append the lines that were added since the last call, or the first of them:
 * one call reads 256 KB. It does not matter whether the file was renamed, cut
 * or replaced meanwhile.
 */
void web_log_follow_read(struct web_log_follow *follow,
                         struct web_log_lines *lines);

#endif
