/* jq_csv.h - a table in CSV as a value of libjq's, to look things up in.
 *
 * As RFC 4180 has it: fields are separated by commas; one with a comma, a
 * quote or the end of a line in it is in quotes, and the quote in it is
 * doubled. Lines end in LF or CRLF, all bytes are UTF-8. The first line has the
 * names of the columns; empty lines do not count.
 */
#ifndef PF_JQ_CSV_H
#define PF_JQ_CSV_H

#include <jv.h>
#include <stddef.h>

#include "error.h"

/**
 * The value of the len bytes at csv; jv_free() it. It is an object of rows by
 * their first field, each an object of fields by their column's name:
 *
 *     id,owner          {"d1": {"id": "d1", "owner": "ann"},
 *     d1,ann             "d2": {"id": "d2", "owner": "bob"}}
 *     d2,bob
 *
 * so that a record needs one step to find its row, and not a look at all of
 * them. Fields are strings: nothing else would keep 007 and 1e3 as they are.
 *
 * PF_FORMAT  it is not such a table; *err says why, and *ret_line is the line,
 *            from 1
 * PF_NOMEM   memory ran out
 */
enum pf_rc pf_jq_csv(const char *csv, size_t len, jv *ret, size_t *ret_line,
                     struct pf_error *err);

#endif
