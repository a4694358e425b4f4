/* unpack.h - gzip, bzip2 and zstd, unpacked piece by piece.
 *
 * What they pack is one member (gzip), stream (bzip2) or frame (zstd) after
 * another, here always called a member. Memory: 40 KB for gzip, 4 MB for
 * bzip2; for zstd its window, 8 MB after zstd -19, and 128 MB at most.
 */
#ifndef PF_UNPACK_H
#define PF_UNPACK_H

#include <stddef.h>

#include "error.h"

/** Bytes to unpack, and room for what they become; both are moved on. */
struct pf_piece {
    unsigned char *in; /* only read; zlib has no const here */
    size_t in_len;
    char *out;
    size_t out_len;
};

/** A way to pack. One constant table for each. */
struct pf_packing {
    const char *name; /* gzip: also the program that packs so */

    /*
     * Whether these n bytes begin a member.
     *
     * PF_OK      they do
     * PF_AGAIN   they may: more would tell
     * PF_FORMAT  they do not
     */
    enum pf_rc (*begins)(const unsigned char *at, size_t n);

    /* Makes ready for the first member. NULL: memory ran out. */
    void *(*open)(void);

    /*
     * Unpack from in to out, as much as fits or is there.
     *
     * PF_OK      it can go on; if room is left, with more bytes
     * PF_END     a member has ended; the next call begins another
     * PF_FORMAT  the bytes are damaged; *err says how, in few words
     * PF_CONFIG  they need more memory than they get; *err has the remedy
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
 * Find how a file is packed that begins with these n bytes.
 *
 * PF_OK      *ret is how
 * PF_AGAIN   more bytes would tell
 * PF_FORMAT  in none of these ways
 */
enum pf_rc pf_packing_find(const unsigned char *at, size_t n,
                           const struct pf_packing **ret);

#endif
