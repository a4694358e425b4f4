/* describe.h - what Kafka says of groups of consumers. */
#ifndef PF_WEB_DESCRIBE_H
#define PF_WEB_DESCRIBE_H

#include <json-c/json.h>

#include "questions.h"

/** Ask for the descriptions of n groups, 1 at least, of different names: an
 * event that the caller destroys. NULL: refused. */
rd_kafka_event_t *web_describe(struct web_ask *ask, const char *const *groups,
                               size_t n);

/** That group in the event. NULL: *ret_why says why Kafka does not tell. */
const rd_kafka_ConsumerGroupDescription_t *
web_described(rd_kafka_event_t *event, const char *group,
              rd_kafka_resp_err_t *ret_why);

/** Its state in Kafka's words, such as "Stable"; null of NULL. */
struct json_object *
web_group_state_json(const rd_kafka_ConsumerGroupDescription_t *group);

#endif
