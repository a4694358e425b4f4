/* log.h - talk to people: one line each, on standard error. */
#ifndef PF_LOG_H
#define PF_LOG_H

#include <stdint.h>

/** In the order of syslog(3): a smaller one is worse. */
enum pf_log_level { PF_LOG_ERROR, PF_LOG_WARNING, PF_LOG_INFO, PF_LOG_DEBUG };

/**
 * Name this program in each line, and leave out lines that are less important
 * than level. name is borrowed for good. Without this call: "pricefeed",
 * PF_LOG_INFO.
 */
void pf_log_init(const char *name, enum pf_log_level level);

/**
 * Write one line, `2026-11-20T22:07:03.274Z info consumer: TEXT`. Bytes that
 * could drive a terminal are escaped, text beyond about 1000 bytes is cut.
 *
 * It never waits: a line that standard error has no room for is dropped, and
 * the next one that gets through says how many were.
 */
void pf_log(enum pf_log_level level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/** Keeps one kind of line from flooding the log. Zero to begin with. */
struct pf_log_limit {
    int64_t next_ms; /* on the monotonic clock: no line before this */
    uint64_t held;   /* lines held back since the last one */
};

/**
 * The same, but at most one line in five seconds for each *limit; it says how
 * many like it were held back.
 */
void pf_log_limited(struct pf_log_limit *limit, enum pf_log_level level,
                    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
