/* store_cursor.h - where a list of rows goes on: the values that its last row
 * has in the columns of the order.
 *
 * Rows that come, change or go meanwhile move nothing: the next rows are those
 * after these values, however many there are before them.
 */
#ifndef PF_WEB_STORE_CURSOR_H
#define PF_WEB_STORE_CURSOR_H

#include "store_list.h"

/** Put an expression: the row's place, as JSON. */
void web_store_put_place(struct web_statement *statement,
                         const struct web_store_list *list);

/**
 * Append the condition of the list's cursor, if it has one, to list->where:
 * only rows after it. The list is complete.
 *
 * PF_FORMAT  it is not a cursor, or one of another list
 * PF_NOMEM   out of memory
 */
enum pf_rc web_store_put_after(struct web_store_list *list,
                               struct pf_error *err);

/** Append the cursor of a row's place to token: letters, digits and '-'. False:
 * there is no order, or the place is too long for a request. */
bool web_store_cursor(const struct web_store_list *list, const char *place,
                      struct pf_buffer *token);

#endif
