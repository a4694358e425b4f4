/* postgres_sql.h - what is said to PostgreSQL: the tables that every feed has,
 * the mapping from records to rows, and a user's files for both.
 */
#ifndef PF_POSTGRES_SQL_H
#define PF_POSTGRES_SQL_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "postgres_batch.h"

/** Most schema files. */
#define PF_POSTGRES_SCHEMAS_MAX 16

/** The texts of one feed. All zero to begin with. */
struct pf_postgres_sql {
    const char *tables; /* makes the tables of ours that are not there */
    size_t n_schemas;   /* the user's, in their order */
    char *schema_paths[PF_POSTGRES_SCHEMAS_MAX];
    char *schemas[PF_POSTGRES_SCHEMAS_MAX];
    const char *mapping_path; /* borrowed; "": prices, built in */
    char *mapping;            /* makes a function of it; NULL: built in */
};

/**
 * Read the user's files: schemas is a list of paths with commas between them,
 * mapping is one path; either may be empty. mapping is borrowed.
 *
 * PF_CONFIG  a file cannot be read, or has no text in it; *err names it
 * PF_NOMEM   memory ran out
 *
 * Whatever the outcome, pf_postgres_sql_release() it.
 */
enum pf_rc pf_postgres_sql_read(struct pf_postgres_sql *sql,
                                const char *schemas, const char *mapping,
                                struct pf_error *err);

void pf_postgres_sql_release(struct pf_postgres_sql *sql);

/** One partition's place in feed_offsets. */
struct pf_postgres_place {
    const char *topic;
    int32_t partition;
    int64_t expected; /* next_offset as it has to be; -1: nothing yet */
};

/** Asks where to go on: one row with next_offset, which may be NULL, or none.
 * The first question makes the row. */
extern const char pf_postgres_ask_position[];
enum pf_rc pf_postgres_position_values(const struct pf_postgres_place *place,
                                       struct pf_postgres_row *ret,
                                       struct pf_error *err);

/**
 * The statement that moves place behind the last of the n records and writes
 * them, both or neither. It touches no row at all (PQcmdTuples() says 0) if
 * the place is not where it has to be.
 */
const char *pf_postgres_write(const struct pf_postgres_sql *sql);
enum pf_rc pf_postgres_write_values(const struct pf_postgres_sql *sql,
                                    const struct pf_postgres_place *place,
                                    const struct pf_record *records, size_t n,
                                    struct pf_postgres_row *ret,
                                    struct pf_error *err);

/** The same for one record that is put aside, and why. */
extern const char pf_postgres_put_aside[];
enum pf_rc pf_postgres_put_aside_values(const struct pf_postgres_place *place,
                                        const struct pf_record *record,
                                        const char *sqlstate,
                                        const char *reason,
                                        struct pf_postgres_row *ret,
                                        struct pf_error *err);

#endif
