/* log.h - log lines on standard error. */
#ifndef PF_LOG_H
#define PF_LOG_H

#include <stdint.h>

/** In the order of syslog(3): a smaller level is more severe. */
enum pf_log_level { PF_LOG_ERROR, PF_LOG_WARNING, PF_LOG_INFO, PF_LOG_DEBUG };

/**
 * Put name into each line, and omit lines less severe than level. name is
 * borrowed for the life of the process. Without this call: "pricefeed",
 * PF_LOG_INFO.
 */
void pf_log_init(const char *name, enum pf_log_level level);

/**
 * Write one line, `2026-11-20T22:07:03.274Z info consumer: TEXT`. Bytes that
 * could control a terminal are escaped; text beyond about 1000 bytes is cut.
 *
 * It never waits: if standard error has no room, the line is dropped, and the
 * next one that gets through says how many were.
 */
void pf_log(enum pf_log_level level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/** Limits the rate of one kind of line. Initialise it with zeros. */
struct pf_log_limit {
    int64_t next_ms; /* on the monotonic clock: no line before this */
    uint64_t held;   /* lines suppressed since the last one */
};

/**
 * The same, but at most one line in five seconds for each *limit, with the
 * number of lines that were suppressed since the last one.
 */
void pf_log_limited(struct pf_log_limit *limit, enum pf_log_level level,
                    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
