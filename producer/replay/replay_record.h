/* replay_record.h - from an element of a recording to a record. */
#ifndef PF_REPLAY_RECORD_H
#define PF_REPLAY_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "json_scan.h"
#include "record.h"

/** Which members matter, and which elements; the caller's. */
struct pf_replay_form {
    struct pf_json_find members[2]; /* time and key; either may be none */
    int64_t start_us, end_us;       /* only times from start, before end */
    size_t limit;                   /* bytes of value and key together */
};

enum { PF_REPLAY_TIME, PF_REPLAY_KEY };

/** What an element is. Its parts borrow from the element. */
struct pf_replay_element {
    const char *at;
    size_t len;
    int64_t time_us;  /* 0 if no time is looked for */
    const char *time; /* its text, without quotes; NULL: none */
    size_t time_len;
    const char *key; /* its text, without quotes; NULL: none */
    size_t key_len;
    bool key_escaped; /* that text has escapes in it */
};

/**
 * Find out what the len bytes at element are.
 *
 * PF_OK      a record
 * PF_AGAIN   one whose time is outside of start and end
 * PF_FORMAT  none; *err has the reason
 */
enum pf_rc pf_replay_examine(struct pf_replay_form *form, const char *element,
                             size_t len, struct pf_replay_element *ret,
                             struct pf_error *err);

/** Bytes that pf_replay_make() may need for an element, at most. */
size_t pf_replay_room(const struct pf_replay_element *element);

/**
 * Set value and key of *ret. With move, its time is moved by so many seconds.
 * Bytes that differ from the element's are made at room, which has
 * pf_replay_room() bytes; the others are borrowed from it. *ret_used is how
 * many bytes were made.
 *
 * PF_FORMAT  the time cannot be moved so far, or the key not be unescaped
 * PF_NOMEM   memory ran out
 */
enum pf_rc pf_replay_make(const struct pf_replay_element *element, bool move,
                          int64_t seconds, char *room, size_t *ret_used,
                          struct pf_record *ret, struct pf_error *err);

#endif
