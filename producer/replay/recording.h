/* recording.h - the records of a recording, one after another. */
#ifndef PF_RECORDING_H
#define PF_RECORDING_H

#include <stdbool.h>
#include <stdint.h>

#include "elements.h"
#include "input.h"
#include "replay_conf.h"
#include "replay_record.h"
#include "restamp.h"

/** A recording that is being read. Its owner may read all members. */
struct pf_recording {
    const struct pf_replay *replay; /* which, and how; borrowed */
    struct pf_input *input;
    struct pf_elements *elements;
    struct pf_replay_form form;
    struct pf_restamp restamp;
    uint64_t bad; /* bad lines that were returned */
    bool quiet;   /* skip them instead */

    struct pf_element element;       /* the last one that was cut, */
    struct pf_replay_element record; /* and its parts */

    uint64_t to_skip;    /* records left before the first one to give */
    uint64_t outside;    /* records outside of start and end */
    uint64_t lacks_from; /* line from which unpacking failed; 0: none */
    bool again;          /* a round of the loop has ended */
    uint64_t in_round;   /* records of this round so far */
    int64_t first_us;    /* time of the first record */
    int64_t last_us;     /* latest time in this round */
    int64_t rounds_us;   /* total length of the rounds that have ended */
};

/**
 * Open the files; nothing is read yet. Whatever the outcome,
 * pf_recording_release() it.
 *
 * PF_CONFIG  a file cannot be opened, or time or key is not a valid path
 * PF_NOMEM   memory ran out
 */
enum pf_rc pf_recording_init(struct pf_recording *recording,
                             const struct pf_replay *replay,
                             struct pf_error *err);

void pf_recording_release(struct pf_recording *recording);

/**
 * Find the next record, from replay->start.first on; in a loop, round after
 * round. With more, the file may be read, which invalidates the bytes of
 * earlier records; this waits timeout_ms milliseconds at most.
 *
 * PF_OK      recording->record is it
 * PF_AGAIN   more of the file has to be read, or has not come yet
 * PF_END     there are no more
 * PF_FORMAT  a bad line comes first: recording->element; *err says what is
 * wrong with it. Of one that is too long there are only its first bytes other
 * reading failed
 */
enum pf_rc pf_recording_next(struct pf_recording *recording, bool more,
                             int timeout_ms, struct pf_error *err);

/** The last record is a bad line after all. A round with nothing but bad lines
 * is the last one. */
void pf_recording_refuse(struct pf_recording *recording);

/** The last record's time, as if the rounds had been recorded one after the
 * other. */
static inline int64_t pf_recording_time_us(const struct pf_recording *recording)
{
    return recording->record.time_us + recording->rounds_us;
}

#endif
