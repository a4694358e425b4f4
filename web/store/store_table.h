/* store_table.h - tables of the store, as the database's catalogue has them. */
#ifndef PF_WEB_STORE_TABLE_H
#define PF_WEB_STORE_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"
#include "vec.h"

/** What a column's values are in JSON. */
enum web_store_kind {
    WEB_STORE_TEXT,
    WEB_STORE_INTEGER,
    WEB_STORE_NUMBER,
    WEB_STORE_BOOLEAN,
    WEB_STORE_DATE,
    WEB_STORE_TIME, /* with a date and a zone */
    WEB_STORE_ARRAY,
    WEB_STORE_ANY,
};

struct web_store_column {
    char *name;
    char *type; /* as PostgreSQL writes it, such as numeric(8,3) */
    char *cast; /* the same without limits, to convert a text to: numeric */
    enum web_store_kind kind;
    bool not_null;
    bool has_order; /* its values can be compared */
    size_t key;     /* its place in the table's key, from 1; 0: not in it */
};

/** A table, or a view. */
struct web_store_table {
    char *name;
    bool is_view;
    PF_VEC(struct web_store_column) columns;
    size_t n_key; /* columns of its key; 0: it has none */
};

/** Free what it has. */
void web_store_table_release(struct web_store_table *table);

/** The column of that name. NULL: there is none, and *err says so, with the
 * nearest one. */
const struct web_store_column *
web_store_column(const struct web_store_table *table, const char *name,
                 struct pf_error *err);

/** The column of that name, or NULL. */
const struct web_store_column *
web_store_has(const struct web_store_table *table, const char *name);

/** Column number i of the key, from 0 to n_key - 1. */
const struct web_store_column *
web_store_key_column(const struct web_store_table *table, size_t i);

#endif
