/* pace.h - events at the pace of their own times, and how true it was. */
#ifndef PF_PACE_H
#define PF_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "histogram.h"

/** A time of the events, and when it is due. */
struct pf_pace_origin {
    int64_t us, ns;
};

/** A schedule. Its moments are nanoseconds of the monotonic clock. */
struct pf_pace {
    double speed;       /* 2: twice as fast as recorded; 0: no pace at all */
    int64_t max_gap_ns; /* a longer pause is cut to this; 0: none is */

    int timer;
    bool begun;
    struct pf_pace_origin origin; /* by which events are due */
    struct pf_pace_origin before; /* and were before a jump, if ... */
    bool jumped;                  /* ... there has been one */
    int64_t due_ns;               /* of the last event asked about */

    /* Of the first and the last event that were given. */
    int64_t first_ns, last_ns;
    int64_t first_due_ns, last_due_ns;
    uint64_t given;            /* events */
    struct pf_histogram lates; /* how late each was, in nanoseconds */
};

/**
 * Contents: nothing has begun.
 *
 * PF_IO  the kernel gave no timer; there is nothing to release
 */
enum pf_rc pf_pace_init(struct pf_pace *pace, double speed, double max_gap_s,
                        struct pf_error *err);

void pf_pace_release(struct pf_pace *pace);

/** From now on time_us, a time of the events, is due at_ns, and with it what
 * is from before that. */
void pf_pace_begin(struct pf_pace *pace, int64_t time_us, int64_t at_ns);

/**
 * When the next event is due, whose time is time_us. Each is due so long
 * after the origin as the events say, so that a late one delays none behind
 * it; none is due before the one that came before it. The first begins the
 * schedule, if pf_pace_begin() has not. Always 0 without a pace.
 *
 * If pauses are cut, a step of the events' times, on or back, that is longer
 * than the longest pause is a jump, and what comes after it counts from there;
 * one that leads back to where the schedule was before the last jump takes that
 * schedule up again. So an event from quite another time costs one pause, if it
 * is from the future, and neither stops the others nor drives them.
 */
int64_t pf_pace_due(struct pf_pace *pace, int64_t time_us);

/** Wait until due_ns, timeout_ms milliseconds at most, or for a stop. */
void pf_pace_wait(struct pf_pace *pace, int64_t due_ns, int timeout_ms);

/** Count an event that was due at due_ns and has been given now. */
void pf_pace_given(struct pf_pace *pace, int64_t due_ns, int64_t now_ns);

/**
 * Write a sentence on how true it was: how long it took, how long it should
 * have taken, and the error of each event. Returns buf.
 */
const char *pf_pace_describe(const struct pf_pace *pace, char *buf,
                             size_t size);

#endif
