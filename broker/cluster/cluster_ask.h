/* cluster_ask.h - ask a cluster's brokers and ZooKeepers. */
#ifndef PF_CLUSTER_ASK_H
#define PF_CLUSTER_ASK_H

#include <librdkafka/rdkafka.h>

#include "cluster.h"
#include "error.h"
#include "zookeeper_security.h"

/**
 * Ask a broker for all that rk can learn of the cluster, for ask_ms
 * milliseconds at most, then knock at each broker's address. Of a broker that
 * was killed the others hear only when its session with ZooKeeper expires, so
 * what one of them says is not enough. *ret must be empty but for zookeepers.
 *
 * PF_AGAIN  no broker answers
 * PF_NOMEM  out of memory
 *
 * Whatever the outcome, release *ret with pf_cluster_release().
 */
enum pf_rc pf_cluster_ask(rd_kafka_t *rk, int ask_ms, struct pf_cluster *ret,
                          struct pf_error *err);

/**
 * Ask each ZooKeeper of connect, "host:port,host:port/path" as in
 * zookeeper.connect, whether it serves; tls says how it is reached. The port
 * may be missing: 2181.
 *
 * PF_CONFIG  connect is not such a list
 * PF_NOMEM   out of memory
 */
enum pf_rc pf_cluster_ask_zookeepers(const char *connect,
                                     const struct pf_zookeeper_tls *tls,
                                     struct pf_cluster *ret,
                                     struct pf_error *err);

#endif
