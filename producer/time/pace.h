/* pace.h - schedules events at the pace of their own times, and measures how
 * late they were. */
#ifndef PF_PACE_H
#define PF_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "histogram.h"

/** A time of the events (us), and when it is due (ns, monotonic clock). */
struct pf_pace_origin {
    int64_t us, ns;
};

/** A schedule. Due times are nanoseconds of the monotonic clock. */
struct pf_pace {
    double speed;       /* 2: twice as fast as recorded; 0: without a pace */
    int64_t max_gap_ns; /* longer pauses are cut to this; 0: none is cut */

    int timer; /* for pf_wait_until() */
    bool begun;
    struct pf_pace_origin origin; /* events are due relative to this */
    struct pf_pace_origin before; /* the origin before the last jump, */
    bool jumped;                  /* if there has been one */
    int64_t due_ns;               /* of the last event asked about */

    /* Of the first and the last event that were given. */
    int64_t first_ns, last_ns;
    int64_t first_due_ns, last_due_ns;
    uint64_t given;            /* events */
    struct pf_histogram lates; /* how late each was, in nanoseconds */
};

/**
 * Make a schedule that has not begun.
 *
 * PF_IO  the kernel gave no timer; there is nothing to release
 */
enum pf_rc pf_pace_init(struct pf_pace *pace, double speed, double max_gap_s,
                        struct pf_error *err);

void pf_pace_release(struct pf_pace *pace);

/** Begin the schedule: the event time time_us, and all before it, are due
 * at_ns. */
void pf_pace_begin(struct pf_pace *pace, int64_t time_us, int64_t at_ns);

/**
 * When the next event, whose time is time_us, is due. Due times are relative
 * to the origin, so a late event does not delay those after it; but no event
 * is due before its predecessor. The first event begins the schedule if
 * pf_pace_begin() has not. Always 0 without a pace.
 *
 * With max_gap_ns, a step of the events' times, forward or back, that is
 * longer than this is a jump: the events after it count from there. A jump
 * back to where the schedule was before the last one continues that schedule.
 * So a single event with a wrong time costs one pause if it is from the
 * future, and neither delays nor hurries the others.
 */
int64_t pf_pace_due(struct pf_pace *pace, int64_t time_us);

/** Count an event that was due at due_ns and has been given now. */
void pf_pace_given(struct pf_pace *pace, int64_t due_ns, int64_t now_ns);

/**
 * Describe how well the pace was kept: how long it took, how long it should
 * have taken, and how late events were. Returns buf.
 */
const char *pf_pace_describe(const struct pf_pace *pace, char *buf,
                             size_t size);

/** Write a length of time in words, such as "3 days". */
void pf_pace_words(int64_t ns, char *buf, size_t size);

#endif
