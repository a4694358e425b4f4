/* feed_json.h - the state of the feed as JSON. */
#ifndef PF_FEED_JSON_H
#define PF_FEED_JSON_H

#include <json-c/json.h>

#include "feed_now.h"

/** Each is a new object, which the caller puts; NULL: out of memory. */
struct json_object *web_now_json(const struct web_feed_now *now);
struct json_object *web_health_json(const struct web_feed_now *now);
struct json_object *web_history_json(const struct web_history *history);

#endif
