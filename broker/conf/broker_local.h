/* broker_local.h - what our own programs have to know of the feed's broker. */
#ifndef PF_BROKER_LOCAL_H
#define PF_BROKER_LOCAL_H

#include "broker_conf.h"

/**
 * Put into *ret, which is empty, what producer and consumer read before their
 * own files: where the broker is, and how large a batch it takes, should that
 * be less than librdkafka would make.
 *
 * PF_NOMEM  memory ran out
 */
enum pf_rc pf_broker_local(const struct pf_broker_conf *conf,
                           struct pf_settings *ret, struct pf_error *err);

#endif
