/* postgres_batch.h - copies of records for one transaction, and the values of
 * the statement that writes them. */
#ifndef PF_POSTGRES_BATCH_H
#define PF_POSTGRES_BATCH_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "postgres_link.h"
#include "record.h"
#include "vec.h"

/** A record of a batch that is a dead letter, and why it was put aside. */
struct pf_postgres_letter {
    size_t index;
    struct pf_error reason;
};

/** Copies of records. All zero: empty, with nothing to free. */
struct pf_postgres_batch {
    size_t n, size;            /* number of records, and room for them */
    struct pf_record *records; /* their keys and values are in bytes */
    char *bytes;
    size_t used, room;                         /* of bytes */
    PF_VEC(struct pf_postgres_letter) letters; /* in their order */
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

/*
 * Each of these adds a value to a row. If memory runs out, the row becomes
 * incomplete.
 */

/** A text; NULL: SQL's NULL. */
void pf_postgres_put_text(struct pf_postgres_row *row, const char *text);

/** A number, as text; below 0: SQL's NULL. */
void pf_postgres_put_number(struct pf_postgres_row *row, int64_t number);

/** len bytes, as a bytea; NULL: SQL's NULL. */
void pf_postgres_put_bytes(struct pf_postgres_row *row, const void *bytes,
                           size_t len);

/** The record's time in milliseconds since 1970; -1: it has none, or one
 * outside the range of PostgreSQL's timestamps. */
int64_t pf_postgres_time(const struct pf_record *record);

/** What pf_postgres_put_column() takes from each record. */
enum pf_postgres_column {
    PF_POSTGRES_OFFSET,    /* int8[] */
    PF_POSTGRES_TIME,      /* int8[]: pf_postgres_time(), or NULL */
    PF_POSTGRES_MATCH,     /* int8[] */
    PF_POSTGRES_TICKS,     /* int8[]: price in hundredths */
    PF_POSTGRES_KEY,       /* text[]; also NULL if the key is not UTF-8 or has
                            * a NUL: PostgreSQL's text cannot hold it */
    PF_POSTGRES_NO_KEY,    /* text[], all NULL */
    PF_POSTGRES_KEY_BYTES, /* bytea[] */
    PF_POSTGRES_VALUE,     /* text[] */
};

/**
 * An array with one element for each of the n records. For MATCH and TICKS,
 * each record's value has to be a price in canonical text (price.h).
 */
void pf_postgres_put_column(struct pf_postgres_row *row,
                            const struct pf_record *records, size_t n,
                            enum pf_postgres_column column);

/** Free the values; the row is empty then. */
void pf_postgres_row_release(struct pf_postgres_row *row);

#endif
