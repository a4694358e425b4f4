/* The resources of pf-web. */
#include "assets.h"
#include "metrics.h"
#include "prices.h"
#include "web.h"

#define API "/api/v1/"

const struct pf_http_route web_routes[] = {
    {.path = "/", .answer = web_asset_page},
    {.path = API "openapi.json", .answer = web_asset_openapi},
    {.path = API "prices", .answer = web_prices_list},
    {.path = API "prices/events", .stream = web_prices_stream},
    {.path = "/metrics", .answer = web_metrics_answer},
    {.path = "/{}", .answer = web_asset_file},
    {0},
};
