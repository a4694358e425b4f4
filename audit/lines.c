#include "lines.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "clock.h"
#include "match.h"
#include "stop.h"

enum pf_rc pf_lines_open(struct pf_lines *l, const char *path, bool follow,
                         struct pf_error *err)
{
    struct stat file;

    l->path = path;
    l->fd = -1;
    if (!*path)
        return PF_OK;
    l->fd = strcmp(path, "-") ? open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
                              : STDIN_FILENO;
    if (l->fd < 0 || fstat(l->fd, &file))
        return pf_fail(err, PF_UNDECIDED, "%s: %s", path, strerror(errno));
    l->keep_times = follow || !S_ISREG(file.st_mode);
    return PF_OK;
}

void pf_lines_release(struct pf_lines *l)
{
    if (l->fd > STDIN_FILENO)
        close(l->fd);
    free(l->crcs.at);
    free(l->times.at);
    free(l->matches.at);
    *l = (struct pf_lines){0};
}

/* Keep the beginning of a line: no price that a consumer prints is longer. */
static void keep_text(struct pf_lines *l, const char *bytes, size_t n)
{
    size_t room = sizeof l->text - l->len;

    if (n > room)
        n = room;
    memcpy(l->text + l->len, bytes, n);
    l->len += n;
}

/* The match of the line that ends. */
static uint16_t match_of(const struct pf_lines *l)
{
    struct pf_price price;

    if (l->len == sizeof l->text ||
        (!pf_price_recognise(l->text, l->len, &price) &&
         pf_price_decode(l->text, l->len, &price, NULL)))
        return 0;
    return pf_match_class(price.match);
}

enum pf_rc pf_lines_add(struct pf_lines *l, const char *bytes, size_t len,
                        int64_t now_ns, struct pf_error *err)
{
    while (len) {
        const char *end = memchr(bytes, '\n', len);
        size_t n = end ? (size_t)(end - bytes) : len;

        l->crc = (uint32_t)crc32_z(l->crc, (const void *)bytes, n);
        if (l->keep_matches)
            keep_text(l, bytes, n);
        if (!end)
            return PF_OK;
        if (!PF_VEC_PUSH(&l->crcs, l->crc) ||
            (l->keep_matches && !PF_VEC_PUSH(&l->matches, match_of(l))) ||
            (l->keep_times && !PF_VEC_PUSH(&l->times, now_ns)))
            return pf_fail(err, PF_NOMEM, "no memory for more than %zu lines",
                           l->crcs.n);
        l->crc = 0;
        l->len = 0;
        bytes += n + 1;
        len -= n + 1;
    }
    return PF_OK;
}

enum pf_rc pf_lines_read(struct pf_lines *l, bool whole, struct pf_error *err)
{
    enum pf_rc rc = PF_OK;
    char buf[65536];
    ssize_t n;

    while (!rc && l->fd >= 0) {
        rc = pf_wait(l->fd, POLLIN, whole ? -1 : 0);
        if (rc)
            break;
        n = read(l->fd, buf, sizeof buf);
        if (n > 0)
            rc = pf_lines_add(l, buf, (size_t)n, pf_wall_ns(), err);
        else if (n == 0)
            rc = PF_END;
        else if (errno != EAGAIN && errno != EINTR)
            rc = pf_fail(err, PF_IO, "%s: %s", l->path, strerror(errno));
        else if (!whole)
            rc = PF_AGAIN;
    }
    return rc == PF_AGAIN || rc == PF_END ? PF_OK : rc;
}
