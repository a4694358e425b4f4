/* store_list.h - a list of rows: which ones, of what, in which order, from
 * where. */
#ifndef PF_WEB_STORE_LIST_H
#define PF_WEB_STORE_LIST_H

#include <stdint.h>

#include "statement.h"

/** Rows of a list; and what is given if that is not said. */
#define WEB_STORE_ROWS_MAX 1000
#define WEB_STORE_ROWS 50

/** One column of the order. */
struct web_store_order {
    const struct web_store_column *column;
    bool descending, nulls_first;
};

struct web_store_list {
    const char *schema;
    const struct web_store_table *table;
    struct web_statement where; /* " AND condition" for each */
    PF_VEC(const struct web_store_column *) columns; /* none: all */
    PF_VEC(struct web_store_order) order;
    int64_t limit;
    char *cursor;    /* NULL: it begins */
    uint64_t number; /* of these rows in this order, once it is complete */
};

/** A list of all rows of a table, both borrowed. It cannot fail. */
struct web_store_list web_store_list_init(const char *schema,
                                          const struct web_store_table *table);
void web_store_list_release(struct web_store_list *list);

/**
 * Take a parameter: select=a,b; order=a.desc,b.asc.nullsfirst; limit=50;
 * cursor=..., which an earlier answer has given; anything else is a condition
 * on the column of that name (store_filter.h).
 *
 * PF_FORMAT  it is malformed, or there is no such column; *err has the nearest
 * PF_NOMEM   out of memory
 */
enum pf_rc web_store_list_take(struct web_store_list *list, const char *name,
                               const char *value, struct pf_error *err);

/** Complete the order after the last parameter: rows that are alike in it are
 * told apart by their key, or, of a view, by all columns that have an order. It
 * also numbers the list. PF_NOMEM: out of memory. */
enum pf_rc web_store_list_complete(struct web_store_list *list,
                                   struct pf_error *err);

#endif
