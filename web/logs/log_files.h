/* log_files.h - the logs of the feed's programs: PF_RUN/log/NAME.log. */
#ifndef PF_LOG_FILES_H
#define PF_LOG_FILES_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WEB_LOG_NAME 60 /* size of a name, with its NUL */
#define WEB_LOG_PATH (PATH_MAX + WEB_LOG_NAME + 12)
#define WEB_LOGS 64 /* more are left out */

struct web_log_file {
    char name[WEB_LOG_NAME]; /* of NAME.log */
    uint64_t size;           /* in bytes */
    int64_t changed_ms;      /* since 1970 */
};

/** The path of NAME.log below run, the feed's PF_RUN. False: a log cannot have
 * that name, which is of small letters, digits and '-'. */
bool web_log_path(const char *run, const char *name, char ret[WEB_LOG_PATH]);

/** The logs below run, by name; returns how many. */
size_t web_logs_list(const char *run, struct web_log_file ret[WEB_LOGS]);

#endif
