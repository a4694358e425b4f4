/* window_cut.h - what is committed with a position: from where records have to
 * be read again to build up the open windows, and what is closed.
 *
 *     windows cut=1200 time=1793606400250 settings=0f1e2d3c4b5a6978
 */
#ifndef PF_WINDOW_CUT_H
#define PF_WINDOW_CUT_H

#include <stdint.h>

#include "error.h"

/** Bytes of such a text, and its end. */
#define PF_WINDOW_CUT_SIZE 128

struct pf_window_cut {
    int64_t cut;  /* the smallest offset in an open window; -1: none is open */
    int64_t time; /* stream time, from 0 on */
    uint64_t settings; /* what decides which record is in which window, as a
                        * number */
};

void pf_window_cut_put(char buf[static PF_WINDOW_CUT_SIZE],
                       const struct pf_window_cut *cut);

/**
 * Read such a text of any origin, which was committed with the position
 * offset.
 *
 * PF_CONFIG  it is something else
 */
enum pf_rc pf_window_cut_parse(const char *text, int64_t offset,
                               struct pf_window_cut *ret, struct pf_error *err);

#endif
