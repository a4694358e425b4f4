#include "kafka_topic_state.h"

static enum pf_topic_state judge(const struct rd_kafka_metadata_topic *topic)
{
    if (topic->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
        return PF_TOPIC_UNKNOWN;
    if (topic->err || !topic->partition_cnt)
        return PF_TOPIC_NO_LEADER;
    for (int i = 0; i < topic->partition_cnt; i++)
        if (topic->partitions[i].err || topic->partitions[i].leader < 0)
            return PF_TOPIC_NO_LEADER;
    return PF_TOPIC_READY;
}

enum pf_topic_state pf_topic_ask(rd_kafka_t *rk, const char *topic,
                                 int timeout_ms, int *ret_partitions)
{
    const struct rd_kafka_metadata *answer;
    rd_kafka_topic_t *rkt = rd_kafka_topic_new(rk, topic, NULL);
    enum pf_topic_state state = PF_TOPIC_NO_ANSWER;

    if (!rkt)
        return PF_TOPIC_UNKNOWN;
    if (!rd_kafka_metadata(rk, 0, rkt, &answer, timeout_ms)) {
        if (answer->broker_cnt)
            state = answer->topic_cnt ? judge(&answer->topics[0])
                                      : PF_TOPIC_UNKNOWN;
        if (state == PF_TOPIC_READY && ret_partitions)
            *ret_partitions = answer->topics[0].partition_cnt;
        rd_kafka_metadata_destroy(answer);
    }
    rd_kafka_topic_destroy(rkt);
    return state;
}
