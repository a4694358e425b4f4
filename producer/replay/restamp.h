/* restamp.h - how far a recording's times are moved. */
#ifndef PF_RESTAMP_H
#define PF_RESTAMP_H

#include <stdbool.h>
#include <stdint.h>

#include "replay_record.h"

/** The first three are the caller's, the rest begins as zero. */
struct pf_restamp {
    bool wanted;   /* all times move so that the first is at ... */
    int64_t us;    /* ... that moment; or, */
    bool from_now; /* ... so many microseconds from now */

    int64_t first_us;          /* the time that the others count from */
    int64_t least_us, most_us; /* so far they move, whenever now is */
    int64_t moved_us;          /* and so far they do, with now as it was */
};

/** Times count from time_us, of the recording's first record. */
void pf_restamp_count_from(struct pf_restamp *restamp, int64_t time_us);

/**
 * Whether the element's time can be moved, whenever the run begins or goes on:
 * a run that goes on has to number records as the one before it did, when now
 * was another time. The rounds of a loop are not asked for.
 */
bool pf_restamp_can_move(const struct pf_restamp *restamp,
                         const struct pf_replay_element *element);

/** Choose how far times move, now that a record is to be given that is since_us
 * after the first, at that speed; 0: none. */
void pf_restamp_choose(struct pf_restamp *restamp, int64_t since_us,
                       double speed);

/** How far that is after rounds of a loop that were rounds_us long: in whole
 * seconds, rounded down. What is finer stays as it was recorded, and the first
 * record is not from the future. */
int64_t pf_restamp_seconds(const struct pf_restamp *restamp, int64_t rounds_us);

#endif
