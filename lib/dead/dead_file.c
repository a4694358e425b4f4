#include "dead_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dead_line.h"
#include "vec.h"

/* With this many bytes to write, there is no room for more. */
#define FULL 1048576

struct dead_file {
    struct pf_sink base;
    const char *path; /* for messages; borrowed */
    int fd;
    PF_VEC(char) text; /* lines that are not written yet, */
    size_t begin;      /* from here on */
    bool failed;       /* the disk lost something: nothing arrives any more */
    struct pf_error failure; /* the same, in a sentence */
    struct pf_tickets tickets;
};

/* Append a line to what is to be written. */
static enum pf_rc put_line(struct dead_file *s, const char *line, size_t len,
                           struct pf_error *err)
{
    if (!pf_vec_room((void **)&s->text.at, &s->text.size, s->text.n + len + 1,
                     1))
        return pf_fail(err, PF_NOMEM, "%s: a line of %zu bytes", s->path, len);
    if (len)
        memcpy(s->text.at + s->text.n, line, len);
    s->text.n += len;
    s->text.at[s->text.n++] = '\n';
    return PF_OK;
}

static enum pf_rc file_write(struct pf_sink *base,
                             const struct pf_record *records, size_t n,
                             uint64_t ticket, size_t *ret_taken,
                             struct pf_error *err)
{
    struct dead_file *s = (struct dead_file *)base;
    enum pf_rc rc = PF_OK;

    for (*ret_taken = 0; !rc && *ret_taken < n; *ret_taken += !rc) {
        char *line;
        size_t len;

        if (s->text.n >= FULL)
            rc = PF_AGAIN;
        else
            rc = pf_dead_line_make(&records[*ret_taken], &line, &len, err);
        if (rc)
            break;
        rc = put_line(s, line, len, err);
        free(line);
    }
    pf_tickets_take(&s->tickets, ticket, *ret_taken);
    return rc;
}

/* Wait until the disk has what was written. Linux says only once that it could
 * not write: a second call would return 0, and the bytes be gone. */
static enum pf_rc sync_all(struct dead_file *s, struct pf_error *err)
{
    if (!s->failed && fdatasync(s->fd)) {
        s->failed = true;
        pf_fail(&s->failure, PF_IO,
                "%s: a dead letter may not be on the disk: %s", s->path,
                strerror(errno));
    }
    return s->failed ? pf_fail(err, PF_IO, "%s", s->failure.text) : PF_OK;
}

/* Write all lines, and wait until the disk has them. */
static enum pf_rc store(struct dead_file *s, struct pf_error *err)
{
    enum pf_rc rc;

    while (s->begin < s->text.n) {
        ssize_t len = write(s->fd, s->text.at + s->begin, s->text.n - s->begin);

        if (len > 0)
            s->begin += (size_t)len;
        else if (len < 0 && errno != EINTR)
            return pf_fail(err, PF_IO,
                           "%s: a dead letter could not be written: %s",
                           s->path, strerror(errno));
    }
    rc = sync_all(s, err);
    if (!rc)
        s->begin = s->text.n = 0;
    return rc;
}

static enum pf_rc file_flush(struct pf_sink *base, int timeout_ms,
                             struct pf_arrival *ret, struct pf_error *err)
{
    struct dead_file *s = (struct dead_file *)base;
    bool under_way = s->tickets.arrived < s->tickets.taken;
    enum pf_rc rc = under_way ? store(s, err) : PF_OK;

    (void)timeout_ms; /* a disk does not say when it has room */
    if (!rc)
        pf_tickets_arrive(&s->tickets, s->tickets.arrived,
                          s->tickets.taken - s->tickets.arrived);
    *ret = pf_tickets_arrival(&s->tickets);
    return rc;
}

static void file_close(struct pf_sink *base)
{
    struct dead_file *s = (struct dead_file *)base;

    if (s->fd >= 0)
        close(s->fd);
    free(s->text.at);
    free(s);
}

static const struct pf_sink_ops file_ops = {
    .write = file_write,
    .flush = file_flush,
    .close = file_close,
};

/* Is it the same file? The names may differ. */
static bool is_file(const struct stat *info, const char *path)
{
    struct stat other;

    return path && !stat(path, &other) && other.st_dev == info->st_dev &&
           other.st_ino == info->st_ino;
}

static enum pf_rc open_file(struct dead_file *s, const char *input,
                            struct pf_error *err)
{
    struct stat info = {0};
    char last = '\n';

    /* Or it would wait for the reader of a pipe. */
    s->fd = open(
        s->path,
        O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0666);
    if (s->fd < 0 || fstat(s->fd, &info))
        return pf_fail(err, PF_CONFIG, "%s: %s", s->path, strerror(errno));
    if (!S_ISREG(info.st_mode))
        return pf_fail(err, PF_CONFIG, "%s: it is not a regular file", s->path);
    if (is_file(&info, input))
        return pf_fail(err, PF_CONFIG,
                       "records are read from %s: dead letters need a file of "
                       "their own",
                       s->path);
    if (info.st_size && pread(s->fd, &last, 1, info.st_size - 1) != 1)
        return pf_fail(err, PF_CONFIG, "%s: it cannot be read", s->path);
    return last == '\n' ? PF_OK : put_line(s, "", 0, err);
}

enum pf_rc pf_dead_file_open(const struct pf_dead_conf *conf, const char *path,
                             const rd_kafka_conf_t *like, struct pf_sink **ret,
                             struct pf_error *err)
{
    struct dead_file *s = calloc(1, sizeof *s);
    enum pf_rc rc;

    (void)like;
    if (!s)
        return pf_fail(err, PF_NOMEM, "%s: out of memory", path);
    s->base.ops = &file_ops;
    s->path = path;
    rc = open_file(s, conf->file, err);
    if (rc) {
        file_close(&s->base);
        return rc;
    }
    *ret = &s->base;
    return PF_OK;
}
