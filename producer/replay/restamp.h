/* restamp.h - how far to move the times of a recording. */
#ifndef PF_RESTAMP_H
#define PF_RESTAMP_H

#include <stdbool.h>
#include <stdint.h>

#include "replay_record.h"

/** The caller sets the first three; the rest starts as zero. */
struct pf_restamp {
    bool wanted;   /* shift all times so that the first one becomes */
    int64_t us;    /* this time, in microseconds since 1970, or, */
    bool from_now; /* if true, this many microseconds from now */

    int64_t first_us;          /* time of the first record */
    int64_t least_us, most_us; /* range of the shift, whenever now may be */
    int64_t moved_us;          /* the shift that was chosen */
};

/** Count times from time_us, that of the recording's first record. */
void pf_restamp_count_from(struct pf_restamp *restamp, int64_t time_us);

/**
 * Can the element's time be moved, whenever the run is started or continued?
 * A run that continues has to number its records as before, when now was
 * another time. The rounds of a loop are not considered.
 */
bool pf_restamp_can_move(const struct pf_restamp *restamp,
                         const struct pf_replay_element *element);

/** Choose how far times move. The first record to give is since_us after the
 * first record of the recording; speed 0: without a pace. */
void pf_restamp_choose(struct pf_restamp *restamp, int64_t since_us,
                       double speed);

/** The shift after rounds of a loop with a total length of rounds_us: in whole
 * seconds, rounded down. So fractions of a second stay as recorded, and the
 * first record is not from the future. */
int64_t pf_restamp_seconds(const struct pf_restamp *restamp, int64_t rounds_us);

#endif
