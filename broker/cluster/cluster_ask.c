/* cluster_ask.c - a cluster, by asking its brokers. */
#include "cluster_ask.h"

#include <stdio.h>

#include "clock.h"
#include "dial.h"
#include "stop.h"

#define KNOCK_MS 1000 /* for a connection to a broker */
#define PAUSE_MS 10   /* between two requests that fail */

/* An answer that names no broker is one of a broker that has just started. */
static enum pf_rc ask(rd_kafka_t *rk, int ms,
                      const struct rd_kafka_metadata **ret,
                      struct pf_error *err)
{
    int64_t deadline_ms = pf_now_ms() + ms;

    for (;;) {
        const struct rd_kafka_metadata *answer = NULL;
        rd_kafka_resp_err_t failed = rd_kafka_metadata(rk, 1, NULL, &answer,
                                                       pf_left_ms(deadline_ms));

        if (!failed && answer->broker_cnt) {
            *ret = answer;
            return PF_OK;
        }
        if (!failed)
            rd_kafka_metadata_destroy(answer);
        if (!pf_left_ms(deadline_ms))
            return pf_fail(err, PF_AGAIN, "no broker answers");
        pf_wait(-1, 0, PAUSE_MS);
    }
}

static struct pf_cluster_node
look_at_node(const struct rd_kafka_metadata_broker *broker)
{
    struct pf_cluster_node node = {.id = broker->id};

    snprintf(node.address, sizeof node.address,
             strchr(broker->host, ':') ? "[%s]:%d" : "%s:%d", broker->host,
             broker->port);
    node.state = pf_knock(node.address, KNOCK_MS, NULL) ? PF_NODE_SILENT
                                                        : PF_NODE_ALIVE;
    return node;
}

static bool add_topic(const struct rd_kafka_metadata_topic *topic,
                      struct pf_cluster *ret)
{
    const struct pf_cluster_partition unknown = {
        .topic = topic->topic, .id = -1, .leader = -1};
    bool ok = topic->partition_cnt || PF_VEC_PUSH(&ret->partitions, unknown);

    for (int i = 0; ok && i < topic->partition_cnt; i++) {
        const struct rd_kafka_metadata_partition *p = &topic->partitions[i];
        const struct pf_cluster_partition one = {
            .topic = topic->topic,
            .id = p->id,
            .leader = p->leader,
            .replicas = p->replicas,
            .n_replicas = (size_t)p->replica_cnt,
            .in_sync = p->isrs,
            .n_in_sync = (size_t)p->isr_cnt,
        };

        ok = PF_VEC_PUSH(&ret->partitions, one);
    }
    return ok;
}

enum pf_rc pf_cluster_ask(rd_kafka_t *rk, int ask_ms, struct pf_cluster *ret,
                          struct pf_error *err)
{
    enum pf_rc rc = ask(rk, ask_ms, &ret->answer, err);
    bool ok = true;

    if (rc)
        return rc;
    ret->controller = rd_kafka_controllerid(rk, 0);
    for (int i = 0; ok && i < ret->answer->broker_cnt; i++) {
        struct pf_cluster_node node = look_at_node(&ret->answer->brokers[i]);

        ok = PF_VEC_PUSH(&ret->nodes, node);
    }
    for (int i = 0; ok && i < ret->answer->topic_cnt; i++)
        ok = add_topic(&ret->answer->topics[i], ret);
    return ok ? pf_cluster_complete(ret, err)
              : pf_fail(err, PF_NOMEM, "out of memory");
}
