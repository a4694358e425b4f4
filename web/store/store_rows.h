/* store_rows.h - rows of the store. */
#ifndef PF_WEB_STORE_ROWS_H
#define PF_WEB_STORE_ROWS_H

#include "http.h"

/** Routes: rows of a table; one row, by its key; the changes of one row. */
void web_store_rows(void *web, const struct pf_http_request *request,
                    struct pf_http_reply *reply);
void web_store_row(void *web, const struct pf_http_request *request,
                   struct pf_http_reply *reply);
void web_store_changes(void *web, const struct pf_http_request *request,
                       struct pf_http_reply *reply);

#endif
