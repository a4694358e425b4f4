/* store_tables.h - what the store has: its tables, and what can be asked of
 * them. */
#ifndef PF_WEB_STORE_TABLES_H
#define PF_WEB_STORE_TABLES_H

#include "http.h"

/** Routes: the tables with their columns; the same as an OpenAPI document of
 * all paths that there are for them. */
void web_store_list_tables(void *web, const struct pf_http_request *request,
                           struct pf_http_reply *reply);
void web_store_openapi(void *web, const struct pf_http_request *request,
                       struct pf_http_reply *reply);

#endif
