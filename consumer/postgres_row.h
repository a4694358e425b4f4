/* postgres_row.h - the values of a statement. */
#ifndef PF_POSTGRES_ROW_H
#define PF_POSTGRES_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record.h"

/** Most values of a statement: of a dead letter. */
#define PF_POSTGRES_VALUES 11

/** Values for $1, $2, ... of a statement. All zero: none yet. */
struct pf_postgres_row {
    int n;
    char *values[PF_POSTGRES_VALUES]; /* owned; a NULL pointer is SQL's NULL */
    int lengths[PF_POSTGRES_VALUES]; /* in bytes; used for binary values only */
    int formats[PF_POSTGRES_VALUES]; /* 1: binary, 0: text */
    bool incomplete;                 /* memory ran out */
};

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
