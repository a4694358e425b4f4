/* one_group.h - a group of consumers, its members and positions. */
#ifndef PF_WEB_ONE_GROUP_H
#define PF_WEB_ONE_GROUP_H

#include "http.h"

/** Route: one of them. */
void web_one_group(void *web, const struct pf_http_request *request,
                   struct pf_http_reply *reply);

#endif
