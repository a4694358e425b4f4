/* one_record.h - one record of a topic. */
#ifndef PF_WEB_ONE_RECORD_H
#define PF_WEB_ONE_RECORD_H

#include "http.h"

/** Routes: the record at an offset; and the bytes of its value. */
void web_one_record(void *web, const struct pf_http_request *request,
                    struct pf_http_reply *reply);
void web_one_value(void *web, const struct pf_http_request *request,
                   struct pf_http_reply *reply);

#endif
