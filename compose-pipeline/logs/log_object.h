/* log_object.h - a record of a log as one line of JSON. */
#ifndef PF_LOG_OBJECT_H
#define PF_LOG_OBJECT_H

#include <stddef.h>
#include <stdint.h>

#include "log.h"

/** What one object takes at most, with its newline: Docker cuts longer lines
 * into pieces. */
#define LOG_OBJECT_SIZE 16384

/** What a program has logged at once: a line, or a line with a stack trace. */
struct log_record {
    int64_t time_ms; /* since 1970 */
    enum pf_log_level level;
    const char *program; /* this and text are borrowed, any bytes */
    size_t program_n;
    const char *text;
    size_t n;
    uint64_t cut; /* bytes of the record that are not in text */
};

/**
 * Write {"time":"2026-11-26T09:00:00.000Z","level":"info","program":"kafka",
 * "message":"..."} and a newline, without a NUL. A byte that is not part of a
 * character, or that could control a terminal, becomes \xNN in the message,
 * but for newlines and tabs. A message that does not fit ends in
 * "... (N bytes more)", which counts record->cut in. Returns the length.
 */
size_t log_object_write(char buf[static LOG_OBJECT_SIZE],
                        const struct log_record *record);

#endif
