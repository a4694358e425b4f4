/* postgres_batch.h - records on their way into one transaction. */
#ifndef PF_POSTGRES_BATCH_H
#define PF_POSTGRES_BATCH_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "postgres_link.h"
#include "record.h"

/** Copies of records. All zero: empty, with nothing to free. */
struct pf_postgres_batch {
    size_t n, size;            /* records: there are, there is room for */
    struct pf_record *records; /* key and value are in bytes */
    char *bytes;
    size_t used, room; /* bytes */
};

/**
 * Copy *record to the end of *batch, which holds max records at most.
 *
 * PF_AGAIN  it has no room for this one
 * PF_NOMEM  memory ran out
 */
enum pf_rc pf_postgres_batch_add(struct pf_postgres_batch *batch, size_t max,
                                 const struct pf_record *record,
                                 struct pf_error *err);

/** Empty it; its memory stays for the next records. */
void pf_postgres_batch_clear(struct pf_postgres_batch *batch);

/** Free what it has. */
void pf_postgres_batch_release(struct pf_postgres_batch *batch);

/** Values of a statement, in the making. All zero: none. */
struct pf_postgres_row {
    int n;
    char *values[9]; /* owned */
    int lengths[9];
    int formats[9];
};

/** The next value: the text; NULL: NULL. */
enum pf_rc pf_postgres_put_text(struct pf_postgres_row *row, const char *text,
                                struct pf_error *err);

/** The next value: the number, as text; below 0: NULL. */
enum pf_rc pf_postgres_put_number(struct pf_postgres_row *row, int64_t number,
                                  struct pf_error *err);

/** The next value: len bytes, a bytea; NULL: NULL. */
enum pf_rc pf_postgres_put_bytes(struct pf_postgres_row *row, const void *bytes,
                                 size_t len, struct pf_error *err);

/** The record's time in milliseconds since 1970; -1: it has none, or one that
 * PostgreSQL's timestamps cannot be. */
int64_t pf_postgres_time(const struct pf_record *record);

/** What pf_postgres_put_column() makes a column of. */
enum pf_postgres_column {
    PF_POSTGRES_OFFSET,    /* int8[] */
    PF_POSTGRES_TIME,      /* int8[]: pf_postgres_time(), or NULL */
    PF_POSTGRES_MATCH,     /* int8[] */
    PF_POSTGRES_TICKS,     /* int8[]: price in hundredths */
    PF_POSTGRES_KEY,       /* text[]; NULL, too, if it is not UTF-8 or has a
                            * NUL: PostgreSQL's text cannot hold it */
    PF_POSTGRES_NO_KEY,    /* text[], of NULLs */
    PF_POSTGRES_KEY_BYTES, /* bytea[] */
    PF_POSTGRES_VALUE,     /* text[] */
};

/**
 * The next value: an array of one thing of each of the n records. For MATCH
 * and TICKS each value is a price in canonical text (price.h).
 */
enum pf_rc pf_postgres_put_column(struct pf_postgres_row *row,
                                  const struct pf_record *records, size_t n,
                                  enum pf_postgres_column column,
                                  struct pf_error *err);

/** Borrow it as what a statement takes. */
struct pf_postgres_values
pf_postgres_row_values(const struct pf_postgres_row *row);

/** Free the values, and have none. */
void pf_postgres_row_release(struct pf_postgres_row *row);

#endif
