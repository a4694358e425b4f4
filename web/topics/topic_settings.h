/* topic_settings.h - the settings of a topic that somebody has changed. */
#ifndef PF_WEB_TOPIC_SETTINGS_H
#define PF_WEB_TOPIC_SETTINGS_H

#include <json-c/json.h>

#include "questions.h"

/** Those that differ from Kafka's default, as the API has them; null if Kafka
 * does not tell them. False: refused. */
bool web_topic_settings(struct web_ask *ask, const char *topic,
                        struct json_object **ret);

#endif
