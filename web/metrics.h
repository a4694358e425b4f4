/* metrics.h - /metrics: what the feed's programs count, and what pf-web sees.
 */
#ifndef PF_WEB_METRICS_H
#define PF_WEB_METRICS_H

#include "http.h"
#include "stats.h"

/** What pf-web itself has to say, in the order of web_metrics. */
enum web_metric {
    WEB_HEALTHY,   /* set once a second */
    WEB_BROKER_UP, /* the same */
    WEB_DATA_FREE,
    WEB_DATA_SIZE,
    WEB_METRICS,
};

extern const struct pf_metric web_metrics[WEB_METRICS];

/** Route: the metrics of all programs of the feed, and of pf-web. */
void web_metrics_answer(void *web, const struct pf_http_request *request,
                        struct pf_http_reply *reply);

#endif
