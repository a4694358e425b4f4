#include "store_table.h"

#include <assert.h>

#include "text.h"

void web_store_table_release(struct web_store_table *table)
{
    for (size_t i = 0; i < table->columns.n; i++) {
        free(table->columns.at[i].name);
        free(table->columns.at[i].type);
        free(table->columns.at[i].cast);
    }
    free(table->columns.at);
    free(table->name);
    *table = (struct web_store_table){0};
}

const struct web_store_column *
web_store_has(const struct web_store_table *table, const char *name)
{
    for (size_t i = 0; i < table->columns.n; i++)
        if (!strcmp(table->columns.at[i].name, name))
            return &table->columns.at[i];
    return NULL;
}

const struct web_store_column *
web_store_column(const struct web_store_table *table, const char *name,
                 struct pf_error *err)
{
    const struct web_store_column *found = web_store_has(table, name);
    struct pf_nearest nearest = pf_nearest_init(name);
    char hint[120];

    if (found)
        return found;
    for (size_t i = 0; i < table->columns.n; i++)
        pf_nearest_offer(&nearest, table->columns.at[i].name);
    pf_fail(err, PF_FORMAT, "%s has no column '%.60s'%s", table->name, name,
            pf_nearest_hint(&nearest, hint, sizeof hint));
    return NULL;
}

const struct web_store_column *
web_store_key_column(const struct web_store_table *table, size_t i)
{
    const struct web_store_column *at = table->columns.at;

    assert(i < table->n_key);
    while (at->key != i + 1)
        at++;
    return at;
}
