/* vec.h - arrays that grow. */
#ifndef PF_VEC_H
#define PF_VEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

/** An array of type; all zero is an empty one, free(vec.at) releases it. */
#define PF_VEC(type)    \
    struct {            \
        type *at;       \
        size_t n, size; \
    }

/** Room for n of width bytes each in *at, which has room for *size. */
static inline bool pf_vec_room(void **at, size_t *size, size_t n, size_t width)
{
    size_t want = *size ? *size : 16;
    void *grown;

    if (n <= *size)
        return true;
    while (want < n)
        want += want / 2;
    grown = reallocarray(*at, want, width);
    if (!grown)
        return false;
    *at = grown;
    *size = want;
    return true;
}

/** Put value at the end of *vec. False: memory ran out, nothing changed. */
#define PF_VEC_PUSH(vec, value)                                   \
    (pf_vec_room((void **)&(vec)->at, &(vec)->size, (vec)->n + 1, \
                 sizeof *(vec)->at) &&                            \
     ((vec)->at[(vec)->n++] = (value), true))

/** The last one; there must be one. */
#define PF_VEC_LAST(vec) (&(vec)->at[(vec)->n - 1])

/** Bits, one for each of n things; free() releases them. */
static inline bool pf_bit(const unsigned char *bits, size_t i)
{
    return bits[i / 8] >> i % 8 & 1;
}

static inline void pf_bit_set(unsigned char *bits, size_t i)
{
    bits[i / 8] = (unsigned char)(bits[i / 8] | 1u << i % 8);
}

static inline unsigned char *pf_bits_new(size_t n)
{
    return calloc(n / 8 + 1, 1);
}

#endif
