#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "stop.h"

#define RAW_SIZE 65536

/* inflateInit2()'s 15 bits of window, and 16 for gzip's header and sum. */
#define GZIP_BITS (15 + 16)

enum form { UNKNOWN, PLAIN, GZIP };

struct pf_input {
    int fd;
    bool owned;       /* fd is ours to close */
    const char *name; /* borrowed */
    enum form form;
    z_stream gzip;
    bool in_member; /* of a gzip file: its end has not come yet */
    bool ended;     /* read(2) has nothing more */
    size_t begin, used;
    unsigned char raw[RAW_SIZE]; /* read and not yet given: begin..used */
};

static enum pf_rc wrong(const struct pf_input *in, enum pf_rc rc,
                        const char *why, struct pf_error *err)
{
    return pf_fail(err, rc, "%s: %s", in->name, why);
}

/* Read more into raw, which has room. PF_OK at the end of the file, too. */
static enum pf_rc fill(struct pf_input *in, int timeout_ms,
                       struct pf_error *err)
{
    ssize_t len;

    if (in->begin == in->used)
        in->begin = in->used = 0;
    if (pf_wait(in->fd, POLLIN, timeout_ms))
        return PF_AGAIN;
    len = read(in->fd, in->raw + in->used, RAW_SIZE - in->used);
    if (len < 0)
        return errno == EINTR || errno == EAGAIN
                   ? PF_AGAIN
                   : wrong(in, PF_IO, strerror(errno), err);
    in->ended = len == 0;
    in->used += (size_t)len;
    return PF_OK;
}

/* Two bytes tell whether it is gzip's. */
static void recognise(struct pf_input *in)
{
    size_t n = in->used - in->begin;
    const unsigned char *raw = in->raw + in->begin;

    if (n >= 2)
        in->form = raw[0] == 0x1f && raw[1] == 0x8b ? GZIP : PLAIN;
    else if (in->ended)
        in->form = PLAIN;
}

static void copy(struct pf_input *in, char *buf, size_t size, size_t *ret_len)
{
    size_t n = in->used - in->begin;

    *ret_len = n < size ? n : size;
    memcpy(buf, in->raw + in->begin, *ret_len);
    in->begin += *ret_len;
}

static enum pf_rc unpack(struct pf_input *in, char *buf, size_t size,
                         size_t *ret_len, struct pf_error *err)
{
    int result;

    if (!in->in_member) { /* one may follow another */
        inflateReset(&in->gzip);
        in->in_member = true;
    }
    in->gzip.next_in = in->raw + in->begin;
    in->gzip.avail_in = (uInt)(in->used - in->begin);
    in->gzip.next_out = (unsigned char *)buf;
    in->gzip.avail_out = (uInt)size;
    result = inflate(&in->gzip, Z_NO_FLUSH);
    in->begin = in->used - in->gzip.avail_in;
    *ret_len = size - in->gzip.avail_out;
    if (result == Z_STREAM_END)
        in->in_member = false;
    else if (result == Z_MEM_ERROR)
        return wrong(in, PF_NOMEM, "out of memory", err);
    else if (result != Z_OK && result != Z_BUF_ERROR)
        return wrong(in, PF_FORMAT,
                     in->gzip.msg ? in->gzip.msg : "no gzip file", err);
    return PF_OK;
}

enum pf_rc pf_input_read(struct pf_input *in, int timeout_ms, char *buf,
                         size_t size, size_t *ret_len, struct pf_error *err)
{
    enum pf_rc rc = PF_OK;

    *ret_len = 0;
    while (!rc && !*ret_len) {
        if (in->form == UNKNOWN)
            recognise(in);
        if (in->begin < in->used && in->form == PLAIN)
            copy(in, buf, size, ret_len);
        else if (in->begin < in->used && in->form == GZIP)
            rc = unpack(in, buf, size, ret_len, err);
        else if (!in->ended)
            rc = fill(in, timeout_ms, err);
        else if (in->in_member)
            rc = wrong(in, PF_FORMAT, "it ends too early for gzip", err);
        else
            rc = PF_END;
    }
    return *ret_len ? PF_OK : rc;
}

enum pf_rc pf_input_rewind(struct pf_input *in, struct pf_error *err)
{
    if (lseek(in->fd, 0, SEEK_SET) != 0)
        return wrong(in, PF_IO, strerror(errno), err);
    in->begin = in->used = 0;
    in->ended = in->in_member = false;
    in->form = UNKNOWN;
    return PF_OK;
}

const char *pf_input_name(const struct pf_input *in)
{
    return in->name;
}

enum pf_rc pf_input_open(const char *path, struct pf_input **ret,
                         struct pf_error *err)
{
    struct pf_input *in = calloc(1, sizeof *in);
    bool standard = !strcmp(path, "-");

    if (!in || inflateInit2(&in->gzip, GZIP_BITS) != Z_OK) {
        free(in);
        return pf_fail(err, PF_NOMEM, "%s: out of memory", path);
    }
    in->owned = !standard;
    in->name = standard ? "standard input" : path;
    in->fd = standard
                 ? STDIN_FILENO
                 : open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (in->fd < 0) {
        pf_fail(err, PF_CONFIG, "%s: %s", path, strerror(errno));
        pf_input_close(in);
        return PF_CONFIG;
    }
    *ret = in;
    return PF_OK;
}

void pf_input_close(struct pf_input *in)
{
    if (!in)
        return;
    inflateEnd(&in->gzip);
    if (in->owned && in->fd >= 0)
        close(in->fd);
    free(in);
}
