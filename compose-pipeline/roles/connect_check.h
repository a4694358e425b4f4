/* connect_check.h - what Kafka Connect needs before it is started. */
#ifndef PF_CONNECT_CHECK_H
#define PF_CONNECT_CHECK_H

#include "error.h"
#include "places.h"

#define CONNECT_SERVERS_SIZE 4096
#define CONNECT_URL_SIZE 320

/**
 * Derive the worker's settings from PF_CONFIG/connect.properties and the
 * variables CONNECT_..., of which BOOTSTRAP_SERVERS is one by now, and write
 * them to PF_RUN/connect.properties. Each CONNECT_SECRET_NAME becomes the file
 * PF_RUN/secrets/name, which only this user can read, and leaves the
 * environment. A plugin.path that is not absolute is below PF_CONNECT.
 * *ret_servers is bootstrap.servers, and *ret_url that of the REST API.
 *
 * PF_CONFIG  a setting cannot work: among them, a REST API on another address
 *            than loopback, as it asks nobody for a password
 * PF_IO      a file cannot be written
 * PF_NOMEM   out of memory
 */
enum pf_rc connect_check(const struct pf_places *places,
                         char ret_servers[static CONNECT_SERVERS_SIZE],
                         char ret_url[static CONNECT_URL_SIZE],
                         struct pf_error *err);

#endif
