/* say.h - messages of pf-init to the user. */
#ifndef PF_SAY_H
#define PF_SAY_H

/**
 * Write one line, "pricefeed: TEXT", to standard error. Bytes that could
 * control a terminal are escaped. It never waits: if standard error has no
 * room, the line is dropped.
 */
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** Bytes at the end of a log that are looked at, and a NUL. */
#define LOG_END_SIZE 16384

/** Read the end of the log at path; none is like an empty one. Returns buf. */
char *read_end_of_log(const char *path, char buf[static LOG_END_SIZE]);

/**
 * Write the last lines of the log at path, each prefixed with name, without the
 * frames of Java's stack traces. Writes nothing if there is no log.
 */
void say_end_of_log(const char *name, const char *path);

#endif
