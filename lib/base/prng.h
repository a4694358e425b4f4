/* prng.h - seeded random numbers, the same on every machine. */
#ifndef PF_PRNG_H
#define PF_PRNG_H

#include <stdint.h>

#include "error.h"

/**
 * Scramble 64 bits. The mapping is one-to-one: different numbers stay
 * different. This is the output function of SplitMix64 (Steele, Lea and Flood,
 * "Fast splittable pseudorandom number generators", OOPSLA 2014), whose
 * constants are Stafford's variant 13.
 */
static inline uint64_t pf_prng_mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/**
 * The i-th number, counted from 0, of the sequence that belongs to seed. It
 * depends only on seed and i, so that a run can be resumed anywhere: this is
 * SplitMix64 with its state computed, not stepped.
 */
static inline uint64_t pf_prng_at(uint64_t seed, uint64_t i)
{
    return pf_prng_mix(seed + (i + 1) * UINT64_C(0x9e3779b97f4a7c15));
}

/**
 * A number from 0 to n - 1, each equally likely, from 32 random bits: the
 * upper half of their product with n. For 2^32 mod n of the 2^32 products
 * some results would be one too many: then it returns n, and the caller draws
 * again (Lemire, "Fast random integer generation in an interval", 2019).
 */
static inline uint32_t pf_prng_below(uint32_t n, uint32_t bits)
{
    uint64_t product = (uint64_t)bits * n;

    if ((uint32_t)product < n && (uint32_t)product < -n % n)
        return n;
    return (uint32_t)(product >> 32);
}

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
