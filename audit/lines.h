/* lines.h - what an audit has to remember of a console's lines. */
#ifndef PF_LINES_H
#define PF_LINES_H

#include <stdint.h>

#include "error.h"
#include "vec.h"

/** Lines in the order in which they came: four bytes each, and eight more if
 * their times are kept. */
struct pf_lines {
    bool keep_times;
    PF_VEC(uint32_t) crcs; /* without the newline */
    PF_VEC(int64_t) times; /* when each came, ns since 1970 */
    uint32_t crc;          /* of the last line, which has not ended yet */
    size_t len;            /* its bytes so far */
};

void pf_lines_release(struct pf_lines *lines);

/**
 * Add the next len bytes of the console, read at now_ns. A last line without a
 * newline does not count yet.
 *
 * PF_NOMEM  memory ran out
 */
enum pf_rc pf_lines_add(struct pf_lines *lines, const char *bytes, size_t len,
                        int64_t now_ns, struct pf_error *err);

#endif
