/* store.h - requests that ask the store: the tables that pf-consumer keeps in a
 * database, in one schema. They only look. */
#ifndef PF_WEB_STORE_H
#define PF_WEB_STORE_H

#include "catalogue.h"
#include "http.h"

struct web_store;

/** Get ready to ask the store: the tables of that schema, in the database that
 * conninfo leads to; both are borrowed. Empty: there is no store. Nothing is
 * connected before the first request. PF_NOMEM: out of memory. */
enum pf_rc web_store_open(const char *conninfo, const char *schema,
                          struct web_store **ret, struct pf_error *err);

/** Disconnect, once no request is left. NULL does nothing. */
void web_store_close(struct web_store *store);

/** A request that asks the store. Where a function that takes one returns false
 * or NULL, it has filled *reply with the reason. */
struct web_store_ask {
    struct web_store *store;
    const struct pf_http_request *request;
    struct pf_http_reply *reply;
    const char *schema;
    struct web_store_client *client; /* nobody else has it until the end */
    int64_t deadline_ms;
};

/** Begin. *ask must be ended if true. */
bool web_store_begin(struct web_store *store,
                     const struct pf_http_request *request,
                     struct pf_http_reply *reply, struct web_store_ask *ask);
void web_store_end(struct web_store_ask *ask);

/** What the store has. */
const struct web_catalogue *web_store_tables(struct web_store_ask *ask);

/** The table of that name; valid until the next call of these two. */
const struct web_store_table *web_store_table(struct web_store_ask *ask,
                                              const char *name);

/** Another table, while the first one stays valid; NULL, with nothing filled:
 * there is none. */
const struct web_store_table *web_store_beside(const struct web_store_ask *ask,
                                               const char *name);

/** Execute a statement, and give each row to take(). */
bool web_store_run(struct web_store_ask *ask,
                   const struct web_statement *statement, web_store_take *take,
                   void *context);

/** Refuse, as rc and *err say: PF_FORMAT is the request's mistake. Returns
 * false. */
bool web_store_refuse(struct web_store_ask *ask, enum pf_rc rc,
                      const struct pf_error *err);

#endif
