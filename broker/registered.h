/* registered.h - whom a ZooKeeper that speaks TLS has registered. */
#ifndef PF_BROKER_REGISTERED_H
#define PF_BROKER_REGISTERED_H

#include "ctl.h"

/** True if the broker of this call reaches ZooKeeper by TLS only. */
bool registered_by_tls(const struct ctl *ctl);

/**
 * Is there a node at path, such as /brokers/ids/1, that goes with its session?
 * By the command `dump` of one of the ZooKeepers, because libzookeeper speaks
 * no TLS here. Tries until the deadline of the call.
 *
 * PF_UNDECIDED  they do not take that command, or our keys are not PEM files
 * PF_IO         none answers
 * PF_NOMEM      out of memory
 */
enum pf_rc registered_ask(const struct ctl *ctl, const char *path, bool *ret,
                          struct pf_error *err);

/**
 * Copy one of the hosts of connect, "a:1,b:2/path", with the path; which counts
 * on and on.
 */
void registered_pick_host(const char *connect, size_t which, char *ret,
                          size_t size);

#endif
