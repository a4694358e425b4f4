/* one_topic.h - a topic, its partitions and its settings. */
#ifndef PF_WEB_ONE_TOPIC_H
#define PF_WEB_ONE_TOPIC_H

#include "http.h"

/** Route: one of them. */
void web_one_topic(void *web, const struct pf_http_request *request,
                   struct pf_http_reply *reply);

#endif
