/* postgres_letter.h - a record that is put aside, as a row of
 * feed_dead_letters. */
#ifndef PF_POSTGRES_LETTER_H
#define PF_POSTGRES_LETTER_H

#include "postgres_answer.h"
#include "postgres_place.h"
#include "postgres_row.h"
#include "postgres_sql.h"
#include "record.h"

/**
 * The statement that moves the place to after the record and puts it aside,
 * both or neither, in this form, which is that of a dead letter; its values are
 * added to *ret. If next_offset is not as expected, it writes nothing and
 * returns no row. why: the reason; without a verdict it is not PostgreSQL's,
 * and has no SQLSTATE.
 */
const char *pf_postgres_put_aside(const struct pf_postgres_place *place,
                                  const struct pf_record *record,
                                  enum pf_postgres_form form,
                                  const struct pf_postgres_answer *why,
                                  struct pf_postgres_row *ret);

#endif
