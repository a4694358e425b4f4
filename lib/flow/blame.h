/* blame.h - which record it is that a sink refuses.
 *
 * A sink that takes back what it was given says that it was because of a record
 * that will be refused again, but not which one. So it is all written again a
 * few records at a time, half as many each time, until it is one alone. That
 * one is put aside when it comes again, and the others get more and more at a
 * time, until there is no limit.
 *
 * It is the record that was read which is put aside, whatever it becomes. Where
 * a filter keeps state, many records make a result: then it is the result.
 *
 * A dead letter may be too long for its topic, too. It is found in the same
 * way, and shortened: where its record came from is what one has to know of it.
 */
#ifndef PF_BLAME_H
#define PF_BLAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dead_letters.h"
#include "error.h"
#include "filter.h"
#include "source.h"
#include "vec.h"

/** A record that was found, or whose dead letter was. */
struct pf_blamed {
    bool of_letter;
    char *name; /* the topic of one that was read, or the key of a result;
                 * owned */
    size_t len;
    int32_t partition;
    int64_t at; /* its offset, or its time */
    bool is_aside;
    struct pf_error why; /* not of_letter */
};

/** All zero: nobody is suspected. The caller sets the first two. Others but
 * most are private to blame.c. */
struct pf_blame {
    bool of_results; /* the filter keeps state */
    bool aside;      /* results are put aside as dead letters, or left out */
    size_t most;     /* records at a time; 0: any number */

    PF_VEC(struct pf_blamed) list;
    PF_VEC(struct pf_refusal) refusals;
    PF_VEC(struct pf_record) results;
    PF_VEC(uint32_t) from;
    struct pf_dead_letters dead;
};

/** What was written and is not final is taken back, whatever the reason. */
void pf_blame_taken_back(struct pf_blame *blame);

/** One of n records is refused. n is not 1; 0: nobody knows how many. */
void pf_blame_narrow(struct pf_blame *blame, size_t n);

/**
 * It is this one, because of *why: a result, or what was made of a record that
 * was read.
 *
 * PF_NOMEM  memory ran out
 */
enum pf_rc pf_blame_add(struct pf_blame *blame, const struct pf_record *record,
                        const struct pf_error *why, struct pf_error *err);

/**
 * It is the dead letter of this record or result. When it comes again it is
 * shortened.
 *
 * PF_NOMEM  memory ran out
 */
enum pf_rc pf_blame_letter(struct pf_blame *blame,
                           const struct pf_record *record,
                           struct pf_error *err);

/** Of the dead letters that were made of n refusals, shorten those that were
 * found. */
void pf_blame_letters(struct pf_blame *blame, struct pf_dead_letters *dead,
                      const struct pf_refusal *refusals, size_t n);

/** What was written since the last call, or since the last that was refused, is
 * final. */
void pf_blame_passed(struct pf_blame *blame);

/**
 * Refuse those of a batch that were found. What *batch gets is borrowed until
 * the next call.
 *
 * PF_NOMEM  memory ran out
 */
enum pf_rc pf_blame_batch(struct pf_blame *blame, struct pf_batch *batch,
                          struct pf_error *err);

/** Put those results aside that were found, in their places. Likewise. */
enum pf_rc pf_blame_results(struct pf_blame *blame,
                            struct pf_filtered *filtered, struct pf_error *err);

/** The next records of a batch to be written at a time, from index at on. */
struct pf_batch pf_blame_slice(const struct pf_blame *blame,
                               const struct pf_batch *batch, size_t at);

void pf_blame_release(struct pf_blame *blame);

#endif
