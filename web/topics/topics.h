/* topics.h - the topics of the cluster. */
#ifndef PF_WEB_TOPICS_H
#define PF_WEB_TOPICS_H

#include "http.h"

/** Route: all of them. */
void web_topics(void *web, const struct pf_http_request *request,
                struct pf_http_reply *reply);

#endif
