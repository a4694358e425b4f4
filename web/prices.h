/* prices.h - the last price of each match, live. */
#ifndef PF_WEB_PRICES_H
#define PF_WEB_PRICES_H

#include "http.h"

struct web_prices;

/**
 * Prices come from the table that the consumer keeps in the directory run, see
 * price_table.h; it may come later, or be replaced. An empty run: there will be
 * none. PF_NOMEM: out of memory.
 */
enum pf_rc web_prices_open(const char *run, struct web_prices **ret,
                           struct pf_error *err);
void web_prices_close(struct web_prices *prices);

/** Routes: all matches; and a stream of those that change. */
void web_prices_list(void *web, const struct pf_http_request *request,
                     struct pf_http_reply *reply);
struct pf_http_stream *web_prices_stream(void *web,
                                         const struct pf_http_request *request,
                                         struct pf_http_reply *reply);

#endif
