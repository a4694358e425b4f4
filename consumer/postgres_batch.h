/* postgres_batch.h - copies of records for one transaction. */
#ifndef PF_POSTGRES_BATCH_H
#define PF_POSTGRES_BATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"
#include "record.h"
#include "vec.h"

/** A record of a batch that is a dead letter, and why it was put aside. */
struct pf_postgres_letter {
    size_t index;
    char kind[32];
    struct pf_error reason; /* in a sentence that begins with the kind */
};

/** Copies of records. All zero: empty, with nothing to free. */
struct pf_postgres_batch {
    size_t n, size;            /* number of records, and room for them */
    struct pf_record *records; /* their keys, values and headers are in bytes */
    char *bytes;
    size_t used, room;                         /* of bytes */
    PF_VEC(struct pf_postgres_letter) letters; /* in their order */

    /* Set by who makes the batch: PostgreSQL may refuse any record, and then
     * its headers are asked for. Else only dead letters have theirs. */
    bool keeps_headers;
};

/**
 * Append a copy of *record to *batch, which holds max records at most. A dead
 * letter (dead_letters.h) becomes the record that was refused, and is noted.
 *
 * PF_AGAIN  the batch is full
 * PF_NOMEM  memory ran out
 */
enum pf_rc pf_postgres_batch_add(struct pf_postgres_batch *batch, size_t max,
                                 const struct pf_record *record,
                                 struct pf_error *err);

/** The first dead letter from that record of the batch on, or NULL. */
static inline const struct pf_postgres_letter *
pf_postgres_batch_letter(const struct pf_postgres_batch *batch, size_t from)
{
    for (size_t i = 0; i < batch->letters.n; i++)
        if (batch->letters.at[i].index >= from)
            return &batch->letters.at[i];
    return NULL;
}

/** Empty the batch; its memory is kept for the next records. */
void pf_postgres_batch_clear(struct pf_postgres_batch *batch);

/** Free the batch's memory. */
void pf_postgres_batch_release(struct pf_postgres_batch *batch);

#endif
