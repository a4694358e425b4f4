#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "foreign.h"
#include "log.h"
#include "stop.h"
#include "unpack.h"

#define RAW_SIZE 65536

enum place {
    BEGINNING, /* its format is not known yet */
    IN_TEXT,   /* in data that are not packed */
    IN_MEMBER, /* in a member of packed data */
    BETWEEN,   /* after a member: another may follow */
    IN_ZEROS,  /* after the last member */
    AT_END,    /* done, whatever the file still has */
};

struct pf_input {
    int fd;
    bool owned;       /* we close fd */
    const char *name; /* borrowed */

    enum place place;
    const struct pf_packing *packing; /* while it is packed */
    void *unpacker;                   /* its state */
    bool looked;                      /* at the first unpacked bytes */
    bool more;                        /* unpacking can go on without input */
    bool said;                        /* logged that bytes are ignored */

    enum pf_rc failed; /* returned once all data before it have been */
    struct pf_error failure;

    bool ended; /* read(2) has nothing more */
    size_t begin, used;
    unsigned char raw[RAW_SIZE]; /* bytes read and not yet used: begin..used */
};

static enum pf_rc wrong(const struct pf_input *in, enum pf_rc rc,
                        const char *why, struct pf_error *err)
{
    return pf_fail(err, rc, "%s: %s", in->name, why);
}

/* Move what is in raw to its beginning, and read more after it. PF_OK at the
 * end of the file, too. */
static enum pf_rc fill(struct pf_input *in, int timeout_ms,
                       struct pf_error *err)
{
    ssize_t len;

    memmove(in->raw, in->raw + in->begin, in->used - in->begin);
    in->used -= in->begin;
    in->begin = 0;
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

/* Recognise the format by its first bytes; PF_AGAIN: more are needed. */
static enum pf_rc recognise(struct pf_input *in, struct pf_error *err)
{
    size_t n = in->used - in->begin;
    const unsigned char *raw = in->raw + in->begin;
    enum pf_rc packed = n ? pf_packing_find(raw, n, &in->packing) : PF_AGAIN;
    enum pf_rc rc = pf_foreign_check(in->name, raw, n, NULL, err);

    if (!packed) {
        in->unpacker = in->packing->open();
        in->place = IN_MEMBER;
        return in->unpacker ? PF_OK : wrong(in, PF_NOMEM, "out of memory", err);
    }
    if (rc == PF_CONFIG)
        return rc;
    if ((packed == PF_AGAIN || rc == PF_AGAIN) && !in->ended)
        return PF_AGAIN;
    in->place = IN_TEXT;
    return PF_OK;
}

static void copy(struct pf_input *in, char *buf, size_t size, size_t *ret_len)
{
    size_t n = in->used - in->begin;

    *ret_len = n < size ? n : size;
    memcpy(buf, in->raw + in->begin, *ret_len);
    in->begin += *ret_len;
}

/* PF_AGAIN: more bytes are needed. */
static enum pf_rc unpack(struct pf_input *in, char *buf, size_t size,
                         size_t *ret_len, struct pf_error *err)
{
    struct pf_piece piece = {.in = in->raw + in->begin,
                             .in_len = in->used - in->begin,
                             .out = buf,
                             .out_len = size};
    struct pf_error why;
    enum pf_rc rc;

    if (!piece.in_len && !in->more)
        return PF_AGAIN;
    rc = in->packing->unpack(in->unpacker, &piece, &why);
    in->begin = in->used - piece.in_len;
    *ret_len = size - piece.out_len;
    in->more = !piece.out_len;
    if (!in->looked && *ret_len) {
        in->looked = true;
        if (pf_foreign_check(in->name, (unsigned char *)buf, *ret_len,
                             in->packing->name, err) == PF_CONFIG) {
            *ret_len = 0;
            return PF_CONFIG;
        }
    }
    if (rc == PF_END)
        in->place = BETWEEN;
    else if (rc == PF_FORMAT)
        return pf_fail(err, rc, "its %s data are damaged: %s",
                       in->packing->name, why.text);
    else if (rc)
        return wrong(in, rc, why.text, err);
    return PF_OK;
}

/* What follows a member? PF_AGAIN: more bytes are needed to tell. */
static enum pf_rc look_behind(struct pf_input *in)
{
    size_t n = in->used - in->begin;
    enum pf_rc rc = in->packing->begins(in->raw + in->begin, n);

    if (rc == PF_AGAIN && !in->ended)
        return PF_AGAIN;
    in->place = rc ? IN_ZEROS : IN_MEMBER;
    return PF_OK;
}

static enum pf_rc skip_zeros(struct pf_input *in)
{
    while (in->begin < in->used && !in->raw[in->begin])
        in->begin++;
    if (in->begin == in->used && !in->ended)
        return PF_AGAIN;
    if (in->begin < in->used && !in->said) {
        pf_log(PF_LOG_WARNING,
               "%s: bytes after the end of its %s data are ignored", in->name,
               in->packing->name);
        in->said = true;
    }
    in->place = AT_END;
    return PF_OK;
}

/* One step with the bytes in raw. PF_AGAIN: more are needed. */
static enum pf_rc step(struct pf_input *in, char *buf, size_t size,
                       size_t *ret_len, struct pf_error *err)
{
    switch (in->place) {
    case BEGINNING:
        return recognise(in, err);
    case IN_TEXT:
        copy(in, buf, size, ret_len);
        return *ret_len ? PF_OK : PF_AGAIN;
    case IN_MEMBER:
        return unpack(in, buf, size, ret_len, err);
    case BETWEEN:
        return look_behind(in);
    case IN_ZEROS:
        return skip_zeros(in);
    default:
        return PF_END;
    }
}

enum pf_rc pf_input_read(struct pf_input *in, int timeout_ms, char *buf,
                         size_t size, size_t *ret_len, struct pf_error *err)
{
    enum pf_rc rc = in->failed;

    *ret_len = 0;
    while (!rc && !*ret_len) {
        rc = step(in, buf, size, ret_len, &in->failure);
        if (rc == PF_AGAIN && !in->ended)
            rc = fill(in, timeout_ms, &in->failure);
        else if (rc == PF_AGAIN && in->place == IN_MEMBER)
            rc = pf_fail(&in->failure, PF_FORMAT, "its %s data are cut off",
                         in->packing->name);
        else if (rc == PF_AGAIN)
            rc = PF_END;
    }
    if (rc && rc != PF_AGAIN)
        in->failed = rc;
    if (*ret_len)
        return PF_OK;
    return rc == PF_AGAIN || rc == PF_END
               ? rc
               : pf_fail(err, rc, "%s", in->failure.text);
}

enum pf_rc pf_input_rewind(struct pf_input *in, struct pf_error *err)
{
    if (lseek(in->fd, 0, SEEK_SET) != 0)
        return wrong(in, PF_IO, strerror(errno), err);
    if (in->packing)
        in->packing->close(in->unpacker);
    in->packing = NULL;
    in->unpacker = NULL;
    in->begin = in->used = 0;
    in->ended = in->looked = in->more = false;
    in->place = BEGINNING;
    in->failed = PF_OK;
    return PF_OK;
}

const char *pf_input_name(const struct pf_input *in)
{
    return in->name;
}

static enum pf_rc open_file(struct pf_input *in, const char *path,
                            struct pf_error *err)
{
    struct stat info;

    in->fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (in->fd < 0)
        return wrong(in, PF_CONFIG, strerror(errno), err);
    in->owned = true;
    if (!fstat(in->fd, &info) && S_ISDIR(info.st_mode))
        return wrong(in, PF_CONFIG, strerror(EISDIR), err);
    return PF_OK;
}

enum pf_rc pf_input_open(const char *path, struct pf_input **ret,
                         struct pf_error *err)
{
    struct pf_input *in = calloc(1, sizeof *in);
    bool standard = !strcmp(path, "-");
    enum pf_rc rc = PF_OK;

    if (!in)
        return pf_fail(err, PF_NOMEM, "%s: out of memory", path);
    in->name = standard ? "standard input" : path;
    in->fd = STDIN_FILENO;
    if (!standard)
        rc = open_file(in, path, err);
    if (rc) {
        pf_input_close(in);
        return rc;
    }
    *ret = in;
    return PF_OK;
}

void pf_input_close(struct pf_input *in)
{
    if (!in)
        return;
    if (in->packing)
        in->packing->close(in->unpacker);
    if (in->owned)
        close(in->fd);
    free(in);
}
