/* groups.h - the groups of consumers. */
#ifndef PF_WEB_GROUPS_H
#define PF_WEB_GROUPS_H

#include "http.h"

/** Route: all of them. */
void web_groups(void *web, const struct pf_http_request *request,
                struct pf_http_reply *reply);

#endif
