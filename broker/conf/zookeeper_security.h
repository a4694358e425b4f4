/* zookeeper_security.h - FEED_SECURITY=tls in a cluster: ZooKeeper's part.
 *
 * ZooKeeper has no rights and no passwords here: whoever it lets in may change
 * everything. So it takes nobody without a certificate of an authority that
 * signs for ZooKeepers and brokers only, zookeeper-ca.pem, neither at the port
 * for brokers nor at those of the ensemble, and speaks TLS only.
 */
#ifndef PF_ZOOKEEPER_SECURITY_H
#define PF_ZOOKEEPER_SECURITY_H

#include "error.h"
#include "places.h"
#include "settings.h"

/** In FEED_TLS_DIR: key and certificate of a ZooKeeper, or of a broker that
 * asks it; and who has to have signed that of the other side. */
#define PF_ZOOKEEPER_CERTIFICATE "zookeeper.pem"
#define PF_ZOOKEEPER_AUTHORITY "zookeeper-ca.pem"

/**
 * Change the settings of ZooKeeper so that clientPort speaks TLS, and so do
 * those of the ensemble; and those of a broker, server, so that it finds it
 * that way. What the user has set otherwise stays, but for ports in plain text.
 *
 * PF_NOMEM  out of memory
 */
enum pf_rc pf_zookeeper_security_put(struct pf_settings *zookeeper,
                                     struct pf_settings *server,
                                     const struct pf_places *places,
                                     struct pf_error *err);

/** How to reach a ZooKeeper that speaks TLS: PEM files. */
struct pf_zookeeper_tls {
    const char *certificate; /* with its key; NULL: in plain text */
    const char *authority;   /* who signed ZooKeeper's own */
};

/** How a broker with these effective settings reaches ZooKeeper; borrowed. */
struct pf_zookeeper_tls
pf_zookeeper_tls_of_broker(const struct pf_settings *server);

/** How a ZooKeeper with these effective settings reaches itself; borrowed. */
struct pf_zookeeper_tls
pf_zookeeper_tls_of_itself(const struct pf_settings *zookeeper);

#endif
