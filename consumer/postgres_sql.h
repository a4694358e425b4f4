/* postgres_sql.h - the SQL: the tables that every feed has, the mapping from
 * records to rows, and the user's files for both.
 */
#ifndef PF_POSTGRES_SQL_H
#define PF_POSTGRES_SQL_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"
#include "postgres_place.h"
#include "postgres_row.h"
#include "record.h"

/** Most schema files. */
#define PF_POSTGRES_SCHEMAS_MAX 16

/** Gives feed_dead_letters the columns that its first versions lack. */
#define PF_POSTGRES_ADD_COLUMNS                                    \
    "ALTER TABLE feed_dead_letters ADD COLUMN IF NOT EXISTS kind " \
    "text, ADD COLUMN IF NOT EXISTS headers jsonb"

/** The SQL of one feed. All zero at first. */
struct pf_postgres_sql {
    const char *tables; /* creates our tables if they are missing */
    size_t n_schemas;   /* the user's, in their order */
    char *schema_paths[PF_POSTGRES_SCHEMAS_MAX];
    char *schemas[PF_POSTGRES_SCHEMAS_MAX];
    const char *mapping_path; /* borrowed; "": prices, built in */
    char *mapping;            /* creates a function of it; NULL: built in */
    bool wants_key_hex;       /* the mapping reads the member key_hex */
};

/**
 * Read the user's files: schemas is a list of paths separated by commas,
 * mapping is one path; either may be empty. mapping is borrowed.
 *
 * PF_CONFIG  a file cannot be read, or is not text; *err names it
 * PF_NOMEM   memory ran out
 *
 * Whatever the outcome, pf_postgres_sql_release() it.
 */
enum pf_rc pf_postgres_sql_read(struct pf_postgres_sql *sql,
                                const char *schemas, const char *mapping,
                                struct pf_error *err);

void pf_postgres_sql_release(struct pf_postgres_sql *sql);

/**
 * How records are written. The first form that PostgreSQL accepts is used; all
 * but the first are for a single record only.
 */
enum pf_postgres_form {
    PF_POSTGRES_ROWS,
    PF_POSTGRES_ROW_WITHOUT_KEY, /* its key as text is NULL */
    PF_POSTGRES_DEAD_LETTER,
    PF_POSTGRES_SHORT_DEAD_LETTER, /* without kind and headers */
    PF_POSTGRES_BARE_DEAD_LETTER,  /* without time, key and value, either */
    PF_POSTGRES_SKIPPED,           /* not at all: only the place moves */
};

/** Does this form put a record aside? */
static inline bool pf_postgres_is_letter(enum pf_postgres_form form)
{
    return form >= PF_POSTGRES_DEAD_LETTER && form != PF_POSTGRES_SKIPPED;
}

/**
 * The statement that moves the place to after the last of the n records and
 * writes them, or skips them, both or neither; its values are added to *ret. If
 * next_offset is not as expected, it writes nothing and returns no row. For
 * dead letters see postgres_letter.h.
 */
const char *pf_postgres_write(const struct pf_postgres_sql *sql,
                              const struct pf_postgres_place *place,
                              const struct pf_record *records, size_t n,
                              enum pf_postgres_form form,
                              struct pf_postgres_row *ret);

#endif
