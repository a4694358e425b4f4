/* window_results.h - the records that closed windows become. */
#ifndef PF_WINDOW_RESULTS_H
#define PF_WINDOW_RESULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event_time.h"
#include "filter.h"
#include "vec.h"
#include "window_plan.h"
#include "window_table.h"

/** How results are written. All of it stays the caller's. */
struct pf_window_form {
    const struct pf_window_plan *plan;
    const char *key_name; /* of the member with the key, */
    bool key_json;        /* which is JSON if it can be */
    int64_t size;         /* of a window, in milliseconds */
};

/** What the results of the windows with one start have in common. */
struct pf_window_frame {
    int32_t partition;
    int64_t start;
    bool idle; /* they were closed because nothing came */
    char text[PF_TIME_SIZE * 2 + 20]; /* `,"start":...,"end":...` */
    size_t len;
};

/** The results of one call of a filter. All zero: none. Members are private to
 * window_results.c, and n. */
struct pf_window_results {
    struct pf_record *records;
    uint32_t *from;
    size_t n, records_size, from_size;

    /* Their bytes are in pieces that do not move; the last one that has some
     * has used bytes. */
    PF_VEC(char *) pieces;
    size_t piece, used;
};

/** Forget the results; memory that a large number of them took is freed. */
void pf_window_results_clear(struct pf_window_results *results);

void pf_window_results_release(struct pf_window_results *results);

/** Make what such results have in common. */
void pf_window_frame_init(struct pf_window_frame *frame, int32_t partition,
                          int64_t start, int64_t size, bool idle);

/**
 * Add the result of a window. It comes from the record number from of those
 * that the filter was given. Its key is that of the window, its partition that
 * of the window's records; its timestamp is the last millisecond of the window.
 * False: memory ran out.
 */
bool pf_window_results_add(struct pf_window_results *results,
                           const struct pf_window_form *form,
                           const struct pf_window_frame *frame,
                           const struct pf_window *window, size_t from);

/** All of them, borrowed until the next change. */
struct pf_output pf_window_results_output(const struct pf_window_results *all);

#endif
