/* seed.h - the number that chance follows. */
#ifndef PF_SEED_H
#define PF_SEED_H

#include <stdint.h>

#include "error.h"

/**
 * The seed that a setting's text is, or one that the kernel chooses when it is
 * empty.
 *
 * PF_CONFIG  it is no number from 0 to 18446744073709551615
 * PF_IO      the kernel gave none
 */
enum pf_rc pf_seed_choose(const char *text, uint64_t *ret,
                          struct pf_error *err);

#endif
