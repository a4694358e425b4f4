/* volume.h - the data of a feed: who uses it, and in what state it is. */
#ifndef PF_VOLUME_H
#define PF_VOLUME_H

#include <stdbool.h>
#include <stdint.h>

#include "broker_conf.h"
#include "error.h"
#include "places.h"

/**
 * Lock the data in PF_DATA for this process alone, until it closes *ret or
 * ends. The lock works across the containers of one machine.
 *
 * PF_AGAIN   another process has locked it
 * PF_CONFIG  PF_DATA does not exist, or this user cannot write to it; *err
 *            names the uid, the path and the remedy
 */
enum pf_rc pf_volume_lock(const struct pf_places *places, int *ret,
                          struct pf_error *err);

/** What the directories of a configuration contain. */
struct pf_volume_state {
    bool has_kafka;     /* a broker has data there */
    bool has_zookeeper; /* a ZooKeeper has data in both its directories */
    bool is_clean;      /* the broker's last stop was clean */
    int64_t broker_id;  /* whose data this is; -1: unknown */
};

/**
 * Look at the directories. What cannot be read counts as missing. A stop was
 * clean if the broker has marked it and its files agree: on a full disk it
 * leaves the mark without having closed them.
 */
struct pf_volume_state pf_volume_look(const struct pf_broker_conf *conf);

/** The broker's id: that of its settings, or of its data where it has chosen
 * one itself; -1: unknown. */
int64_t pf_volume_id(const struct pf_broker_conf *conf);

/**
 * Remove the marks of a clean stop that the files disagree with, before the
 * broker starts. If it trusted one, it would read the unused end of an index
 * as entries of 1970, and its retention would delete the records as too old.
 */
void pf_volume_distrust(const struct pf_broker_conf *conf);

/**
 * Note in PF_DATA that both directories of conf are in use. From then on, one
 * without the other means that the other was lost.
 *
 * PF_IO  the note cannot be written
 */
enum pf_rc pf_volume_mark(const struct pf_places *places,
                          const struct pf_broker_conf *conf,
                          struct pf_error *err);

/**
 * Check that neither half of what was noted is missing: Kafka's data and
 * ZooKeeper's belong together. If log.dirs has been changed since, the broker
 * starts afresh there, and nothing is lost.
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
