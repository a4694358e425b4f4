/* mock_cluster.h - librdkafka's mock of a cluster, in the test's process. */
#ifndef MOCK_CLUSTER_H
#define MOCK_CLUSTER_H

#include "unit.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h> /* wants rdkafka.h first */

/** A cluster, and a client of it that makes it. */
struct cluster {
    rd_kafka_t *rk;
    rd_kafka_mock_cluster_t *mock;
};

static inline struct cluster begin_cluster(int brokers)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    struct cluster c;

    rd_kafka_conf_set(conf, "log_level", "0", NULL, 0);
    c.rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, NULL, 0);
    c.mock = rd_kafka_mock_cluster_new(c.rk, brokers);
    assert_non_null(c.mock);
    return c;
}

static inline void end_cluster(struct cluster c)
{
    rd_kafka_mock_cluster_destroy(c.mock);
    rd_kafka_destroy(c.rk);
}

/** A configuration of clients of the cluster; the caller's. */
static inline rd_kafka_conf_t *cluster_conf(struct cluster c)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();

    rd_kafka_conf_set(conf, "bootstrap.servers",
                      rd_kafka_mock_cluster_bootstraps(c.mock), NULL, 0);
    rd_kafka_conf_set(conf, "log_level", "0", NULL, 0);
    return conf;
}

#endif
