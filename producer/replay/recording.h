/* recording.h - the records of a recording, one after another. */
#ifndef PF_RECORDING_H
#define PF_RECORDING_H

#include <stdbool.h>
#include <stdint.h>

#include "bad_lines.h"
#include "elements.h"
#include "input.h"
#include "replay.h"
#include "replay_record.h"
#include "restamp.h"

/** A recording that is read. All is for its owner to look at. */
struct pf_recording {
    const struct pf_replay *replay; /* which, and how; borrowed */
    struct pf_input *input;
    struct pf_elements *elements;
    struct pf_replay_form form;
    struct pf_restamp restamp;
    struct pf_bad_lines bad;
    bool quiet; /* bad lines are passed over, whatever the policy is */

    struct pf_element element;       /* the one that was cut last, ... */
    struct pf_replay_element record; /* ... and what it is */

    uint64_t to_skip;    /* records before the one to begin with */
    uint64_t outside;    /* records outside of start and end */
    uint64_t lacks_from; /* the line from which it could not be unpacked */
    bool again;          /* a round of the loop has ended */
    uint64_t in_round;   /* records of this one */
    int64_t first_us;    /* time of the first record */
    int64_t last_us;     /* the latest of this round */
    int64_t rounds_us;   /* how long the rounds that have ended were */
};

/**
 * Contents: the file is open, and nothing has been read. Released whatever
 * comes of it.
 *
 * PF_CONFIG  a file cannot be opened, or a path is none
 * PF_NOMEM   memory ran out
 */
enum pf_rc pf_recording_init(struct pf_recording *recording,
                             const struct pf_replay *replay,
                             struct pf_error *err);

void pf_recording_release(struct pf_recording *recording);

/**
 * Find the next record: from replay->first on, and, in a loop, of one round
 * after another. Bad lines on the way become what they should. more: the file
 * may be read, for which the records before lose their bytes; it waits
 * timeout_ms milliseconds for them at most.
 *
 * PF_OK      recording->record is it
 * PF_AGAIN   not without more of the file, or not yet
 * PF_END     none ever again
 * PF_FORMAT  a bad line, and the policy is to stop
 * other      reading failed
 */
enum pf_rc pf_recording_next(struct pf_recording *recording, bool more,
                             int timeout_ms, struct pf_error *err);

/** The record that was found last is a bad line after all, for that reason. A
 * round of nothing else is the last one. Errors: pf_bad_lines_add()'s. */
enum pf_rc pf_recording_refuse(struct pf_recording *recording,
                               const char *reason, struct pf_error *err);

/** The time of that record, had the rounds been recorded one by one. */
static inline int64_t pf_recording_time_us(const struct pf_recording *recording)
{
    return recording->record.time_us + recording->rounds_us;
}

#endif
