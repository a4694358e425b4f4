/* say.h - what pf-init tells the person in front of it. */
#ifndef PF_SAY_H
#define PF_SAY_H

/**
 * Write one line, "pricefeed: TEXT", to standard error. Bytes that could
 * drive a terminal are escaped. It never waits: a line that standard error
 * has no room for is dropped.
 */
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * Say the last lines of the log at path, each with name in front, but for the
 * frames of Java's stack traces. Says nothing when there is none.
 */
void say_end_of_log(const char *name, const char *path);

#endif
