/* volume.h - the data of a feed: who uses them, and what state they are in. */
#ifndef PF_VOLUME_H
#define PF_VOLUME_H

#include <stdbool.h>
#include <stdint.h>

#include "broker_conf.h"
#include "error.h"
#include "places.h"

/**
 * Take the data in PF_DATA for this process and for nobody else, until it
 * closes *ret or ends. Locks reach across the containers of one machine.
 *
 * PF_AGAIN   somebody else has them
 * PF_CONFIG  PF_DATA is not there, or this user cannot write to it; *err
 *            names the uid, the path and the remedy
 */
enum pf_rc pf_volume_lock(const struct pf_places *places, int *ret,
                          struct pf_error *err);

/** What there is to find in the directories of a configuration. */
struct pf_volume_state {
    bool has_kafka;     /* a broker has been there */
    bool has_zookeeper; /* a ZooKeeper has been in all of its own */
    bool is_clean;      /* the broker came to its own end */
    int64_t broker_id;  /* which broker's data these are; -1: unknown */
};

/**
 * Look. What cannot be read counts as not there. A clean end is one that the
 * broker has marked and its files agree with: on a full disk it leaves the
 * mark without having closed them.
 */
struct pf_volume_state pf_volume_look(const struct pf_broker_conf *conf);

/**
 * Remove the marks of a clean end that the files do not agree with, before
 * the broker starts: believing one it takes the unused end of an index for
 * entries of 1970, and its retention deletes the records as too old.
 */
void pf_volume_distrust(const struct pf_broker_conf *conf);

/**
 * Note in PF_DATA that both directories of conf are in use, from when on one
 * without the other means that it was lost.
 *
 * PF_IO  it cannot be written
 */
enum pf_rc pf_volume_mark(const struct pf_places *places,
                          const struct pf_broker_conf *conf,
                          struct pf_error *err);

/**
 * Check that state is not one half of what was noted: Kafka's data and
 * ZooKeeper's belong together. A log.dirs that was pointed elsewhere since
 * then is a broker's fresh start and no loss.
 *
 * PF_CONFIG  one of the two was lost; *err names it and the remedy, which is
 *            never to delete the other
 */
enum pf_rc pf_volume_check(const struct pf_places *places,
                           const struct pf_broker_conf *conf,
                           const struct pf_volume_state *state,
                           struct pf_error *err);

/** Remove the note. */
void pf_volume_unmark(const struct pf_places *places);

#endif
