/* cluster_certs.h - the certificates of all nodes of a cluster.
 *
 * They are in one directory, and each kind of node is to be given its part of
 * it and nothing else. Files are as those of own_certs.h.
 *
 *   authority/authority.pem     signs for brokers and their clients
 *   authority/zookeeper.pem     signs for ZooKeepers and the brokers that ask
 *                               them: nobody else gets in there
 *   authority/reader.password   of the user `reader`
 *   broker/N/                   ca.pem, broker.pem, server.pem, pf-broker.pem;
 *                               zookeeper-ca.pem, zookeeper.pem; the password
 *   zookeeper/N/                zookeeper-ca.pem, zookeeper.pem
 *   producer/, consumer/, web/  ca.pem; producer.pem, consumer.pem, web.pem
 *
 * N is 1 for the first host, and so on.
 */
#ifndef PF_CLUSTER_CERTS_H
#define PF_CLUSTER_CERTS_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "cert_settle.h"
#include "error.h"

/** Hosts, by name or IP address; borrowed. */
struct pf_cert_hosts {
    const char *const *list;
    size_t n;
};

/** What is wanted of them. */
struct pf_cluster_certs {
    const char *dir; /* exists */
    struct pf_cert_hosts brokers, zookeepers;
    struct pf_cert_hosts more; /* what each broker's server.pem names, too */
    bool renew; /* make each server.pem again, even one that fits */
    time_t now; /* in seconds since 1970 */
};

/**
 * Make directories and files that are missing, what ends soon, and what has not
 * the names that are wanted. When an authority ends, what it has signed is made
 * again. *ret says what was made, also after a failure.
 *
 * PF_CONFIG  a file is there and is not what it should be, or an authority is
 *            missing and what it has signed is there: nothing is overwritten;
 *            or a directory cannot be made
 * PF_IO      a file cannot be written, or libcrypto cannot make it
 */
enum pf_rc pf_cluster_certs_settle(const struct pf_cluster_certs *wanted,
                                   struct pf_made *ret, struct pf_error *err);

#endif
