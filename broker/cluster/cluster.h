/* cluster.h - a cluster as its brokers and ZooKeepers tell it, and whether all
 * is well with it.
 */
#ifndef PF_CLUSTER_H
#define PF_CLUSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "error.h"
#include "vec.h"

/** Bytes that hold host:port, closing NUL included. */
#define PF_CLUSTER_ADDRESS_SIZE 280

enum pf_node_state {
    PF_NODE_ALIVE,  /* registered, and its port is open */
    PF_NODE_SILENT, /* registered, but there is no answer at its address */
    PF_NODE_APART,  /* registered, but it tells something else than another */
    PF_NODE_GONE,   /* has replicas, but is not registered */
};

/** A broker. */
struct pf_cluster_node {
    int32_t id;
    enum pf_node_state state;
    char address[PF_CLUSTER_ADDRESS_SIZE]; /* for clients; "" if it is gone */
};

/** A partition of a topic. */
struct pf_cluster_partition {
    const char *topic; /* any bytes but NUL; borrowed */
    int32_t id;        /* -1: of a topic that the brokers cannot describe */
    int32_t leader;    /* the broker's id; below 0: none */
    const int32_t *replicas, *in_sync; /* ids of brokers; borrowed */
    size_t n_replicas, n_in_sync;
};

enum pf_partition_state {
    PF_PARTITION_IN_SYNC,
    PF_PARTITION_UNDER_REPLICATED, /* a replica is not in sync */
    PF_PARTITION_OFFLINE,          /* nobody can read or write it */
};

/** A ZooKeeper. */
struct pf_cluster_zookeeper {
    char address[PF_CLUSTER_ADDRESS_SIZE];
    char mode[16]; /* "leader", "follower", ...; "": it does not serve */
};

/** What is known. All zero is an empty one, but for controller. */
struct pf_cluster {
    PF_VEC(struct pf_cluster_node) nodes;
    PF_VEC(struct pf_cluster_partition) partitions;
    PF_VEC(struct pf_cluster_zookeeper) zookeepers; /* none: not known */
    int32_t controller;                             /* a broker's id, or -1 */
    const struct rd_kafka_metadata *answer; /* partitions borrow from it */
};

/** Free what *cluster owns; it is empty again. */
void pf_cluster_release(struct pf_cluster *cluster);

enum pf_partition_state
pf_cluster_partition_state(const struct pf_cluster_partition *partition);

/**
 * Add the brokers that have replicas but are not among the nodes, as
 * PF_NODE_GONE: a broker without replicas is not missed. Then sort nodes by id,
 * and partitions by topic and id.
 *
 * PF_NOMEM  out of memory
 */
enum pf_rc pf_cluster_complete(struct pf_cluster *cluster,
                               struct pf_error *err);

/**
 * Do both name the same brokers, controller, leaders and replicas in sync? Both
 * are complete, see above.
 */
bool pf_cluster_agree(const struct pf_cluster *one,
                      const struct pf_cluster *other);

/**
 * Append one sentence to *ret that says whether all is well, and if not, what
 * is wrong; in printable ASCII, without a newline. True if all is well: each
 * broker is alive, none is apart, one of them is the controller, each partition
 * has a leader and all its replicas in sync, and each known ZooKeeper serves.
 */
bool pf_cluster_judge(const struct pf_cluster *cluster, struct pf_buffer *ret);

/**
 * Append tables to *ret, each followed by an empty line: of the brokers, of the
 * known ZooKeepers, and of the partitions that are not in sync, if any. All
 * names are in printable ASCII.
 */
void pf_cluster_list(const struct pf_cluster *cluster, struct pf_buffer *ret);

#endif
