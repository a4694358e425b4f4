/* vec.h - arrays that grow. */
#ifndef PF_VEC_H
#define PF_VEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/** An array of type; all zero is an empty one, free(vec.at) releases it. */
#define PF_VEC(type)    \
    struct {            \
        type *at;       \
        size_t n, size; \
    }

/** Make room in *at, which has room for *size, for n elements of width bytes
 * each. */
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

/** One of several arrays that have the same length. */
struct pf_column {
    void **at;
    size_t width; /* of an element, in bytes */
};

/** Make room in all n_columns for n elements; there is room for *size. What
 * they had is lost if they grow. False: memory ran out, and there is room for
 * none. */
static inline bool pf_columns_room(size_t *size, size_t n,
                                   const struct pf_column *columns,
                                   size_t n_columns)
{
    bool ok = true;

    if (n <= *size)
        return true;
    for (size_t i = 0; i < n_columns; i++) {
        free(*columns[i].at);
        *columns[i].at = calloc(n, columns[i].width);
        ok &= *columns[i].at != NULL;
    }
    *size = ok ? n : 0;
    return ok;
}

/** A column of pf_columns_room(). */
#define PF_COLUMN(array)                   \
    {                                      \
        (void **)&(array), sizeof *(array) \
    }

/** Append value to *vec. False: memory ran out, nothing changed. */
#define PF_VEC_PUSH(vec, value)                                   \
    (pf_vec_room((void **)&(vec)->at, &(vec)->size, (vec)->n + 1, \
                 sizeof *(vec)->at) &&                            \
     ((vec)->at[(vec)->n++] = (value), true))

/** For qsort(3): below, at or above 0 as a is below, like or above b. */
#define PF_ORDER(a, b) (((a) > (b)) - ((a) < (b)))

/** The last one; there must be one. */
#define PF_VEC_LAST(vec) (&(vec)->at[(vec)->n - 1])

/**
 * The elements are sorted by a 64-bit member that is never negative. The index
 * of the last element whose member is at most wanted, or 0. There must be one.
 */
#define PF_VEC_FIND(vec, member, wanted)                         \
    pf_vec_find(&(vec)->at->member, (vec)->n, sizeof *(vec)->at, \
                (uint64_t)(wanted))

static inline size_t pf_vec_find(const void *first, size_t n, size_t width,
                                 uint64_t wanted)
{
    size_t low = 0, high = n;
    uint64_t number;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        memcpy(&number, (const char *)first + middle * width, sizeof number);
        if (number <= wanted)
            low = middle;
        else
            high = middle;
    }
    return low;
}

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
