/* statement.h - a statement of SQL and the values that are bound to it.
 *
 * What comes from a request is only ever a bound value. A name is put as an
 * identifier, and comes from the database's catalogue.
 */
#ifndef PF_WEB_STATEMENT_H
#define PF_WEB_STATEMENT_H

#include "buffer.h"
#include "store_table.h"
#include "vec.h"

/** The value of a parameter. */
struct web_value {
    char *text;                        /* owned */
    const struct web_store_column *of; /* for messages; NULL: none */
};

/** All zero: empty. text.failed: memory ran out. */
struct web_statement {
    struct pf_buffer text;
    PF_VEC(struct web_value) values; /* of $1, $2, ... */
};

void web_statement_release(struct web_statement *statement);

/** Append SQL; a name, quoted; "t"."name" for a column. */
void web_put_sql(struct web_statement *statement, const char *sql);
void web_put_name(struct web_statement *statement, const char *name);
void web_put_column(struct web_statement *statement,
                    const struct web_store_column *column);

/** Append "schema"."table". */
void web_put_table(struct web_statement *statement, const char *schema,
                   const struct web_store_table *table);

/** Append $n, whose value is a copy of text. */
void web_put_value(struct web_statement *statement, const char *text,
                   const struct web_store_column *of);

/** End it with a NUL, so that text.at is a string. PF_NOMEM: memory ran out,
 * for any of what was put. */
enum pf_rc web_statement_end(struct web_statement *statement,
                             struct pf_error *err);

#endif
