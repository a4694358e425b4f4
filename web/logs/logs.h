/* logs.h - routes: the logs of the feed's programs. */
#ifndef PF_WEB_LOGS_H
#define PF_WEB_LOGS_H

#include "http.h"

/** GET logs */
void web_logs_answer(void *web, const struct pf_http_request *request,
                     struct pf_http_reply *reply);

/** GET logs/{}?lines=200&level=debug: the last lines that are at least that
 * severe */
void web_log_answer(void *web, const struct pf_http_request *request,
                    struct pf_http_reply *reply);

/** GET logs/{}/events?level=debug&next=N: the lines from now on, or from where
 * logs/{} ended */
struct pf_http_stream *web_log_stream(void *web,
                                      const struct pf_http_request *request,
                                      struct pf_http_reply *reply);

#endif
