#include "unpack.h"

#include <bzlib.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

/* inflateInit2()'s 15 bits of window, and 16 for gzip's header and sum. */
#define GZIP_BITS (15 + 16)

/* 128 MiB, the default of the zstd program. */
#define ZSTD_WINDOW_LOG 27

static unsigned at_most(size_t len)
{
    return len < 1 << 30 ? (unsigned)len : 1 << 30;
}

/* This many bytes have been taken, and this many given. */
static void advance(struct pf_piece *piece, size_t in, size_t out)
{
    piece->in += in;
    piece->in_len -= in;
    piece->out += out;
    piece->out_len -= out;
}

/* Do these n bytes begin with magic, which has len bytes? */
static enum pf_rc compare(const unsigned char *at, size_t n, const char *magic,
                          size_t len)
{
    if (memcmp(at, magic, n < len ? n : len) != 0)
        return PF_FORMAT;
    return n < len ? PF_AGAIN : PF_OK;
}

static enum pf_rc gzip_begins(const unsigned char *at, size_t n)
{
    return compare(at, n, "\x1f\x8b", 2);
}

static void *gzip_open(void)
{
    z_stream *z = calloc(1, sizeof *z);

    if (z && inflateInit2(z, GZIP_BITS) == Z_OK)
        return z;
    free(z);
    return NULL;
}

static enum pf_rc gzip_unpack(void *state, struct pf_piece *piece,
                              struct pf_error *err)
{
    z_stream *z = state;
    unsigned in = at_most(piece->in_len), out = at_most(piece->out_len);
    int result;

    z->next_in = piece->in;
    z->avail_in = in;
    z->next_out = (unsigned char *)piece->out;
    z->avail_out = out;
    result = inflate(z, Z_NO_FLUSH);
    advance(piece, in - z->avail_in, out - z->avail_out);
    switch (result) {
    case Z_OK:
    case Z_BUF_ERROR: /* no progress was possible, nothing worse */
        return PF_OK;
    case Z_STREAM_END:
        inflateReset(z);
        return PF_END;
    case Z_MEM_ERROR:
        return pf_fail(err, PF_NOMEM, "gzip: out of memory");
    default:
        return pf_fail(err, PF_FORMAT, "%s", z->msg ? z->msg : "malformed");
    }
}

static void gzip_close(void *state)
{
    if (state)
        inflateEnd(state);
    free(state);
}

static enum pf_rc bzip2_begins(const unsigned char *at, size_t n)
{
    if (n >= 4 && (at[3] < '1' || at[3] > '9'))
        return PF_FORMAT;
    return compare(at, n < 3 ? n : n - 1, "BZh", 3);
}

static void *bzip2_open(void)
{
    return calloc(1, sizeof(bz_stream));
}

static enum pf_rc bzip2_unpack(void *state, struct pf_piece *piece,
                               struct pf_error *err)
{
    bz_stream *b = state;
    unsigned in = at_most(piece->in_len), out = at_most(piece->out_len);
    int result = BZ_OK;

    b->next_in = (char *)piece->in;
    b->avail_in = in;
    b->next_out = piece->out;
    b->avail_out = out;
    if (!b->state) /* the library's: there is none between two streams */
        result = BZ2_bzDecompressInit(b, 0, 0);
    if (result == BZ_OK)
        result = BZ2_bzDecompress(b);
    advance(piece, in - b->avail_in, out - b->avail_out);
    switch (result) {
    case BZ_OK:
        return PF_OK;
    case BZ_STREAM_END:
        BZ2_bzDecompressEnd(b);
        return PF_END;
    case BZ_MEM_ERROR:
        return pf_fail(err, PF_NOMEM, "bzip2: out of memory");
    default:
        return pf_fail(err, PF_FORMAT, "malformed");
    }
}

static void bzip2_close(void *state)
{
    if (state)
        BZ2_bzDecompressEnd(state);
    free(state);
}

/* A frame, or a skippable one. */
static enum pf_rc zstd_begins(const unsigned char *at, size_t n)
{
    if (n && (*at & 0xf0) == 0x50)
        return compare(at + 1, n - 1, "\x2a\x4d\x18", 3);
    return compare(at, n, "\x28\xb5\x2f\xfd", 4);
}

static void *zstd_open(void)
{
    ZSTD_DCtx *z = ZSTD_createDCtx();

    if (z)
        ZSTD_DCtx_setParameter(z, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG);
    return z;
}

static enum pf_rc zstd_unpack(void *state, struct pf_piece *piece,
                              struct pf_error *err)
{
    ZSTD_inBuffer in = {.src = piece->in, .size = piece->in_len};
    ZSTD_outBuffer out = {.dst = piece->out, .size = piece->out_len};
    size_t result = ZSTD_decompressStream(state, &out, &in);

    advance(piece, in.pos, out.pos);
    if (!ZSTD_isError(result))
        return result ? PF_OK : PF_END;
    switch (ZSTD_getErrorCode(result)) {
    case ZSTD_error_frameParameter_windowTooLarge:
        return pf_fail(err, PF_CONFIG,
                       "it is zstd with a window beyond 128 MiB; unpack it "
                       "first, or on the way: zstd -dc --long=31 FILE | "
                       "pf-producer -X feed.replay.path=- ...");
    case ZSTD_error_memory_allocation:
        return pf_fail(err, PF_NOMEM, "zstd: out of memory");
    default:
        return pf_fail(err, PF_FORMAT, "%s", ZSTD_getErrorName(result));
    }
}

static void zstd_close(void *state)
{
    ZSTD_freeDCtx(state);
}

static const struct pf_packing packings[] = {
    {"gzip", gzip_begins, gzip_open, gzip_unpack, gzip_close},
    {"bzip2", bzip2_begins, bzip2_open, bzip2_unpack, bzip2_close},
    {"zstd", zstd_begins, zstd_open, zstd_unpack, zstd_close},
};

enum pf_rc pf_packing_find(const unsigned char *at, size_t n,
                           const struct pf_packing **ret)
{
    enum pf_rc found = PF_FORMAT;

    for (size_t i = 0; i < sizeof packings / sizeof *packings; i++) {
        enum pf_rc rc = packings[i].begins(at, n);

        if (!rc) {
            *ret = &packings[i];
            return PF_OK;
        }
        if (rc == PF_AGAIN)
            found = rc;
    }
    return found;
}
