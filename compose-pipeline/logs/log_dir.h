/* log_dir.h - read all logs of a directory as they grow, from one file into the
 * next: supervisord renames a full NAME.log to NAME.log.1 and begins again. */
#ifndef PF_LOG_DIR_H
#define PF_LOG_DIR_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "error.h"

#define LOG_NAME_SIZE 60 /* of a log's name, with its NUL */
#define LOGS_MAX 32      /* more are not read */

/** One log. It is read from a file that may have been renamed or deleted. */
struct log_trail {
    char name[LOG_NAME_SIZE]; /* of NAME.log */
    int fd;                   /* the file that is being read; -1: none yet */
    int64_t at;               /* position in it */
    int rotations;   /* since then: 1, it is NAME.log.1; 2, it is deleted */
    int is_complete; /* nothing is written to it any more */
};

struct log_dir {
    int dir;
    int changes; /* inotify: readable when a log may have grown */
    size_t n;
    struct log_trail trails[LOGS_MAX];
};

/**
 * Read all logs in the directory at path from their ends on, and new ones from
 * their beginnings. Any outcome is released with log_dir_release().
 *
 * PF_IO  it cannot be opened, or not be watched
 */
enum pf_rc log_dir_open(const char *path, struct log_dir *ret,
                        struct pf_error *err);
void log_dir_release(struct log_dir *logs);

/** Take note of new logs and of files that were renamed. Never waits. */
void log_dir_look(struct log_dir *logs);

/**
 * Read on, at most size bytes; 0: there is no more now. *files is increased by
 * the files that were deleted before they were opened.
 */
size_t log_dir_read(struct log_dir *logs, struct log_trail *trail, char *buf,
                    size_t size, uint64_t *files);

/**
 * If the file that is being read is deleted, because the log was rotated twice
 * since, count its other lines instead of reading them, and go on with the next
 * one. Returns how many. So no more of a log is kept than its two files,
 * however long it is not read.
 */
uint64_t log_dir_skip(struct log_dir *logs, struct log_trail *trail,
                      uint64_t *files);

#endif
