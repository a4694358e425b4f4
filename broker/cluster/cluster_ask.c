/* cluster_ask.c - a cluster, by asking its brokers. */
#include "cluster_ask.h"

#include "clock.h"
#include "dial.h"
#include "kafka_answer.h"

#define KNOCK_MS 1000 /* for a connection to a broker */

static struct pf_cluster_node
look_at_node(const struct rd_kafka_metadata_broker *broker)
{
    struct pf_cluster_node node = {.id = broker->id};

    pf_kafka_address(broker, node.address, sizeof node.address);
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
    bool ok = true;

    if (pf_kafka_answer(rk, true, pf_now_ms() + ask_ms, &ret->answer))
        return pf_fail(err, PF_AGAIN, "no broker answers");
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
