/* log_lines.h - the last lines of many. */
#ifndef PF_LOG_LINES_H
#define PF_LOG_LINES_H

#include <json-c/json.h>

#include "log_line.h"

/** Initialise the first members, the others with zeros. */
struct web_log_lines {
    enum pf_log_level least; /* a less severe line is passed over */
    size_t limit;            /* at most that many lines */
    size_t size;             /* and that many bytes of text */

    bool failed;       /* memory ran out: lines are missing */
    uint64_t left_out; /* lines that did not fit any more, from the oldest on */
    size_t n, first, bytes;
    struct pf_log_line *at; /* a ring, which has their texts */
};

/** Append a copy of that line; struct pf_log_reader calls it. */
void web_log_lines_take(void *lines, const struct pf_log_line *line);

/** Free them; it is empty again. */
void web_log_lines_clear(struct web_log_lines *lines);

/** The line at that index, from the oldest on, below n. */
const struct pf_log_line *web_log_lines_at(const struct web_log_lines *lines,
                                           size_t index);

/** A line as an object with time, level and text. NULL: out of memory. */
struct json_object *web_log_line_json(const struct pf_log_line *line);

#endif
