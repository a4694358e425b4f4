/* dial.h - connections to other programs, made in a given time. */
#ifndef PF_DIAL_H
#define PF_DIAL_H

#include "error.h"

/**
 * Connect to address, "host:port"; each of the host's addresses is tried for up
 * to ms milliseconds. The caller closes *ret, which does not block. A name
 * server that does not answer may take longer.
 *
 * PF_AGAIN   no process listens there, or there was no answer in time
 * PF_CONFIG  there is no such address
 */
enum pf_rc pf_dial(const char *address, int ms, int *ret, struct pf_error *err);

/** The same, then close the connection: tells whether a process listens. */
enum pf_rc pf_knock(const char *address, int ms, struct pf_error *err);

#endif
