/* store_openapi.h - the store as an OpenAPI document, made of the catalogue. */
#ifndef PF_WEB_STORE_OPENAPI_H
#define PF_WEB_STORE_OPENAPI_H

#include <json-c/json.h>

#include "catalogue.h"

/** A document with the paths of each table and view. It is the caller's. */
struct json_object *
web_store_openapi_json(const char *schema,
                       const struct web_catalogue *catalogue);

#endif
