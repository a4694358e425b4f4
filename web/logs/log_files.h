/* log_files.h - the logs of the feed's programs: PF_RUN/log/NAME.log. */
#ifndef PF_LOG_FILES_H
#define PF_LOG_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#define WEB_LOG_NAME 60 /* size of a name, with its NUL */
#define WEB_LOGS 64     /* more are left out */

struct web_log_file {
    char name[WEB_LOG_NAME]; /* of NAME.log */
    uint64_t size;           /* in bytes */
    int64_t changed_ms;      /* since 1970 */
};

/** True if a log may have that name: small letters, digits and '-'. */
bool web_log_name_ok(const char *name);

/** Open the directory of the logs below run, the feed's PF_RUN. -1: there is
 * none. */
int web_logs_open(const char *run);

/** The logs in that directory, by name; returns how many. */
size_t web_logs_list(int dir, struct web_log_file ret[WEB_LOGS]);

/**
 * Open NAME.log of that directory, or with is_older the file NAME.log.1, which
 * supervisord has renamed when it was full. Only a plain file is opened. -1:
 * there is none.
 */
int web_log_open(int dir, const char *name, bool is_older, struct stat *ret);

/** True if both are the same file. */
bool web_log_is_same(const struct stat *a, const struct stat *b);

#endif
