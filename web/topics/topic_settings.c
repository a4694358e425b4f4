#include "topic_settings.h"

#include "text_json.h"

static struct json_object *setting_json(const rd_kafka_ConfigEntry_t *entry,
                                        bool is_of_topic)
{
    struct json_object *json = json_object_new_object();
    const char *value = rd_kafka_ConfigEntry_is_sensitive(entry)
                            ? NULL
                            : rd_kafka_ConfigEntry_value(entry);

    json_object_object_add(json, "name",
                           web_name_json(rd_kafka_ConfigEntry_name(entry)));
    json_object_object_add(json, "value", web_name_json(value));
    json_object_object_add(
        json, "source",
        json_object_new_string(is_of_topic ? "topic" : "broker"));
    return json;
}

static struct json_object *
settings_json(const rd_kafka_ConfigResource_t *resource)
{
    struct json_object *list = json_object_new_array();
    size_t n;
    const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(
        resource, &n);

    for (size_t i = 0; i < n; i++) {
        rd_kafka_ConfigSource_t source = rd_kafka_ConfigEntry_source(
            entries[i]);

        if (source != RD_KAFKA_CONFIG_SOURCE_DEFAULT_CONFIG &&
            source != RD_KAFKA_CONFIG_SOURCE_UNKNOWN_CONFIG)
            json_object_array_add(
                list,
                setting_json(entries[i],
                             source ==
                                 RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG));
    }
    return list;
}

/* What the answer says. Nobody may be allowed to see the settings, or Kafka may
 * not get at them: the rest of the topic is shown even so. */
static struct json_object *read_answer(rd_kafka_event_t *event)
{
    size_t n;
    const rd_kafka_ConfigResource_t **told =
        rd_kafka_DescribeConfigs_result_resources(
            rd_kafka_event_DescribeConfigs_result(event), &n);

    return n && !rd_kafka_ConfigResource_error(told[0]) ? settings_json(told[0])
                                                        : NULL;
}

bool web_topic_settings(struct web_ask *ask, const char *topic,
                        struct json_object **ret)
{
    rd_kafka_queue_t *queue = rd_kafka_queue_new(ask->rk);
    rd_kafka_ConfigResource_t *resource = rd_kafka_ConfigResource_new(
        RD_KAFKA_RESOURCE_TOPIC, topic);
    rd_kafka_AdminOptions_t *options = web_kafka_options(
        ask, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
    rd_kafka_event_t *event;
    bool ok;

    rd_kafka_DescribeConfigs(ask->rk, &resource, 1, options, queue);
    event = web_kafka_answer(ask, queue, "settings of the topic");
    ok = event != NULL;
    if (ok) {
        *ret = read_answer(event);
        rd_kafka_event_destroy(event);
    }
    if (options)
        rd_kafka_AdminOptions_destroy(options);
    rd_kafka_ConfigResource_destroy(resource);
    rd_kafka_queue_destroy(queue);
    return ok;
}
