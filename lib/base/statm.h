/* statm.h - how much memory this process has. */
#ifndef PF_STATM_H
#define PF_STATM_H

#include <stddef.h>

/** Fields of /proc/self/statm, see proc(5). */
enum pf_statm { PF_STATM_SPACE, PF_STATM_RESIDENT };

/** Open that file: a descriptor, the caller's, or -1. */
int pf_statm_open(void);

/** Bytes of that field; 0: unknown. fd is that of the file, or -1. A signal's
 * handler may call it. */
size_t pf_statm_read(int fd, enum pf_statm field);

#endif
