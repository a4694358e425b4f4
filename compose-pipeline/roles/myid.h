/* myid.h - which server of its ensemble a ZooKeeper is. */
#ifndef PF_MYID_H
#define PF_MYID_H

#include "broker_conf.h"
#include "error.h"

/**
 * Write the file myid into the data directory, as ZooKeeper itself wants it: id
 * is the number of this one among server.1, server.2, ... of its settings. NULL
 * or "": what the file says. A ZooKeeper without such settings is alone, and
 * needs none.
 *
 * PF_CONFIG  id is not the number of a server, or that of another one than the
 *            data is from, or there is none; *err says what is to be set
 * PF_IO      the file cannot be written
 */
enum pf_rc myid_settle(const struct pf_broker_conf *conf, const char *id,
                       struct pf_error *err);

#endif
