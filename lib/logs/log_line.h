/* log_line.h - what a line of a log says of itself: when, and how severe.
 *
 * Knows what the feed's programs write: our own lines (log.h), Kafka's and
 * ZooKeeper's (broker/log4j.properties), supervisord's and PostgreSQL's.
 */
#ifndef PF_LOG_LINE_H
#define PF_LOG_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log.h"

/** One line, borrowed; text is what follows time and level, any bytes. */
struct pf_log_line {
    int64_t time_ms; /* since 1970; -1: unknown */
    enum pf_log_level level;
    bool has_head; /* it says itself when it was */
    const char *text;
    size_t n;
};

/**
 * Read the head of a line of n bytes, without its newline. False, as
 * ret->has_head, if it has none: such as the lines of a stack trace, it goes on
 * with what the line before has said.
 *
 * *ret is the line before, and becomes this one. It keeps its level where a
 * line only adds to that (PostgreSQL's DETAIL and the like); without a head it
 * keeps its time, too.
 */
bool pf_log_line_read(const char *line, size_t n, struct pf_log_line *ret);

/**
 * Of a line without a head: does it belong to the one before? So do lines that
 * begin with white space or "Caused by:", and the name of a Java exception.
 * What else has no head, such as a shell's message, is about something else.
 */
bool pf_log_line_continues(const char *line, size_t n);

/** The level that the words of a line without a head mean. */
enum pf_log_level pf_log_line_guess(const char *line, size_t n);

/**
 * Take "NAME: " off the beginning of line's text: in our own lines the program.
 * Returns the length of the name, which is at *ret; 0: there is none.
 */
size_t pf_log_line_take_name(struct pf_log_line *line, const char **ret);

/** "error", "warning", "info" or "debug". */
const char *pf_log_level_name(enum pf_log_level level);

#endif
