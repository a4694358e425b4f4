/* role.h - what one container of several runs: `pf-init ROLE`.
 *
 * `pf-init`, or `pf-init all`, is the whole feed. Each other role is a single
 * program, which pf-init starts by itself: that needs no supervisord, and so no
 * Python in the image.
 */
#ifndef PF_ROLE_H
#define PF_ROLE_H

#include <stdbool.h>

#include "error.h"
#include "places.h"

/** What a role checks before it starts its program. */
enum role_kind {
    ROLE_CLIENT,    /* the settings of a program of ours */
    ROLE_ZOOKEEPER, /* the volume, and what the two JVMs have in common */
    ROLE_BROKER,    /* the same */
    ROLE_AUTHORITY, /* nothing: its program does */
    ROLE_CONNECT,   /* the settings of a worker of Kafka Connect */
};

/** A role; one constant for each. */
struct role {
    const char *name; /* the word after pf-init */
    enum role_kind kind;
    const char *program; /* for messages, and the name of its log */
    const char *command; /* a program on PATH, or a script in PF_HOME */
    const char *prefix;  /* of a client's and a worker's variables */
    const char *file;    /* in PF_CONFIG, if it is there; NULL: none */
    const char *stats;   /* setting of its counters, with %s for PF_RUN */
    const char *prices;  /* the same for the last prices */
    const char *needs;   /* what has to answer first; NULL: nothing */
    const char *port;    /* of that, where an address has none */
    const char *files; /* in FEED_TLS_DIR, with blanks between them: those that
                        * it waits for in a secure cluster; NULL: none */

    int alive_after_ms; /* see programs.h */
    int stop_ms;        /* how long its stop may take */
    bool may_finish;    /* its own end is not a failure */
    bool once;          /* it does its work, and is never started again */
    bool needs_rights;  /* it fails where it has none: in a secure cluster it
                         * waits for them */
};

/** The role of that name; NULL: there is none. */
const struct role *role_find(const char *name);

/** The role whose name is nearest to a misspelt one: "; did you mean the role
 * 'broker'?", or "" if none is near. */
const char *role_hint(const char *name, char *buf, int size);

/** The file in PF_RUN that says who a client is in a secure cluster; its
 * settings are added to its own where the file is there. */
struct pf_path role_identity(const struct role *role,
                             const struct pf_places *places);

/**
 * The command line of the role's program, with args (up to a NULL) after what
 * pf-init adds. The caller frees *ret with role_command_free().
 *
 * PF_CONFIG  the role takes no arguments
 * PF_NOMEM   out of memory
 */
enum pf_rc role_command(const struct role *role, const struct pf_places *places,
                        char *const *args, char ***ret, struct pf_error *err);
void role_command_free(char **command);

/**
 * Set the variable PRODUCER_BOOTSTRAP_SERVERS of a role with a prefix to that
 * of BOOTSTRAP_SERVERS, unless it is set, or the same with _FILE is.
 */
void role_take_servers(const struct role *role);

#endif
