/* kafka_sink.h - a sink that produces to one partition of a topic. */
#ifndef PF_KAFKA_SINK_H
#define PF_KAFKA_SINK_H

#include <librdkafka/rdkafka.h>
#include <stdint.h>

#include "sink.h"

/** What has become of the records that a sink has taken. */
struct pf_delivery {
    uint64_t taken;
    uint64_t delivered; /* acknowledged, as the setting acks says */
    uint64_t possibly;  /* sent, and the answer is not known */
    uint64_t failed;    /* certainly not in the topic */
};

/**
 * Produce to partition of topic by conf, which this call takes over, whatever
 * its outcome. It does not wait for a broker. Records keep their order; every
 * one gets its delivery report, and flush() counts those. A full queue is
 * PF_AGAIN; nothing is ever dropped for want of room.
 *
 * flush() fails with PF_UNDELIVERED when Kafka has refused a record for good,
 * and with PF_FATAL when this producer can't go on at all.
 *
 * PF_CONFIG  librdkafka refuses the configuration; *err has its reason
 * PF_NOMEM   memory ran out
 */
enum pf_rc pf_kafka_sink_open(rd_kafka_conf_t *conf, const char *topic,
                              int32_t partition, struct pf_sink **ret,
                              struct pf_error *err);

/**
 * Give up what is still under way, and say what became of all that was ever
 * taken: taken = delivered + possibly + failed. For use before the close,
 * after a last flush.
 */
struct pf_delivery pf_kafka_sink_give_up(struct pf_sink *sink);

#endif
