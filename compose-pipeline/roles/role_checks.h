/* role_checks.h - the checks before the program of a role is started. */
#ifndef PF_ROLE_CHECKS_H
#define PF_ROLE_CHECKS_H

#include "checks.h"
#include "connect_check.h"
#include "role.h"

/** What the checks have found out. */
struct role_needs {
    struct checked checked; /* of ZooKeeper and a broker; the volume's lock */
    char **command;         /* of its program, up to a NULL */
    /* Of what has to answer first; "": nothing. */
    char addresses[CONNECT_SERVERS_SIZE];
    char url[CONNECT_URL_SIZE]; /* REST API of Kafka Connect; "": none */
    const char *tls;            /* FEED_TLS_DIR, if it is for certificates that
                                 * this role waits for; borrowed; else NULL */
    struct pf_path identity;    /* then, of a client: role_identity() */
};

/**
 * Check what the role needs: of a client, that it takes its settings, with args
 * after ours; of ZooKeeper and a broker, their settings and their volume; of
 * Kafka Connect, its settings. Creates missing directories, and in a secure
 * cluster the file that says who a client is.
 *
 * PF_CONFIG  the user has to correct something; *err says what, or is empty if
 *            the program has reported it already
 * PF_IO      a system call failed
 * PF_NOMEM   out of memory
 *
 * *ret must be empty, without a lock (-1). Whatever the outcome, release it
 * with role_needs_release().
 */
enum pf_rc role_check(const struct role *role, const struct pf_places *places,
                      char *const *args, struct role_needs *ret,
                      struct pf_error *err);

void role_needs_release(struct role_needs *needs);

#endif
