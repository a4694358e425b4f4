/* store_filter.h - conditions on columns, in PostgREST's notation. */
#ifndef PF_WEB_STORE_FILTER_H
#define PF_WEB_STORE_FILTER_H

#include "statement.h"

/**
 * Append " AND condition" to *statement, for ?column=text: eq, neq, gt, gte,
 * lt, lte, like and ilike (* is any text), in.(a,b), is.null, is.true, is.false
 * and is.unknown, each also after not.
 *
 * PF_FORMAT  it is not one of these; *statement is then to be thrown away
 * PF_NOMEM   out of memory
 */
enum pf_rc web_store_filter(const struct web_store_column *column,
                            const char *text, struct web_statement *statement,
                            struct pf_error *err);

#endif
