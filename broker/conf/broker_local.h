/* broker_local.h - what our own programs need to know about the broker. */
#ifndef PF_BROKER_LOCAL_H
#define PF_BROKER_LOCAL_H

#include "broker_conf.h"

/**
 * Put into *ret, which must be empty, the settings that producer and consumer
 * read before their own files: the broker's address, and the largest batch it
 * accepts if that is smaller than librdkafka's default.
 *
 * PF_NOMEM  out of memory
 */
enum pf_rc pf_broker_local(const struct pf_broker_conf *conf,
                           struct pf_settings *ret, struct pf_error *err);

#endif
