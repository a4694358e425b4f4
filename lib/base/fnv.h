/* fnv.h - a hash that is the same on every machine (FNV-1a, 64 bits): of a few
 * bytes, where nobody tries to find two with the same one. */
#ifndef PF_FNV_H
#define PF_FNV_H

#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/** The hash of nothing, to which the others add. */
#define PF_FNV_BEGIN UINT64_C(0xcbf29ce484222325)

static inline uint64_t pf_fnv_bytes(uint64_t hash, const void *bytes, size_t n)
{
    const unsigned char *at = bytes;

    while (n--)
        hash = (hash ^ *at++) * UINT64_C(0x100000001b3);
    return hash;
}

/** The text with its closing NUL. */
static inline uint64_t pf_fnv_text(uint64_t hash, const char *text)
{
    return pf_fnv_bytes(hash, text, strlen(text) + 1);
}

/** The number in decimal digits, with a closing NUL. */
static inline uint64_t pf_fnv_number(uint64_t hash, int64_t number)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRId64, number);
    return pf_fnv_text(hash, text);
}

#endif
