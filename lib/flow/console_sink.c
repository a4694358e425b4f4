#include "console_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "stop.h"

/* A pipe holds 64 KiB: a larger buffer would only wait longer. */
#define BUFFER_SIZE 65536
#define LINES_MAX 4096 /* 16 bytes a line; prices have 30 */

#define OWN_OUTPUT "/proc/self/fd/1"

struct console_sink {
    struct pf_sink base;
    int fd;
    bool owned;   /* fd is ours to close, and does not block */
    size_t chunk; /* most bytes in one write(2), unless a line is longer */
    struct pf_tickets tickets;

    size_t begin, used;       /* bytes not yet written: begin..used */
    size_t first, n;          /* lines not yet written completely */
    unsigned ends[LINES_MAX]; /* where each line ends in buf */
    char *buf;                /* grows to fit a longer line */
    size_t size;
};

/* Make room for a line of len bytes that is longer than the whole buffer. */
static enum pf_rc grow(struct console_sink *s, size_t len, struct pf_error *err)
{
    char *buf = realloc(s->buf, len);

    if (!buf)
        return pf_fail(err, PF_NOMEM, "console: a line of %zu bytes", len);
    s->buf = buf;
    s->size = len;
    return PF_OK;
}

static enum pf_rc console_write(struct pf_sink *base,
                                const struct pf_record *records, size_t n,
                                uint64_t ticket, size_t *ret_taken,
                                struct pf_error *err)
{
    struct console_sink *s = (struct console_sink *)base;
    enum pf_rc rc = PF_OK;

    for (*ret_taken = 0; *ret_taken < n; ++*ret_taken) {
        const struct pf_record *record = &records[*ret_taken];
        size_t len = record->value_len;

        if (s->used == 0 && len + 1 > s->size)
            rc = grow(s, len + 1, err);
        else if (s->size - s->used < len + 1 || s->first + s->n == LINES_MAX)
            rc = PF_AGAIN; /* flush() makes room */
        if (rc)
            break;
        if (len)
            memcpy(s->buf + s->used, record->value, len);
        s->used += len;
        s->buf[s->used++] = '\n';
        s->ends[s->first + s->n++] = (unsigned)s->used;
    }
    pf_tickets_take(&s->tickets, ticket, *ret_taken);
    return rc;
}

/* How many bytes to write next: whole lines, as many as a chunk holds. */
static size_t next_chunk(const struct console_sink *s)
{
    size_t end = s->ends[s->first];

    for (size_t i = 1; i < s->n; i++) {
        size_t next = s->ends[s->first + i];

        if (next - s->begin > s->chunk)
            break;
        end = next;
    }
    return end - s->begin;
}

/* Note that len more bytes have been written. */
static void advance(struct console_sink *s, size_t len)
{
    size_t before = s->n;

    s->begin += len;
    while (s->n && s->ends[s->first] <= s->begin) {
        s->first++;
        s->n--;
    }
    pf_tickets_arrive(&s->tickets, s->tickets.arrived, before - s->n);
    if (s->n == 0)
        s->begin = s->used = s->first = 0;
}

/* PF_AGAIN: the console takes nothing now. */
static enum pf_rc write_chunk(struct console_sink *s, struct pf_error *err)
{
    ssize_t len = write(s->fd, s->buf + s->begin, next_chunk(s));

    if (len >= 0) {
        advance(s, (size_t)len);
        return PF_OK;
    }
    if (errno == EAGAIN || errno == EINTR)
        return PF_AGAIN; /* poll(2) says when to try again */
    if (errno == EPIPE)
        return pf_fail(err, PF_END, "console: its reader has closed it");
    return pf_fail(err, PF_IO, "console: %s", strerror(errno));
}

static enum pf_rc console_flush(struct pf_sink *base, int timeout_ms,
                                struct pf_arrival *ret, struct pf_error *err)
{
    struct console_sink *s = (struct console_sink *)base;
    int64_t deadline = pf_now_ms() + timeout_ms;
    bool may_try = s->owned; /* it does not block, and says if it is full */
    enum pf_rc rc = PF_OK;

    while (s->n && !rc) {
        if (!may_try && pf_wait(s->fd, POLLOUT, pf_left_ms(deadline))) {
            rc = PF_AGAIN; /* timeout, or a stop was asked for */
            break;
        }
        rc = write_chunk(s, err);
        may_try = !rc && s->owned;
        if (rc == PF_AGAIN)
            rc = PF_OK;
    }
    *ret = pf_tickets_arrival(&s->tickets);
    return rc;
}

static void console_close(struct pf_sink *base)
{
    struct console_sink *s = (struct console_sink *)base;

    if (s->owned)
        close(s->fd);
    free(s->buf);
    free(s);
}

static const struct pf_sink_ops console_ops = {
    .write = console_write,
    .flush = console_flush,
    .close = console_close,
};

/* The file's last byte before end; '\n' if nobody may read it. */
static char last_byte(const char *path, off_t end)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    char last = '\n';

    if (fd >= 0 && pread(fd, &last, 1, end - 1) != 1)
        last = '\n';
    if (fd >= 0)
        close(fd);
    return last;
}

/* A full disk may have cut off the last line of a regular file: lines are
 * written whole, so that nobody else is in the middle of one. End it, or the
 * next one would be glued to it. This may be standard output, which need not
 * append. */
static enum pf_rc end_last_line(const struct console_sink *s, const char *path,
                                const struct stat *st, struct pf_error *err)
{
    bool appends = fcntl(s->fd, F_GETFL) & O_APPEND;
    off_t end = appends ? st->st_size : lseek(s->fd, 0, SEEK_CUR);

    if (end <= 0 || last_byte(path, end) == '\n')
        return PF_OK;
    if (write(s->fd, "\n", 1) != 1)
        return pf_fail(err, PF_IO, "console: %s", strerror(errno));
    return PF_OK;
}

/*
 * Open the console. A pipe or terminal gets an open file description of its
 * own, so that making it non-blocking does not affect other processes:
 * standard output is opened again by its name under /proc. A regular file
 * keeps its description, whose position others share.
 */
static enum pf_rc open_console(struct console_sink *s, const char *path,
                               struct pf_error *err)
{
    struct stat st;
    int fd;

    s->fd = STDOUT_FILENO;
    if (!*path && fstat(STDOUT_FILENO, &st) != 0)
        return pf_fail(err, PF_IO, "standard output: %s", strerror(errno));
    s->chunk = PIPE_BUF;
    if (!*path && S_ISSOCK(st.st_mode))
        return PF_OK;
    if (!*path && S_ISREG(st.st_mode)) {
        s->chunk = BUFFER_SIZE;
        return end_last_line(s, OWN_OUTPUT, &st, err);
    }
    fd = open(*path ? path : OWN_OUTPUT,
              O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 && *path)
        return pf_fail(err, PF_IO, "console %s: %s", path, strerror(errno));
    if (fd < 0)
        return PF_OK; /* no /proc, or not ours: rely on poll(2) alone */
    s->fd = fd;
    s->owned = true;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return PF_OK;
    s->chunk = BUFFER_SIZE;
    return end_last_line(s, path, &st, err);
}

enum pf_rc pf_console_sink_open(const char *path, struct pf_sink **ret,
                                struct pf_error *err)
{
    struct console_sink *s = calloc(1, sizeof *s);
    enum pf_rc rc;

    if (s)
        s->buf = malloc(BUFFER_SIZE);
    if (!s || !s->buf) {
        free(s);
        return pf_fail(err, PF_NOMEM, "console: out of memory");
    }
    s->base.ops = &console_ops;
    s->size = BUFFER_SIZE;
    rc = open_console(s, path, err);
    if (rc) {
        console_close(&s->base);
        return rc;
    }
    *ret = &s->base;
    return PF_OK;
}
