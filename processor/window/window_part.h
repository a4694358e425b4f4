/* window_part.h - what the windows know of one partition. */
#ifndef PF_WINDOW_PART_H
#define PF_WINDOW_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vec.h"
#include "window_span.h"
#include "window_table.h"

/** The windows of all keys that begin at one time, and are not closed. */
struct pf_window_start {
    int64_t start;
    int64_t offset;       /* of the first record in one of them */
    uint32_t first, last; /* a list in the table, in the order in which the
                           * keys came */
};

/** A partition. Its windows are in the table, with its number there. */
struct pf_window_part {
    char *topic; /* owned */
    int32_t number;
    uint32_t id; /* in the table */

    int64_t time; /* stream time: the largest event time; or
                   * PF_WINDOW_NO_TIME */
    int64_t live; /* records before this offset are only read again */
    int64_t cut;  /* those from this one on; -1: none are, or not any more */
    bool begun;   /* the first of these has come */

    int64_t quiet_ms; /* when its last record came, by pf_now_ms() */
    int64_t asked_ms; /* when it was last looked whether it is at its end */

    /* In order of start; those before head are closed already. A new one is
     * nearly always the last. */
    PF_VEC(struct pf_window_start) starts;
    size_t head;
};

/** All partitions. All zero: none. */
struct pf_window_parts {
    PF_VEC(struct pf_window_part *) list; /* by their id; NULL: none has it */
    struct pf_window_part *last;          /* found last; NULL: none */
};

/** The partition; NULL: it is not there. */
struct pf_window_part *pf_window_parts_find(struct pf_window_parts *parts,
                                            const char *topic, int32_t number);

/** Add one that is not there, without windows. NULL: memory ran out. */
struct pf_window_part *pf_window_parts_add(struct pf_window_parts *parts,
                                           const char *topic, int32_t number);

/** Remove it, if it is there, and its windows from the table. */
void pf_window_parts_remove(struct pf_window_parts *parts,
                            struct pf_window_table *table, const char *topic,
                            int32_t number);

/** Free all; their windows stay in the table, to be released with that. */
void pf_window_parts_release(struct pf_window_parts *parts);

/**
 * Add a window of a key, which is not there, to the table; its first record is
 * at that offset. Returns its number in the table; PF_WINDOW_NONE: memory ran
 * out.
 */
uint32_t pf_window_part_add(struct pf_window_part *part,
                            struct pf_window_table *table, int64_t start,
                            const struct pf_window_key *key, uint64_t hash,
                            int64_t offset);

/** The windows that end first; NULL: none is open. */
static inline struct pf_window_start *
pf_window_part_first(const struct pf_window_part *part)
{
    return part->head < part->starts.n ? &part->starts.at[part->head] : NULL;
}

/** When it has to be looked whether the windows may be closed because nothing
 * has come for idle_ms, by pf_now_ms(); INT64_MAX: none is open. */
int64_t pf_window_part_due_ms(const struct pf_window_part *part,
                              int64_t idle_ms);

/** These are closed, and no more in the table. */
void pf_window_part_drop_first(struct pf_window_part *part);

/** The smallest offset of a record that is in an open window; -1: none is. */
int64_t pf_window_part_cut(const struct pf_window_part *part);

#endif
