/* replay.h - a source of recorded events. */
#ifndef PF_REPLAY_H
#define PF_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bad_lines.h"
#include "elements.h"
#include "source.h"
#include "source_start.h"

/** The longest element that can become a record, in bytes. */
#define PF_REPLAY_ELEMENT_MAX 1048576

/** Which recording to replay, and how. Strings are borrowed until the source
 * is closed. */
struct pf_replay {
    const char *file; /* "-": standard input */
    enum pf_form form;
    const char *time; /* path of the member with the time; "": no times */
    const char *key;  /* path of the member that becomes the key; "": no key */
    double speed;     /* 2: twice as fast as recorded; 0: without a pace */
    double max_gap_s; /* longer pauses are cut to this; 0: no pause is cut */
    bool loop;        /* at the end, start again from the beginning */
    int64_t start_us, end_us; /* skip times before start, and from end on */

    bool restamp;          /* shift all times so that the first one becomes */
    int64_t restamp_us;    /* this time, in microseconds since 1970, or, */
    bool restamp_from_now; /* if true, this many microseconds from now */

    enum pf_on_bad_line on_bad;
    const char *dead_letters; /* path of the file for PF_BAD_LINE_KEEP */

    struct pf_source_start start;
};

/**
 * Open a source that gives the elements of a recording in their order, byte
 * for byte unless they are restamped. Its position counts records only: bad
 * elements, and those outside of start and end, are not counted. Memory use is
 * bounded, whatever the file's size.
 *
 * To start at a later record, the source reads all records before it. Bad
 * elements among those are skipped without a message, and so are bad elements
 * in later rounds of a loop. With restamp_from_now, a later start behaves as
 * if the run had never stopped: its first record has the time that it would
 * have had without the stop, if max_gap_s has cut no pause until then. A pause
 * that was cut counts in full, so what follows it is that much too early.
 *
 * When it is closed, the source logs how well it kept its pace. If the
 * recording ends without a single record, reading fails with PF_FORMAT.
 *
 * PF_CONFIG  a file cannot be opened, or time or key is not a valid path
 * PF_IO      the kernel gave no timer
 * PF_NOMEM   memory ran out
 */
enum pf_rc pf_replay_source_open(const struct pf_replay *replay,
                                 struct pf_source **ret, struct pf_error *err);

#endif
