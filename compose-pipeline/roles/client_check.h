/* client_check.h - let a program of ours check its own settings. */
#ifndef PF_CLIENT_CHECK_H
#define PF_CLIENT_CHECK_H

#include <stddef.h>

#include "error.h"

/**
 * Run command, which ends in a NULL, with --show-config: it reports its
 * mistakes on standard error. Copies the brokers that it would ask, its
 * bootstrap.servers, to ret; "" if it names none.
 *
 * PF_CONFIG  it refuses its settings, and has said so: *err is empty
 * PF_IO      a system call failed, or it was killed
 */
enum pf_rc client_check(char *const *command, char *ret, size_t size,
                        struct pf_error *err);

#endif
