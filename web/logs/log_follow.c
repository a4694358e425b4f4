#include "log_follow.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log_files.h"
#include "log_reader.h"

#define READ_MAX (256 * 1024) /* bytes in one call */
#define BLOCK 8192

struct web_log_follow {
    int dir;
    char name[WEB_LOG_NAME];
    int fd; /* stays open when its file is renamed */
    int64_t at;
    struct web_log_reader reader;
};

/* Read on, up to end or the end of the file; *room is how much may be read.
 * False: there may be more. */
static bool read_on(struct web_log_follow *follow, int64_t end, int64_t *room)
{
    char block[BLOCK];

    while (follow->at < end) {
        int64_t most = end - follow->at < *room ? end - follow->at : *room;
        ssize_t n = pread(follow->fd, block,
                          most < BLOCK ? (size_t)most : BLOCK, follow->at);

        if (n <= 0)
            return *room > 0;
        web_log_reader_put(&follow->reader, block, (size_t)n);
        follow->at += n;
        *room -= n;
    }
    return true;
}

/* What comes right before at says how it goes on there. */
static void read_before(struct web_log_follow *follow, int64_t at)
{
    int64_t room = WEB_LOG_LINE_MAX;

    follow->at = at > room ? at - room : 0;
    web_log_reader_init(&follow->reader, NULL, NULL);
    web_log_reader_cut(&follow->reader, follow->at > 0);
    read_on(follow, at, &room);
    follow->at = at;
}

/* Begin at next, which may be in a file that was renamed since then. */
static void find_begin(struct web_log_follow *follow, int64_t next,
                       const struct stat *st)
{
    struct stat older_st;
    int older = -1;

    if (next > st->st_size)
        older = web_log_open(follow->dir, follow->name, true, &older_st);
    if (older >= 0 && next <= older_st.st_size) {
        close(follow->fd);
        follow->fd = older;
    } else {
        if (older >= 0)
            close(older);
        if (next < 0 || next > st->st_size)
            next = st->st_size;
    }
    read_before(follow, next);
}

enum pf_rc web_log_follow_open(const char *run, const char *name, int64_t next,
                               struct web_log_follow **ret,
                               struct pf_error *err)
{
    struct web_log_follow *follow = calloc(1, sizeof *follow);
    struct stat st;

    if (!follow)
        return pf_fail(err, PF_NOMEM, "out of memory");
    follow->fd = -1;
    follow->dir = web_logs_open(run);
    if (follow->dir >= 0)
        follow->fd = web_log_open(follow->dir, name, false, &st);
    if (follow->fd < 0) {
        web_log_follow_close(follow);
        return pf_fail(err, PF_IO, "there is no log of that name");
    }
    strcpy(follow->name, name);
    find_begin(follow, next, &st);
    *ret = follow;
    return PF_OK;
}

void web_log_follow_close(struct web_log_follow *follow)
{
    if (!follow)
        return;
    if (follow->fd >= 0)
        close(follow->fd);
    if (follow->dir >= 0)
        close(follow->dir);
    free(follow);
}

static bool is_newer(const struct stat *a, const struct stat *b)
{
    return a->st_mtim.tv_sec != b->st_mtim.tv_sec
               ? a->st_mtim.tv_sec > b->st_mtim.tv_sec
               : a->st_mtim.tv_nsec > b->st_mtim.tv_nsec;
}

/* The file that comes after the one of *now: NAME.log, or if there were two
 * rotations, what is NAME.log.1 already. -1: it is still the last. */
static int open_next(const struct web_log_follow *follow,
                     const struct stat *now)
{
    struct stat st, older_st;
    int fd = web_log_open(follow->dir, follow->name, false, &st);
    int older;

    if (fd < 0)
        return -1; /* the new one comes in a moment */
    if (web_log_is_same(&st, now)) {
        close(fd);
        return -1;
    }
    older = web_log_open(follow->dir, follow->name, true, &older_st);
    if (older < 0)
        return fd;
    if (web_log_is_same(&older_st, now) || web_log_is_same(&older_st, &st) ||
        !is_newer(&older_st, now)) {
        close(older);
        return fd;
    }
    close(fd);
    return older;
}

/* Read the file to its end; false: not today. */
static bool read_file(struct web_log_follow *follow, int64_t *room,
                      struct stat *ret)
{
    if (fstat(follow->fd, ret) != 0)
        return false;
    if (ret->st_size < follow->at) { /* cut, and written from its begin on */
        follow->at = 0;
        web_log_reader_cut(&follow->reader, false);
    }
    return read_on(follow, INT64_MAX, room);
}

void web_log_follow_read(struct web_log_follow *follow,
                         struct web_log_lines *lines)
{
    int64_t room = READ_MAX;
    struct stat st;
    int next;

    follow->reader.take = web_log_lines_take;
    follow->reader.context = lines;
    while (read_file(follow, &room, &st)) {
        next = open_next(follow, &st);
        if (next < 0)
            return;
        /* It was renamed before it was looked for, so nothing is added to it
         * any more: read what came after its end was seen. */
        if (!read_on(follow, INT64_MAX, &room)) {
            close(next);
            return;
        }
        close(follow->fd);
        follow->fd = next;
        follow->at = 0;
    }
}
