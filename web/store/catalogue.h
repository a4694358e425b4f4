/* catalogue.h - which tables the store has, as far as pf-web may read them. */
#ifndef PF_WEB_CATALOGUE_H
#define PF_WEB_CATALOGUE_H

#include "store_link.h"

/** All zero: nothing is known yet. */
struct web_catalogue {
    PF_VEC(struct web_store_table) tables; /* by name */
    bool has_schema, is_allowed;           /* to use it */
    char user[64];                         /* whom the database takes us for */
    int64_t read_ms;                       /* when; 0: it has to be read */
};

void web_catalogue_release(struct web_catalogue *catalogue);

/** True if both have the same tables, with the same columns of the same types.
 */
bool web_catalogue_is_same(const struct web_catalogue *a,
                           const struct web_catalogue *b);

/** Read it again; what it held is freed, whatever the outcome. Errors as of
 * web_store_link_run(); and PF_NOMEM. */
enum pf_rc web_catalogue_read(struct web_store_link *link, const char *schema,
                              int64_t deadline_ms,
                              struct web_catalogue *catalogue,
                              struct web_store_failure *fail);

/** The table of that name, or NULL. */
const struct web_store_table *
web_catalogue_find(const struct web_catalogue *catalogue, const char *name);

#endif
