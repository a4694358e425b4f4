/* dead_letters.h - records that were refused, with the reason and where they
 * came from.
 *
 * A dead letter is the record as it is, key, value and headers, with the
 * PF_HEADER_DEAD headers (headers.h) after its own. It has no topic of its own,
 * and the time when it is written: a topic's retention counts from there, and
 * no time that the record may have can make Kafka refuse it.
 */
#ifndef PF_DEAD_LETTERS_H
#define PF_DEAD_LETTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "filter.h"
#include "record.h"
#include "source.h"

/** How many headers a dead letter has besides those of its record; one more if
 * it was shortened. */
#define PF_DEAD_HEADERS 6

/** A shortened one has a key of up to that many bytes. */
#define PF_DEAD_SHORT_KEY 256

/** What these headers can add to a record's size is far below this, in bytes: a
 * topic for dead letters allows this much more than the one they are from. */
#define PF_DEAD_ROOM 65536

/** The headers of one dead letter. Members are private to dead_letters.c. */
struct pf_dead_letter {
    const struct pf_record *record;
    size_t n_own; /* headers of the record that it has */
    struct pf_header at[PF_DEAD_HEADERS + 1];
    size_t n; /* of these */
    char reason[sizeof(struct pf_error)];
    char partition[12], offset[24], timestamp[24], left_out[24];
};

/** The dead letters of one batch. All zero: none, with nothing to free. Members
 * are private to dead_letters.c. */
struct pf_dead_letters {
    struct pf_dead_letter *letters; /* one for each of size */
    struct pf_record *records;
    uint32_t *from;
    size_t size;

    struct pf_record *merged; /* room for n_merged */
    uint32_t *merged_from;
    size_t n_merged;
};

/**
 * Make a dead letter of each of the n refusals, which are of records of the
 * batch. *ret, and what its records borrow from batch and refusals, holds until
 * the next call.
 *
 * PF_NOMEM  memory ran out
 */
enum pf_rc pf_dead_letters_make(struct pf_dead_letters *dead,
                                const struct pf_batch *batch,
                                const struct pf_refusal *refusals, size_t n,
                                struct pf_output *ret, struct pf_error *err);

/**
 * Put these letters among the records of *output, in the order of the records
 * that they are of. *output holds until the next call.
 *
 * PF_NOMEM  memory ran out
 */
enum pf_rc pf_dead_letters_merge(struct pf_dead_letters *dead,
                                 const struct pf_output *letters,
                                 struct pf_output *output,
                                 struct pf_error *err);

/** Shorten letter number i of those that were made last, which was too long for
 * its topic: without value, headers of its record and a long key, it is below
 * 2048 bytes, and says how many were left out. Where the record came from it
 * says as before. */
void pf_dead_letters_shorten(struct pf_dead_letters *dead, size_t i);

void pf_dead_letters_release(struct pf_dead_letters *dead);

/** The record of which pf_dead_letters_make() has made this one, as long as the
 * letter is in use; NULL: it is not such a letter. */
const struct pf_record *pf_dead_letter_of(const struct pf_record *record);

/** Was it shortened? It is such a letter. */
bool pf_dead_letter_is_short(const struct pf_record *letter);

/** Was this record made by pf_dead_letters_make()? For a sink that gets them
 * among others. */
bool pf_dead_letter_is(const struct pf_record *record);

/** What a dead letter says. The texts are borrowed from the record, may have
 * any byte, and do not end in a NUL. */
struct pf_dead_letter_parts {
    struct pf_header kind, reason, topic;
    int32_t partition;
    int64_t offset, timestamp;
    int64_t left_out; /* bytes of its record that are not there; 0: it was not
                       * shortened */
    size_t n_own;     /* how many headers of its record it has: the first */
};

/**
 * Read a dead letter, such as one that came from a topic.
 *
 * PF_FORMAT  it is not a dead letter; *err says what is missing
 */
enum pf_rc pf_dead_letter_read(const struct pf_record *record,
                               struct pf_dead_letter_parts *ret,
                               struct pf_error *err);

#endif
