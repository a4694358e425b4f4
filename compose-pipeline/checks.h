/* checks.h - the checks before anything is started. */
#ifndef PF_CHECKS_H
#define PF_CHECKS_H

#include <sys/types.h>

#include "broker_conf.h"
#include "error.h"
#include "places.h"
#include "volume.h"

/**
 * Create the directory at path and its parents.
 *
 * PF_CONFIG  it cannot be created, or nothing can be written there
 */
enum pf_rc make_directory(const char *path, struct pf_error *err);

/**
 * Wait for the end of a child that checks something.
 *
 * PF_CONFIG  the user has to correct something (code 2): it has said so, and
 *            *err is empty
 * otherwise  it has failed with another code, and has said why: the same
 * PF_IO      it was killed; *err says so
 */
enum pf_rc check_await(const char *program, pid_t pid, enum pf_rc otherwise,
                       struct pf_error *err);

/** The results of the checks. */
struct checked {
    struct pf_broker_conf conf;
    struct pf_volume_state volume; /* before this start */
    int lock;                      /* on the volume; -1: none */
};

/** Whose data is in the volume. */
enum check_whose {
    CHECK_KAFKA = 1,
    CHECK_ZOOKEEPER = 2,
    CHECK_BOTH = CHECK_KAFKA | CHECK_ZOOKEEPER, /* which belong together */
};

/**
 * Lock the volume, derive the settings of the broker and of ZooKeeper and write
 * them to PF_RUN. Creates missing directories. Errors as check_all().
 *
 * *ret must be empty. Whatever the outcome, release it with
 * checked_release().
 */
enum pf_rc check_data(const struct pf_places *places, enum check_whose whose,
                      struct checked *ret, struct pf_error *err);

/**
 * Lock the volume, derive the broker's settings and write them to PF_RUN. Let
 * producer and consumer check theirs; they report mistakes on standard error.
 * Creates missing directories, and with FEED_SECURITY=tls missing certificates.
 *
 * PF_CONFIG  the user has to correct something; *err says what, or is empty if
 *            a program has reported it already
 * PF_IO      a system call failed
 * PF_NOMEM   out of memory
 *
 * *ret must be empty. Whatever the outcome, release it with
 * checked_release().
 */
enum pf_rc check_all(const struct pf_places *places, struct checked *ret,
                     struct pf_error *err);

void checked_release(struct checked *checked);

#endif
