/* text_json.h - numbers, times and texts from outside, as JSON. */
#ifndef PF_WEB_TEXT_JSON_H
#define PF_WEB_TEXT_JSON_H

#include <json-c/json.h>
#include <stddef.h>
#include <stdint.h>

/* Each is a new object, which the caller puts. NULL is JSON's null; it is also
 * what is seen if memory runs out. */

/** A number; null if it is below 0: unknown. */
struct json_object *web_number_json(int64_t n);

/** A moment, in milliseconds since 1970, as in 2026-11-26T09:00:00.000Z; null
 * if it is negative or too late for RFC 3339. */
struct json_object *web_time_json(int64_t ms);

/** A name that somebody else has chosen, such as that of a group, as it is;
 * null if it is NULL. Bytes that are not UTF-8 are escaped. */
struct json_object *web_name_json(const char *name);

/** n bytes from outside as printable text, see printable.h. */
struct json_object *web_text_json(const char *bytes, size_t n);

#endif
