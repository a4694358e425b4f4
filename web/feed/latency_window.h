/* latency_window.h - how late records were in the last ten seconds.
 *
 * A program counts latencies into a histogram that only grows. The window keeps
 * what it grew by, turn by turn.
 */
#ifndef PF_LATENCY_WINDOW_H
#define PF_LATENCY_WINDOW_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "histogram.h"

/** How many turns it looks back; there is one a second. */
#define WEB_WINDOW_TURNS 10

/** 120 KB at first, and 16 bytes for each bucket that grew in a turn. */
struct web_window;

/** NULL: out of memory. */
struct web_window *web_window_new(void);
void web_window_free(struct web_window *window);

/**
 * One more turn: take what histogram has now, which belongs to the process pid.
 * What it had when it was first seen is older than the window, unless another
 * process was seen before: that one was restarted. NULL: there is no histogram.
 */
void web_window_turn(struct web_window *window, pid_t pid,
                     const struct pf_histogram *histogram);

/** How many values are in the window. */
uint64_t web_window_count(const struct web_window *window);

/** As pf_histogram_quantile(), of what is in the window. */
uint64_t web_window_quantile(const struct web_window *window, double part);

#endif
