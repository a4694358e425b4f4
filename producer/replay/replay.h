/* replay.h - a source of recorded events. */
#ifndef PF_REPLAY_H
#define PF_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bad_lines.h"
#include "elements.h"
#include "source.h"
#include "stats.h"

/** Bytes of the longest element that can ever be a record. */
#define PF_REPLAY_ELEMENT_MAX 1048576

/** Which recording, and how. Strings are borrowed until it closes. */
struct pf_replay {
    const char *file; /* "-": standard input */
    enum pf_form form;
    size_t limit;     /* bytes of a record's key and value together, at most */
    const char *time; /* path of the member with an element's time; "": none */
    const char *key;  /* the same for its key */
    double speed;     /* 0, or no time: not waited for */
    double max_gap_s; /* a longer pause is cut to this; 0: none is */
    bool loop;        /* begin anew at the end */
    int64_t start_us, end_us; /* only what is from start on and before end */

    bool restamp;          /* move all times so that the first is at ... */
    int64_t restamp_us;    /* ... that moment; or, */
    bool restamp_from_now; /* ... so many microseconds from now */

    enum pf_on_bad_line on_bad;
    const char *dead_letters; /* a file; for PF_BAD_LINE_KEEP */

    uint64_t first; /* position to begin with */
    uint64_t count; /* position to end before; 0: without end */

    /* When the next record is due goes into stats at due_metric, in
     * nanoseconds of the monotonic clock; 0 where none is. So many bad
     * elements there were goes into it at bad_metric. */
    struct pf_stats *stats;
    size_t due_metric, bad_metric;
};

/**
 * A source of the elements of a recording, in its order, byte for byte unless
 * they are restamped. Its position counts records: elements that are bad or
 * outside of start and end have none. Memory is bounded whatever the file.
 *
 * To begin with a later record all before it are read. Bad elements among
 * those, and those of later rounds of a loop, are passed over in silence. If
 * times are restamped from now, it is as if the run had never stopped: the
 * first record has the time that it would have had then.
 *
 * When it closes it says in the log how true its pace was. A recording that
 * ends and had no record fails with PF_FORMAT.
 *
 * PF_CONFIG  a file cannot be opened, or a path is none
 * PF_IO      the kernel gave no timer
 * PF_NOMEM   memory ran out
 */
enum pf_rc pf_replay_source_open(const struct pf_replay *replay,
                                 struct pf_source **ret, struct pf_error *err);

#endif
