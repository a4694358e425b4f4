/* cluster_list.c - a cluster as tables. */
#include "cluster.h"

#include "table.h"

static void list_nodes(const struct pf_cluster *cluster, struct pf_buffer *ret)
{
    static const char *const states[] = {
        [PF_NODE_ALIVE] = "alive",
        [PF_NODE_SILENT] = "does not answer",
        [PF_NODE_APART] = "tells something else",
        [PF_NODE_GONE] = "not alive",
    };
    struct pf_table table = {.columns = 3};

    pf_table_put(&table, "broker");
    pf_table_put(&table, "address");
    pf_table_put(&table, "state");
    for (size_t i = 0; i < cluster->nodes.n; i++) {
        const struct pf_cluster_node *node = &cluster->nodes.at[i];

        pf_table_put(&table, "%d", (int)node->id);
        pf_table_escape(&table, *node->address ? node->address : "-");
        pf_table_put(&table, "%s%s", states[node->state],
                     node->id == cluster->controller ? ", controller" : "");
    }
    pf_table_end(&table, ret);
}

static void list_zookeepers(const struct pf_cluster *cluster,
                            struct pf_buffer *ret)
{
    struct pf_table table = {.columns = 2};

    pf_table_put(&table, "ZooKeeper");
    pf_table_put(&table, "state");
    for (size_t i = 0; i < cluster->zookeepers.n; i++) {
        const struct pf_cluster_zookeeper *z = &cluster->zookeepers.at[i];

        pf_table_escape(&table, z->address);
        pf_table_escape(&table, *z->mode ? z->mode : "does not serve");
    }
    pf_table_end(&table, ret);
}

/* A cell such as "1,2,3". */
static void put_ids(struct pf_table *table, const int32_t *ids, size_t n)
{
    struct pf_buffer text = {0};

    for (size_t i = 0; i < n; i++)
        pf_buffer_printf(&text, "%s%d", i ? "," : "", (int)ids[i]);
    table->failed |= text.failed;
    pf_table_put(table, "%.*s", n ? (int)text.n : 1, n ? text.at : "-");
    pf_buffer_release(&text);
}

static void put_number(struct pf_table *table, int32_t number)
{
    if (number < 0)
        pf_table_put(table, "-");
    else
        pf_table_put(table, "%d", (int)number);
}

static void put_partition(struct pf_table *table,
                          const struct pf_cluster_partition *p)
{
    pf_table_escape(table, p->topic);
    put_number(table, p->id);
    put_number(table, p->leader);
    put_ids(table, p->replicas, p->n_replicas);
    put_ids(table, p->in_sync, p->n_in_sync);
    pf_table_put(table, pf_cluster_partition_state(p) == PF_PARTITION_OFFLINE
                            ? "offline"
                            : "under-replicated");
}

static void list_partitions(const struct pf_cluster *cluster,
                            struct pf_buffer *ret)
{
    static const char *const heads[] = {"topic",    "partition", "leader",
                                        "replicas", "in sync",   "state"};
    struct pf_table table = {.columns = sizeof heads / sizeof *heads};

    for (size_t i = 0; i < table.columns; i++)
        pf_table_put(&table, "%s", heads[i]);
    for (size_t i = 0; i < cluster->partitions.n; i++) {
        const struct pf_cluster_partition *p = &cluster->partitions.at[i];

        if (pf_cluster_partition_state(p) != PF_PARTITION_IN_SYNC)
            put_partition(&table, p);
    }
    if (table.cells.n == table.columns) /* only its head */
        pf_table_clear(&table);
    else
        pf_table_end(&table, ret);
}

void pf_cluster_list(const struct pf_cluster *cluster, struct pf_buffer *ret)
{
    list_nodes(cluster, ret);
    if (cluster->zookeepers.n)
        list_zookeepers(cluster, ret);
    list_partitions(cluster, ret);
}
