/* checks.h - what has to be right before anything is started. */
#ifndef PF_CHECKS_H
#define PF_CHECKS_H

#include "broker_conf.h"
#include "error.h"
#include "places.h"
#include "volume.h"

/** What the checks have found. */
struct checked {
    struct pf_broker_conf conf;
    struct pf_volume_state volume; /* before this start */
    int lock;                      /* on the volume, -1: none */
};

/**
 * Take the volume, work out the broker's configuration, write it to PF_RUN,
 * and let producer and consumer check theirs, which say on standard error
 * what they find. Makes directories that are missing.
 *
 * PF_CONFIG  something has to be mended by a person; *err says what, or is
 *            empty when a program has said it already
 * PF_IO      the system does not let us
 * PF_NOMEM   out of memory
 *
 * Whatever the outcome, checked_release() *ret, which is empty before.
 */
enum pf_rc check_all(const struct pf_places *places, struct checked *ret,
                     struct pf_error *err);

void checked_release(struct checked *checked);

#endif
