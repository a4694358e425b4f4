/* lines.h - what an audit has to remember of a console's lines. */
#ifndef PF_LINES_H
#define PF_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "price.h"
#include "vec.h"

/** Lines in the order in which they came: four bytes each, and eight more if
 * their times are kept, two if their matches are. */
struct pf_lines {
    bool keep_times, keep_matches;
    PF_VEC(uint32_t) crcs;    /* without the newline */
    PF_VEC(int64_t) times;    /* when each came, ns since 1970 */
    PF_VEC(uint16_t) matches; /* match.h; 0: it is not a price */

    /* Of the last line, which has not ended yet. */
    uint32_t crc;
    char text[PF_PRICE_JSON_SIZE]; /* as much as fits; with keep_matches */
    size_t len;

    const char *path; /* of the console, borrowed */
    int fd;           /* -1: there is none */
};

/**
 * Open the console at path, a file or a pipe; "": none, "-": standard input.
 * Times are kept unless it is a file that is only read once. PF_UNDECIDED: it
 * cannot be opened.
 */
enum pf_rc pf_lines_open(struct pf_lines *lines, const char *path, bool follow,
                         struct pf_error *err);

/** Free the lines, and close the console. */
void pf_lines_release(struct pf_lines *lines);

/**
 * Add what the console has now; with whole, wait for more up to its end, or
 * until a stop is asked for.
 *
 * PF_IO     reading failed
 * PF_NOMEM  memory ran out
 */
enum pf_rc pf_lines_read(struct pf_lines *lines, bool whole,
                         struct pf_error *err);

/**
 * Add the next len bytes of the console, read at now_ns. A last line without a
 * newline does not count yet.
 *
 * PF_NOMEM  memory ran out
 */
enum pf_rc pf_lines_add(struct pf_lines *lines, const char *bytes, size_t len,
                        int64_t now_ns, struct pf_error *err);

#endif
