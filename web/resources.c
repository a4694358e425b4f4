/* The resources of pf-web. */
#include "assets.h"
#include "logs.h"
#include "metrics.h"
#include "now.h"
#include "prices.h"
#include "web.h"

#define API "/api/v1/"

const struct pf_http_route web_routes[] = {
    {.path = "/", .answer = web_asset_page},
    {.path = API "openapi.json", .answer = web_asset_openapi},
    {.path = "/health", .answer = web_health_answer, .is_open = true},
    {.path = "/ready", .answer = web_ready_answer, .is_open = true},
    {.path = API "now", .answer = web_now_answer},
    {.path = API "now/events", .stream = web_now_stream},
    {.path = API "history", .slow = web_history_answer},
    {.path = API "logs", .slow = web_logs_answer},
    {.path = API "logs/{}", .slow = web_log_answer},
    {.path = API "logs/{}/events", .stream = web_log_stream},
    {.path = API "prices", .answer = web_prices_list},
    {.path = API "prices/events", .stream = web_prices_stream},
    {.path = "/metrics", .answer = web_metrics_answer},
    {.path = "/{}", .answer = web_asset_file},
    {0},
};
