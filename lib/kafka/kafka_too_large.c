#include "kafka_too_large.h"

#include <inttypes.h>
#include <string.h>

#include "kafka_conf.h"
#include "text.h"

/* How long to wait for what a topic takes. */
#define ASK_MS 500

static int64_t read_max(rd_kafka_event_t *event)
{
    const rd_kafka_ConfigResource_t **resources;
    const rd_kafka_ConfigEntry_t **entries = NULL;
    size_t n = 0, n_entries = 0;
    int64_t max;

    resources = rd_kafka_DescribeConfigs_result_resources(
        rd_kafka_event_DescribeConfigs_result(event), &n);
    if (n)
        entries = rd_kafka_ConfigResource_configs(resources[0], &n_entries);
    for (size_t i = 0; i < n_entries; i++) {
        const char *name = rd_kafka_ConfigEntry_name(entries[i]);
        const char *value = rd_kafka_ConfigEntry_value(entries[i]);

        if (value && !strcmp(name, "max.message.bytes") &&
            !pf_parse_int(value, 0, INT32_MAX, &max, NULL))
            return max;
    }
    return -1;
}

int64_t pf_kafka_topic_max(rd_kafka_t *rk, const char *topic, int timeout_ms)
{
    rd_kafka_ConfigResource_t *resource = rd_kafka_ConfigResource_new(
        RD_KAFKA_RESOURCE_TOPIC, topic);
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(
        rk, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    rd_kafka_event_t *event;
    int64_t max = -1;

    rd_kafka_AdminOptions_set_request_timeout(options, timeout_ms, NULL, 0);
    rd_kafka_DescribeConfigs(rk, &resource, 1, options, queue);
    event = rd_kafka_queue_poll(queue, timeout_ms);
    if (event && !rd_kafka_event_error(event))
        max = read_max(event);
    if (event)
        rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_ConfigResource_destroy(resource);
    return max;
}

void pf_kafka_too_large(rd_kafka_t *rk, const char *topic, size_t size,
                        struct pf_error *ret)
{
    uint64_t own = pf_kafka_conf_uint(rd_kafka_conf(rk), "message.max.bytes");
    int64_t max = pf_kafka_topic_max(rk, topic, ASK_MS);

    if (size > own)
        pf_fail(ret, PF_RANGE,
                "a record of %zu bytes for %s, and message.max.bytes of the "
                "producer allows %" PRIu64,
                size, topic, own);
    else if (max >= 0)
        pf_fail(ret, PF_RANGE,
                "a record of %zu bytes for %s, which takes %" PRId64
                " with what Kafka adds (max.message.bytes)",
                size, topic, max);
    else
        pf_fail(
            ret, PF_RANGE,
            "a record of %zu bytes for %s, which takes fewer "
            "(max.message.bytes): how many is not known, as this user would "
            "need the right to DESCRIBE_CONFIGS",
            size, topic);
}
