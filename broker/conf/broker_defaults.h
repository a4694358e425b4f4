/* broker_defaults.h - the broker settings that this machine needs, where the
 * user has not set them. */
#ifndef PF_BROKER_DEFAULTS_H
#define PF_BROKER_DEFAULTS_H

#include "error.h"
#include "settings.h"

/**
 * Add to server and zookeeper the settings that the feed needs in order to run
 * or to keep its promises, unless they are set. Kafka's own defaults are for a
 * machine with more memory and for three brokers; they use /tmp, every address
 * and a mode without ZooKeeper. An empty value counts as not set. The source
 * of such a setting, "pricefeed: ...", says why it is there.
 *
 * PF_NOMEM  out of memory
 */
enum pf_rc pf_broker_defaults_put(struct pf_settings *server,
                                  struct pf_settings *zookeeper,
                                  struct pf_error *err);

/**
 * Check that server asks for no more replicas than one broker can have: it
 * would wait for the others forever, and so would every client.
 *
 * PF_CONFIG  it asks for more; *err names the place and the remedy
 */
enum pf_rc pf_broker_defaults_check_replicas(const struct pf_settings *server,
                                             struct pf_error *err);

#endif
