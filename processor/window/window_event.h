/* window_event.h - what windows need of a record: its time, key and numbers. */
#ifndef PF_WINDOW_EVENT_H
#define PF_WINDOW_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include "decimal.h"
#include "error.h"
#include "json_find.h"
#include "record.h"
#include "window_conf.h"
#include "window_key.h"
#include "window_plan.h"

/** What is looked for in records. It points into itself: do not copy it. */
struct pf_window_reader {
    int64_t latest;   /* time that an event may have, */
    int64_t ahead_ms; /* and how far past the input's timestamp */

    struct pf_json_find finds[PF_WINDOW_MEMBERS_MAX + 2];
    size_t n_finds;
    const struct pf_json_find *time, *key; /* NULL: they are the record's */
    const struct pf_json_find *numbers;    /* n_numbers of them */
    size_t n_numbers;

    char key_room[PF_WINDOW_KEY_MAX];
};

/** A record as windows see it. */
struct pf_window_event {
    int64_t time;             /* milliseconds since 1970, 0 to the latest */
    struct pf_window_key key; /* borrowed from the record, or the reader */
    struct pf_decimal numbers[PF_WINDOW_MEMBERS_MAX]; /* of the plan's members
                                                       */
};

/** Look for what these settings, which pf_window_check() has taken, and their
 * plan say. Both are borrowed. */
void pf_window_reader_init(struct pf_window_reader *reader,
                           const struct pf_window_conf *conf,
                           const struct pf_window_plan *plan);

/**
 * Read a record; input is the one that it was made of, or itself. NULL: done.
 * Else it has no use: the kind of what is wrong, in one word, and *why has a
 * sentence.
 */
const char *pf_window_read(struct pf_window_reader *reader,
                           const struct pf_record *input,
                           const struct pf_record *record,
                           struct pf_window_event *ret, struct pf_error *why);

#endif
