/* cluster_judge.c - whether all is well with a cluster, in one sentence. */
#include "cluster.h"

/* Begin one more thing that is wrong. */
static void also(struct pf_buffer *ret, bool *well)
{
    pf_buffer_text(ret, *well ? "Not well: " : "; ");
    *well = false;
}

/* "broker 2 is not alive", "brokers 2, 3 are not alive". */
static void name_nodes(const struct pf_cluster *cluster,
                       enum pf_node_state state, const char *one,
                       const char *several, struct pf_buffer *ret, bool *well)
{
    size_t n = 0, named = 0;

    for (size_t i = 0; i < cluster->nodes.n; i++)
        n += cluster->nodes.at[i].state == state;
    if (!n)
        return;
    also(ret, well);
    pf_buffer_text(ret, n == 1 ? "broker " : "brokers ");
    for (size_t i = 0; i < cluster->nodes.n; i++)
        if (cluster->nodes.at[i].state == state)
            pf_buffer_printf(ret, "%s%d", named++ ? ", " : "",
                             (int)cluster->nodes.at[i].id);
    pf_buffer_text(ret, n == 1 ? one : several);
}

static void look_for_controller(const struct pf_cluster *cluster,
                                struct pf_buffer *ret, bool *well)
{
    for (size_t i = 0; i < cluster->nodes.n; i++)
        if (cluster->nodes.at[i].id == cluster->controller &&
            cluster->nodes.at[i].state != PF_NODE_GONE)
            return; /* if it is silent, that has been said */
    also(ret, well);
    pf_buffer_text(ret, "there is no controller");
}

static void count_partitions(const struct pf_cluster *cluster,
                             enum pf_partition_state state, const char *what,
                             struct pf_buffer *ret, bool *well)
{
    size_t n = 0;

    for (size_t i = 0; i < cluster->partitions.n; i++)
        n += pf_cluster_partition_state(&cluster->partitions.at[i]) == state;
    if (!n)
        return;
    also(ret, well);
    pf_buffer_printf(ret, "%zu of %zu partitions %s %s", n,
                     cluster->partitions.n, n == 1 ? "is" : "are", what);
}

/* ZooKeepers elect a leader, and serve, only while more than half of them can.
 */
static void count_zookeepers(const struct pf_cluster *cluster,
                             struct pf_buffer *ret, bool *well)
{
    size_t all = cluster->zookeepers.n, serve = 0;

    for (size_t i = 0; i < all; i++)
        serve += *cluster->zookeepers.at[i].mode != '\0';
    if (serve == all)
        return;
    also(ret, well);
    pf_buffer_printf(ret, "%zu of %zu ZooKeepers serve%s", serve, all,
                     serve == 1 ? "s" : "");
    if (serve * 2 <= all)
        pf_buffer_text(ret, ", so no failover is possible");
}

static void say_well(const struct pf_cluster *cluster, struct pf_buffer *ret)
{
    size_t nodes = cluster->nodes.n, partitions = cluster->partitions.n,
           zookeepers = cluster->zookeepers.n;

    pf_buffer_printf(ret,
                     "All is well: %zu broker%s, controller %d, %zu "
                     "partition%s in sync",
                     nodes, nodes == 1 ? "" : "s", (int)cluster->controller,
                     partitions, partitions == 1 ? "" : "s");
    if (zookeepers)
        pf_buffer_printf(ret, ", %zu ZooKeeper%s", zookeepers,
                         zookeepers == 1 ? "" : "s");
}

bool pf_cluster_judge(const struct pf_cluster *cluster, struct pf_buffer *ret)
{
    bool well = true;

    name_nodes(cluster, PF_NODE_GONE, " is not alive", " are not alive", ret,
               &well);
    name_nodes(cluster, PF_NODE_SILENT, " does not answer", " do not answer",
               ret, &well);
    name_nodes(cluster, PF_NODE_APART,
               " tells something else of brokers, leaders or replicas in sync",
               " tell something else of brokers, leaders or replicas in sync",
               ret, &well);
    look_for_controller(cluster, ret, &well);
    count_partitions(cluster, PF_PARTITION_OFFLINE, "offline", ret, &well);
    count_partitions(cluster, PF_PARTITION_UNDER_REPLICATED, "under-replicated",
                     ret, &well);
    count_zookeepers(cluster, ret, &well);
    if (well)
        say_well(cluster, ret);
    pf_buffer_text(ret, ".");
    return well;
}
