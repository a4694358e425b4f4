/* The resources of pf-web. */
#include "assets.h"
#include "candles.h"
#include "groups.h"
#include "logs.h"
#include "metrics.h"
#include "now.h"
#include "one_group.h"
#include "one_record.h"
#include "one_topic.h"
#include "prices.h"
#include "records.h"
#include "store_rows.h"
#include "store_tables.h"
#include "topics.h"
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
    {.path = API "candles", .slow = web_candles_answer},
    {.path = API "candles/{}/{}/events", .stream = web_candles_stream},
    {.path = API "store", .slow = web_store_list_tables},
    {.path = API "store/openapi.json", .slow = web_store_openapi},
    {.path = API "store/{}", .slow = web_store_rows},
    {.path = API "store/{}/{}", .slow = web_store_row},
    {.path = API "store/{}/{}/history", .slow = web_store_changes},
    {.path = API "topics", .slow = web_topics},
    {.path = API "topics/{}", .slow = web_one_topic},
    {.path = API "topics/{}/records", .slow = web_records},
    {.path = API "topics/{}/partitions/{}/records/{}", .slow = web_one_record},
    {.path = API "topics/{}/partitions/{}/records/{}/value",
     .slow = web_one_value},
    {.path = API "groups", .slow = web_groups},
    {.path = API "groups/{}", .slow = web_one_group},
    {.path = "/metrics", .answer = web_metrics_answer},
    {.path = "/{}", .answer = web_asset_file},
    {0},
};
