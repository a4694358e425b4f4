/* say.h - messages of pf-init to the user. */
#ifndef PF_SAY_H
#define PF_SAY_H

#include <stdbool.h>

#include "log.h"

/**
 * Write one line, "pricefeed: TEXT", to standard error; with the variable
 * PF_NODE, "pricefeed: NODE: TEXT". Bytes that could control a terminal are
 * escaped. It never waits: if standard error has no
 * room, the line is dropped.
 */
#define say(...) say_at(PF_LOG_INFO, __VA_ARGS__)
void say_at(enum pf_log_level level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/**
 * From now on, write such lines as lines of a log (log.h), which have a level,
 * and no ends of other logs: whoever reads standard error has all logs.
 */
void say_as_log(bool as_log);

/** Bytes at the end of a log that are looked at, and a NUL. */
#define LOG_END_SIZE 16384

/** Read the end of the log at path; none is like an empty one. Returns buf. */
char *read_end_of_log(const char *path, char buf[static LOG_END_SIZE]);

/**
 * Write the last lines of the log at path, each prefixed with name, without the
 * frames of Java's stack traces. Writes nothing if there is no log, or after
 * say_as_log(true).
 */
void say_end_of_log(const char *name, const char *path);

#endif
