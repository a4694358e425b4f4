/* replay_record.h - turns an element of a recording into a record. */
#ifndef PF_REPLAY_RECORD_H
#define PF_REPLAY_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "json_scan.h"
#include "record.h"

/** Which members to look for, and which elements are records; set by the
 * caller. */
struct pf_replay_form {
    struct pf_json_find members[2]; /* time and key; either may be empty */
    int64_t start_us, end_us;       /* only times from start, before end */
    size_t limit;                   /* most bytes of value and key together */
};

enum { PF_REPLAY_TIME, PF_REPLAY_KEY };

/** The parts of an element; all pointers are into the element. */
struct pf_replay_element {
    const char *at;
    size_t len;
    int64_t time_us;  /* 0 if events have no time */
    const char *time; /* its text, without quotes; NULL: none */
    size_t time_len;
    const char *key; /* its text, without quotes; NULL: none */
    size_t key_len;
    bool key_escaped; /* that text has escapes */
};

/**
 * Find the parts of the len bytes at element.
 *
 * PF_OK      it is a record
 * PF_AGAIN   it is one, but its time is outside of start and end
 * PF_FORMAT  it is not a record; *err has the reason
 */
enum pf_rc pf_replay_examine(struct pf_replay_form *form, const char *element,
                             size_t len, struct pf_replay_element *ret,
                             struct pf_error *err);

/** The most bytes that pf_replay_make() needs for an element. */
size_t pf_replay_room(const struct pf_replay_element *element);

/**
 * Set value and key of *ret. With move, the time is moved by that many seconds.
 * A value or key that differs from the element's is written to room, which
 * has pf_replay_room() bytes; otherwise it is borrowed from the element.
 * *ret_used is the number of bytes written.
 *
 * PF_FORMAT  the time cannot be moved that far, or the key not be unescaped
 * PF_NOMEM   memory ran out
 */
enum pf_rc pf_replay_make(const struct pf_replay_element *element, bool move,
                          int64_t seconds, char *room, size_t *ret_used,
                          struct pf_record *ret, struct pf_error *err);

#endif
