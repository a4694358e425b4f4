/* broker_defaults.h - what this box needs, where a person does not say it. */
#ifndef PF_BROKER_DEFAULTS_H
#define PF_BROKER_DEFAULTS_H


#include "error.h"
#include "settings.h"

/**
 * Set in server and zookeeper what the box needs in order to run, or to keep
 * what it promises, and they do not set: Kafka's own defaults are for a machine
 * with more memory and for three brokers, and lead to /tmp, to every address,
 * to a mode without ZooKeeper. An empty value counts as none. Where such a
 * setting is from ("pricefeed: ...") says why it is there.
 *
 * PF_NOMEM  memory ran out
 */
enum pf_rc pf_broker_defaults_put(struct pf_settings *server,
                                  struct pf_settings *zookeeper,
                                  struct pf_error *err);

/**
 * Check that server asks for no more replicas than there can be with one
 * broker: it would wait for the others, and so would every client, for good.
 *
 * PF_CONFIG  it does; *err names the place and the remedy
 */
enum pf_rc pf_broker_defaults_check_replicas(const struct pf_settings *server,
                                             struct pf_error *err);

#endif
