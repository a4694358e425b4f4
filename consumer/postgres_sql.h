/* postgres_sql.h - what is said to PostgreSQL: the tables that every feed has,
 * the mapping from records to rows, and a user's files for both.
 */
#ifndef PF_POSTGRES_SQL_H
#define PF_POSTGRES_SQL_H

#include <stdbool.h>
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
    bool wants_key_hex;       /* it reads that member of the objects */
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

/**
 * Asks where to go on: one row with next_offset, which may be NULL. The first
 * question makes the row. It waits for a transaction that is moving it: that of
 * a connection, or of a consumer, that has just ended. From then on a lock is
 * waited for a little less than statement_timeout, so that what takes long by
 * itself can be told from what waits for others.
 */
extern const char pf_postgres_ask_position[];
enum pf_rc pf_postgres_position_values(const struct pf_postgres_place *place,
                                       struct pf_postgres_row *ret,
                                       struct pf_error *err);

/**
 * What is made of records. The first form that PostgreSQL takes is used; any
 * but the first only of one record by itself.
 */
enum pf_postgres_form {
    PF_POSTGRES_ROWS,
    PF_POSTGRES_ROW_WITHOUT_KEY, /* its key as text is NULL */
    PF_POSTGRES_DEAD_LETTER,
    PF_POSTGRES_BARE_DEAD_LETTER, /* without time, key and value */
};

/**
 * The statement that moves place behind the last of the n records and writes
 * them, both or neither. It writes nothing, and answers with no row, if the
 * place is not where it has to be. why is of dead letters.
 */
const char *pf_postgres_write(const struct pf_postgres_sql *sql,
                              enum pf_postgres_form form);
enum pf_rc pf_postgres_write_values(const struct pf_postgres_sql *sql,
                                    const struct pf_postgres_place *place,
                                    const struct pf_record *records, size_t n,
                                    enum pf_postgres_form form,
                                    const struct pf_postgres_answer *why,
                                    struct pf_postgres_row *ret,
                                    struct pf_error *err);

#endif
