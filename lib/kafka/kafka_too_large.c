#include "kafka_too_large.h"

#include <inttypes.h>

#include "kafka_conf.h"
#include "kafka_topics.h"

/* How long to wait for what a topic takes. */
#define ASK_MS 500

static int64_t read_max(rd_kafka_event_t *event)
{
    size_t n = 0;
    const rd_kafka_ConfigResource_t **resources =
        rd_kafka_DescribeConfigs_result_resources(
            rd_kafka_event_DescribeConfigs_result(event), &n);

    return n ? pf_kafka_described_max(resources[0]) : -1;
}

/* Ask for the topic's max.message.bytes; -1: it is not known. */
static int64_t ask_max(rd_kafka_t *rk, const char *topic)
{
    rd_kafka_ConfigResource_t *resource = rd_kafka_ConfigResource_new(
        RD_KAFKA_RESOURCE_TOPIC, topic);
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(
        rk, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    rd_kafka_event_t *event;
    int64_t max = -1;

    rd_kafka_AdminOptions_set_request_timeout(options, ASK_MS, NULL, 0);
    rd_kafka_DescribeConfigs(rk, &resource, 1, options, queue);
    event = rd_kafka_queue_poll(queue, ASK_MS);
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
    int64_t max;

    if (size > own) {
        pf_fail(ret, PF_RANGE,
                "a record of %zu bytes for %s, and message.max.bytes of the "
                "producer allows %" PRIu64,
                size, topic, own);
        return;
    }
    max = ask_max(rk, topic);
    if (max >= 0)
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
