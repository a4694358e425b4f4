/* unpack.h - unpacks gzip, bzip2 and zstd piece by piece.
 *
 * Packed data are a row of members (gzip), streams (bzip2) or frames (zstd),
 * here always called members. Memory: 40 KB for gzip, 4 MB for bzip2; for
 * zstd its window: 8 MB after zstd -19, 128 MB at most.
 */
#ifndef PF_UNPACK_H
#define PF_UNPACK_H

#include <stddef.h>

#include "error.h"

/** Bytes to unpack, and room for the result; unpack() advances both. */
struct pf_piece {
    unsigned char *in; /* only read; zlib has no const here */
    size_t in_len;
    char *out;
    size_t out_len;
};

/** A compression format. One constant table for each. */
struct pf_packing {
    const char *name; /* such as gzip; also the name of its program */

    /*
     * Do these n bytes begin a member?
     *
     * PF_OK      they do
     * PF_AGAIN   they may: more bytes would tell
     * PF_FORMAT  they do not
     */
    enum pf_rc (*begins)(const unsigned char *at, size_t n);

    /* Prepare for the first member. NULL: memory ran out. */
    void *(*open)(void);

    /*
     * Unpack from in to out until one of them is used up.
     *
     * PF_OK      call again; if room is left, with more bytes
     * PF_END     a member has ended; the next call begins another
     * PF_FORMAT  the bytes are damaged; *err says how, in a few words
     * PF_CONFIG  they need more memory than allowed; *err has the remedy
     * PF_NOMEM   memory ran out
     *
     * After a failure it can only be closed.
     */
    enum pf_rc (*unpack)(void *state, struct pf_piece *piece,
                         struct pf_error *err);

    /* Closing NULL does nothing. */
    void (*close)(void *state);
};

/**
 * Find how a file that begins with these n bytes is packed.
 *
 * PF_OK      *ret is how
 * PF_AGAIN   more bytes would tell
 * PF_FORMAT  in none of these formats
 */
enum pf_rc pf_packing_find(const unsigned char *at, size_t n,
                           const struct pf_packing **ret);

#endif
