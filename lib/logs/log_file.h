/* log_file.h - the files of a log that supervisord rotates: when PATH is full
 * it becomes PATH.1, and is begun again. */
#ifndef PF_LOG_FILE_H
#define PF_LOG_FILE_H

#include <stdbool.h>
#include <sys/stat.h>

/**
 * Open the log at path to read it, or with is_older what was renamed to path
 * and ".1". Only a plain file is opened. *ret is what it is. -1: there is none.
 */
int pf_log_open(const char *path, bool is_older, struct stat *ret);

/** True if both are the same file. */
bool pf_log_is_same(const struct stat *a, const struct stat *b);

#endif
