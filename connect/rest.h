/* rest.h - Kafka Connect's REST API. */
#ifndef PF_REST_H
#define PF_REST_H

#include <json-c/json.h>

#include "error.h"

/** A connection to one worker, which is opened when it is first used. */
struct rest;

/**
 * Talk to the worker at url, "http://127.0.0.1:8083". rest_close() takes NULL.
 *
 * PF_NOMEM  out of memory
 */
enum pf_rc rest_open(const char *url, struct rest **ret, struct pf_error *err);
void rest_close(struct rest *rest);

/**
 * Send body (NULL: none) to path, by method, and wait for the answer. *ret is
 * its JSON, which the caller puts; NULL: it has none. A stop that is asked for
 * ends the wait.
 *
 * PF_AGAIN   nobody answers, or not now: the worker starts, or has other work
 * PF_FORMAT  the worker refuses it; *err says why, as the worker says it
 * PF_IO      the answer is not one of Kafka Connect's
 */
enum pf_rc rest_call(struct rest *rest, const char *method, const char *path,
                     const char *body, struct json_object **ret,
                     struct pf_error *err);

#endif
