/* now.h - routes: how the feed is now, and was in the last ten minutes. */
#ifndef PF_WEB_NOW_H
#define PF_WEB_NOW_H

#include "feed_now.h"
#include "http.h"

/** What the streams of now/events share: each event is made once. The serving
 * thread's own. PF_NOMEM: out of memory. */
struct web_now;
enum pf_rc web_now_new(struct web_feed *feed, struct web_now **ret,
                       struct pf_error *err);
void web_now_free(struct web_now *now);

/** Routes: now; now/events, once a second; history. */
void web_now_answer(void *web, const struct pf_http_request *request,
                    struct pf_http_reply *reply);
struct pf_http_stream *web_now_stream(void *web,
                                      const struct pf_http_request *request,
                                      struct pf_http_reply *reply);
void web_history_answer(void *web, const struct pf_http_request *request,
                        struct pf_http_reply *reply);

/** Routes: is the feed healthy, does the broker answer: 200 if so, else 503. */
void web_health_answer(void *web, const struct pf_http_request *request,
                       struct pf_http_reply *reply);
void web_ready_answer(void *web, const struct pf_http_request *request,
                      struct pf_http_reply *reply);

#endif
