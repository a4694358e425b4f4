/* candles.h - candles of a match, live. */
#ifndef PF_WEB_CANDLES_H
#define PF_WEB_CANDLES_H

#include "http.h"

/** Routes: which topics of candles there are; and a stream of a match's candles
 * in one of them. */
void web_candles_answer(void *web, const struct pf_http_request *request,
                        struct pf_http_reply *reply);
struct pf_http_stream *web_candles_stream(void *web,
                                          const struct pf_http_request *request,
                                          struct pf_http_reply *reply);

#endif
