/* store_select.h - the statements that read the store. */
#ifndef PF_WEB_STORE_SELECT_H
#define PF_WEB_STORE_SELECT_H

#include "store_list.h"
#include "store_words.h"

/** The key of a row, as its path has it. */
struct web_store_key {
    const struct web_store_table *table;
    struct web_words words; /* one for each column of the key */
};

/**
 * Parse text, the key of a row of table: of a key with one column, its value as
 * it is; of one with several, values with commas in between (store_words.h).
 *
 * PF_FORMAT  it has too few values or too many, or the table has no key
 * PF_NOMEM   out of memory
 *
 * Whatever the outcome, release *ret.
 */
enum pf_rc web_store_key_parse(const struct web_store_table *table,
                               const char *text, struct web_store_key *ret,
                               struct pf_error *err);

/* Of the statements below: PF_NOMEM, out of memory; and what else is said.
 * Whatever the outcome, release *ret. */

/** The row of that key as JSON: of the list's columns, where no condition or
 * order plays a part. */
enum pf_rc web_store_select_one(const struct web_store_list *list,
                                const struct web_store_key *key,
                                struct web_statement *ret,
                                struct pf_error *err);

/**
 * The list, after its last parameter: of each row JSON, and its place (see
 * web_store_cursor()); one row more than the limit. The list is then complete,
 * and its conditions are the statement's.
 *
 * PF_FORMAT  the cursor is not one of this list
 */
enum pf_rc web_store_select(struct web_store_list *list,
                            struct web_statement *ret, struct pf_error *err);

/**
 * Begin a list of the changes of the row with that key; history is the table
 * that they are in.
 *
 * PF_FORMAT  it has not the columns of a history
 */
enum pf_rc web_store_history(const char *schema,
                             const struct web_store_table *history,
                             const struct web_store_key *key,
                             struct web_store_list *ret, struct pf_error *err);

#endif
