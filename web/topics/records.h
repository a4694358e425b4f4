/* records.h - the records of a topic. */
#ifndef PF_WEB_RECORDS_H
#define PF_WEB_RECORDS_H

#include "http.h"

/** Route: a list of them, with or without a text in them. */
void web_records(void *web, const struct pf_http_request *request,
                 struct pf_http_reply *reply);

#endif
