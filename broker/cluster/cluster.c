#include "cluster.h"

#include <librdkafka/rdkafka.h>

void pf_cluster_release(struct pf_cluster *cluster)
{
    free(cluster->nodes.at);
    free(cluster->partitions.at);
    free(cluster->zookeepers.at);
    if (cluster->answer)
        rd_kafka_metadata_destroy(cluster->answer);
    *cluster = (struct pf_cluster){.controller = -1};
}

enum pf_partition_state
pf_cluster_partition_state(const struct pf_cluster_partition *partition)
{
    if (partition->leader < 0)
        return PF_PARTITION_OFFLINE;
    return partition->n_in_sync < partition->n_replicas
               ? PF_PARTITION_UNDER_REPLICATED
               : PF_PARTITION_IN_SYNC;
}

static bool has_node(const struct pf_cluster *cluster, int32_t id)
{
    for (size_t i = 0; i < cluster->nodes.n; i++)
        if (cluster->nodes.at[i].id == id)
            return true;
    return false;
}

static int by_id(const void *a, const void *b)
{
    const struct pf_cluster_node *one = a, *other = b;

    return PF_ORDER(one->id, other->id);
}

static int by_topic(const void *a, const void *b)
{
    const struct pf_cluster_partition *one = a, *other = b;
    int order = strcmp(one->topic, other->topic);

    return order ? order : PF_ORDER(one->id, other->id);
}

static bool same_ids(const int32_t *one, size_t n_one, const int32_t *other,
                     size_t n_other)
{
    size_t found = 0;

    for (size_t i = 0; i < n_one; i++)
        for (size_t k = 0; k < n_other; k++)
            found += one[i] == other[k];
    return found == n_one && found == n_other;
}

static bool same_partition(const struct pf_cluster_partition *one,
                           const struct pf_cluster_partition *other)
{
    return !by_topic(one, other) && one->leader == other->leader &&
           same_ids(one->in_sync, one->n_in_sync, other->in_sync,
                    other->n_in_sync);
}

static bool same_node(const struct pf_cluster_node *one,
                      const struct pf_cluster_node *other)
{
    return one->id == other->id &&
           (one->state == PF_NODE_GONE) == (other->state == PF_NODE_GONE);
}

bool pf_cluster_agree(const struct pf_cluster *one,
                      const struct pf_cluster *other)
{
    bool same = one->controller == other->controller &&
                one->nodes.n == other->nodes.n &&
                one->partitions.n == other->partitions.n;

    for (size_t i = 0; same && i < one->nodes.n; i++)
        same = same_node(&one->nodes.at[i], &other->nodes.at[i]);
    for (size_t i = 0; same && i < one->partitions.n; i++)
        same = same_partition(&one->partitions.at[i], &other->partitions.at[i]);
    return same;
}

static enum pf_rc add_gone(struct pf_cluster *cluster, struct pf_error *err)
{
    for (size_t i = 0; i < cluster->partitions.n; i++) {
        const struct pf_cluster_partition *p = &cluster->partitions.at[i];

        for (size_t k = 0; k < p->n_replicas; k++) {
            struct pf_cluster_node gone = {.id = p->replicas[k],
                                           .state = PF_NODE_GONE};

            if (!has_node(cluster, gone.id) &&
                !PF_VEC_PUSH(&cluster->nodes, gone))
                return pf_fail(err, PF_NOMEM, "out of memory");
        }
    }
    return PF_OK;
}

enum pf_rc pf_cluster_complete(struct pf_cluster *cluster, struct pf_error *err)
{
    enum pf_rc rc = add_gone(cluster, err);

    if (!rc && cluster->nodes.n)
        qsort(cluster->nodes.at, cluster->nodes.n, sizeof *cluster->nodes.at,
              by_id);
    if (!rc && cluster->partitions.n)
        qsort(cluster->partitions.at, cluster->partitions.n,
              sizeof *cluster->partitions.at, by_topic);
    return rc;
}
