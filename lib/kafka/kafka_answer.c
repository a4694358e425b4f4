#include "kafka_answer.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "stop.h"

/* For one question. librdkafka 2.8 drops one that has failed too often, as it
 * does at a broker that begins, and who asked waits for as long as it said
 * (rd_kafka_handle_Metadata(), where rd_kafka_buf_retry() fails). */
#define ASK_MS 2000
#define PAUSE_MS 10

rd_kafka_resp_err_t pf_kafka_answer(rd_kafka_t *rk, bool topics,
                                    int64_t deadline_ms,
                                    const struct rd_kafka_metadata **ret)
{
    for (;;) {
        int left = pf_left_ms(deadline_ms);
        const struct rd_kafka_metadata *answer = NULL;
        rd_kafka_resp_err_t failed = rd_kafka_metadata(
            rk, topics, NULL, &answer, left < ASK_MS ? left : ASK_MS);

        if (!failed && answer->broker_cnt) {
            *ret = answer;
            return failed;
        }
        if (!failed) {
            rd_kafka_metadata_destroy(answer);
            failed = RD_KAFKA_RESP_ERR__TRANSPORT;
        }
        if (!pf_left_ms(deadline_ms))
            return failed;
        pf_wait(-1, 0, PAUSE_MS);
    }
}

void pf_kafka_address(const struct rd_kafka_metadata_broker *broker, char *ret,
                      size_t size)
{
    snprintf(ret, size, strchr(broker->host, ':') ? "[%s]:%d" : "%s:%d",
             broker->host, broker->port);
}
