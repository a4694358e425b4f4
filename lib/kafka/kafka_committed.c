#include "kafka_committed.h"

#include <string.h>

#include "source.h"

enum pf_rc pf_kafka_committed(rd_kafka_t *rk,
                              rd_kafka_topic_partition_list_t *list,
                              int timeout_ms, struct pf_error *err)
{
    rd_kafka_resp_err_t why = rd_kafka_committed(rk, list, timeout_ms);
    enum pf_rc rc = PF_AGAIN;

    for (int i = 0; i < list->cnt && !why; i++)
        why = list->elems[i].err;
    if (!why)
        return PF_OK;
    if (why == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ||
        why == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED)
        rc = PF_IO;
    return pf_fail(err, rc, "kafka: the committed positions: %s",
                   rd_kafka_err2str(why));
}

char *pf_kafka_committed_text(const rd_kafka_topic_partition_t *at)
{
    if (!at->metadata || at->metadata_size >= PF_METADATA_SIZE ||
        memchr(at->metadata, '\0', at->metadata_size))
        return NULL;
    return strndup(at->metadata, at->metadata_size);
}
