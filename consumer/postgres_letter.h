/* postgres_letter.h - a record that is put aside, as a row of
 * feed_dead_letters. */
#ifndef PF_POSTGRES_LETTER_H
#define PF_POSTGRES_LETTER_H

#include <stdbool.h>

#include "error.h"
#include "postgres_answer.h"
#include "postgres_place.h"
#include "postgres_row.h"
#include "postgres_sql.h"
#include "record.h"

/** A record is put aside: why, and what of it cannot be kept. */
struct pf_postgres_aside {
    const char *kind; /* what is wrong, in one word; borrowed */

    /* Without a verdict it is not PostgreSQL's, and has no SQLSTATE. */
    struct pf_postgres_answer why;

    struct pf_error cut; /* why a longer form was refused; empty: none was */
    bool ascii;          /* the database may lack all other characters */
};

/**
 * The statement that moves the place to after the record and puts it aside,
 * both or neither, in this form, which is that of a dead letter; its values are
 * added to *ret. If next_offset is not as expected, it writes nothing and
 * returns no row.
 */
const char *pf_postgres_put_aside(const struct pf_postgres_place *place,
                                  const struct pf_record *record,
                                  enum pf_postgres_form form,
                                  const struct pf_postgres_aside *aside,
                                  struct pf_postgres_row *ret);

#endif
