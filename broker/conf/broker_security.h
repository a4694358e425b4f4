/* broker_security.h - FEED_SECURITY=tls: nobody reads or writes unasked.
 *
 * Every listener speaks TLS. LOCAL asks for a client's certificate, which the
 * feed's own programs and other brokers have; the other listeners ask for a
 * user's name and password. Nobody has a right that was not given to them.
 *
 * A node of a cluster has its certificates in FEED_TLS_DIR (places.tls), where
 * the role `authority` puts them; such a broker talks to ZooKeeper by TLS, too
 * (zookeeper_security.h).
 */
#ifndef PF_BROKER_SECURITY_H
#define PF_BROKER_SECURITY_H

#include <stdbool.h>

#include "error.h"
#include "places.h"
#include "settings.h"

/** The feed's own certificates, in PF_DATA; broker/certs/own_certs.h has the
 * names of the files. */
#define PF_SECURITY_DIR "security"

/** The user's own certificate and key, in PF_RUN, in the form that Kafka
 * reads. */
#define PF_SECURITY_GIVEN "given.pem"

/** What the environment asks for. Borrowed from the machine's settings. */
struct pf_security {
    bool is_on;
    const char *names;      /* FEED_TLS_NAMES, with commas; or NULL */
    const char *brokers;    /* FEED_TLS_BROKERS: hosts of a cluster's brokers,
                             * for its authority; or NULL */
    const char *zookeepers; /* FEED_TLS_ZOOKEEPERS, the same */
    struct pf_path certificate; /* FEED_TLS_CERTIFICATE; "" if not set */
    struct pf_path key;         /* FEED_TLS_KEY, the same */
};

/** The directory with the certificates of this feed or node. */
struct pf_path pf_security_dir(const struct pf_places *places);

/** Path of a file with the certificates of this feed or node. */
struct pf_path pf_security_path(const struct pf_places *places,
                                const char *file);

/**
 * Read FEED_SECURITY and FEED_TLS_... into machine, as "security" and "tls.":
 * *ret borrows from it. Both paths may be relative to PF_CONFIG.
 *
 * PF_CONFIG  a value cannot work, or one is given without another one that it
 *            needs
 * PF_NOMEM   out of memory
 */
enum pf_rc pf_security_read(char *const *environment,
                            const struct pf_places *places,
                            struct pf_settings *machine,
                            struct pf_security *ret, struct pf_error *err);

/**
 * Change server, whose listeners are settled, so that all of them are secure. A
 * setting of the user's own stays where it leaves them secure.
 *
 * PF_CONFIG  brokers are asked to talk over another listener than LOCAL
 * PF_NOMEM   out of memory
 */
enum pf_rc pf_security_put(struct pf_settings *server,
                           const struct pf_places *places,
                           const struct pf_security *security,
                           struct pf_error *err);

/** True if these effective settings are secure: LOCAL speaks TLS. */
bool pf_security_is_on(const struct pf_settings *server);

/**
 * Add to client, settings of a client at LOCAL, who it is: program, such as
 * "producer". If program is NULL, add instead that it speaks TLS, and whom it
 * trusts.
 *
 * PF_NOMEM  out of memory
 */
enum pf_rc pf_security_put_client(struct pf_settings *client,
                                  const struct pf_places *places,
                                  const char *program, struct pf_error *err);

#endif
