/* seed.h - the seed of random numbers. */
#ifndef PF_SEED_H
#define PF_SEED_H

#include <stdint.h>

#include "error.h"

/**
 * Parse the seed in a setting's text; if text is empty, take a random one from
 * the kernel.
 *
 * PF_CONFIG  text is not a whole number from 0 to 18446744073709551615
 * PF_IO      the kernel gave no random number
 */
enum pf_rc pf_seed_choose(const char *text, uint64_t *ret,
                          struct pf_error *err);

#endif
