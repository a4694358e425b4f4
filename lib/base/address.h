/* address.h - host:port: taken apart, judged, and looked up. */
#ifndef PF_ADDRESS_H
#define PF_ADDRESS_H

#include <netdb.h>
#include <stdbool.h>

#include "error.h"

/** Bytes that hold a host, closing NUL included. */
#define PF_HOST_SIZE 256

/**
 * Split "host:port" or "[host]:port"; the host may be empty.
 *
 * PF_CONFIG  it is neither, or the port is not 1..65535; *host and *port are
 *            then as they were
 */
enum pf_rc pf_parse_address(const char *text, char host[static PF_HOST_SIZE],
                            int *port, struct pf_error *err);

/** True for a host that means every address: "", 0.0.0.0, ::. */
bool pf_host_is_any(const char *host);

/** True for a host that can only be reached from this machine. */
bool pf_host_is_loopback(const char *host);

/**
 * The addresses behind "host:port", for TCP; flags as getaddrinfo(3) has them.
 * The caller frees *ret with freeaddrinfo(3). May wait for a name server.
 *
 * PF_CONFIG  it is not host:port
 * PF_IO      the name is unknown
 */
enum pf_rc pf_resolve_address(const char *text, int flags,
                              struct addrinfo **ret, struct pf_error *err);

#endif
