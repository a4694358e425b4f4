/* replay_conf.h - which recording to replay, and how. */
#ifndef PF_REPLAY_CONF_H
#define PF_REPLAY_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "elements.h"
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

    struct pf_source_start start;
};

#endif
