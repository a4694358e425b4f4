#include "log_follow.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log_file.h"
#include "log_reader.h"

#define READ_MAX (256 * 1024) /* bytes in one call */
#define BLOCK 8192

struct pf_log_follow {
    char *path;
    int fd; /* stays open when its file is renamed */
    int64_t at;
    bool grew; /* at this look */
    struct pf_log_reader reader;
};

/* Read on, up to end or the end of the file; *room is how much may be read.
 * False: there may be more. */
static bool read_on(struct pf_log_follow *follow, int64_t end, int64_t *room)
{
    char block[BLOCK];

    while (follow->at < end) {
        int64_t most = end - follow->at < *room ? end - follow->at : *room;
        ssize_t n = pread(follow->fd, block,
                          most < BLOCK ? (size_t)most : BLOCK, follow->at);

        if (n <= 0)
            return *room > 0;
        pf_log_reader_put(&follow->reader, block, (size_t)n);
        follow->at += n;
        follow->grew = true;
        *room -= n;
    }
    return true;
}

/* What comes right before at says how it goes on there. */
static void read_before(struct pf_log_follow *follow, int64_t at)
{
    int64_t room = PF_LOG_LINE_MAX;

    follow->at = at > room ? at - room : 0;
    pf_log_reader_init(&follow->reader, NULL, NULL);
    pf_log_reader_cut(&follow->reader, follow->at > 0);
    read_on(follow, at, &room);
    follow->at = at;
}

/* Begin at next, which may be in a file that was renamed since then. */
static void find_begin(struct pf_log_follow *follow, int64_t next,
                       const struct stat *st)
{
    struct stat older_st;
    int older = -1;

    if (next > st->st_size)
        older = pf_log_open(follow->path, true, &older_st);
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

enum pf_rc pf_log_follow_open(const char *path, int64_t next,
                              struct pf_log_follow **ret, struct pf_error *err)
{
    struct pf_log_follow *follow = calloc(1, sizeof *follow);
    struct stat st;

    if (follow) {
        follow->fd = pf_log_open(path, false, &st);
        follow->path = strdup(path);
    }
    if (!follow || !follow->path || follow->fd < 0) {
        bool is_there = !follow || follow->fd >= 0;

        pf_log_follow_close(follow);
        return is_there ? pf_fail(err, PF_NOMEM, "out of memory")
                        : pf_fail(err, PF_IO, "there is no log of that name");
    }
    find_begin(follow, next, &st);
    *ret = follow;
    return PF_OK;
}

void pf_log_follow_close(struct pf_log_follow *follow)
{
    if (!follow)
        return;
    if (follow->fd >= 0)
        close(follow->fd);
    free(follow->path);
    free(follow);
}

static bool is_newer(const struct stat *a, const struct stat *b)
{
    return a->st_mtim.tv_sec != b->st_mtim.tv_sec
               ? a->st_mtim.tv_sec > b->st_mtim.tv_sec
               : a->st_mtim.tv_nsec > b->st_mtim.tv_nsec;
}

/* The file that comes after the one of *now: the log, or if there were two
 * rotations, what is renamed already. -1: it is still the last. */
static int open_next(const struct pf_log_follow *follow, const struct stat *now)
{
    struct stat st, older_st;
    int fd = pf_log_open(follow->path, false, &st);
    int older;

    if (fd < 0)
        return -1; /* the new one comes in a moment */
    if (pf_log_is_same(&st, now)) {
        close(fd);
        return -1;
    }
    older = pf_log_open(follow->path, true, &older_st);
    if (older < 0)
        return fd;
    if (pf_log_is_same(&older_st, now) || pf_log_is_same(&older_st, &st) ||
        !is_newer(&older_st, now)) {
        close(older);
        return fd;
    }
    close(fd);
    return older;
}

/* Read the file to its end; false: not today. */
static bool read_file(struct pf_log_follow *follow, int64_t *room,
                      struct stat *ret)
{
    if (fstat(follow->fd, ret) != 0)
        return false;
    if (ret->st_size < follow->at) { /* cut, and written from its begin on */
        follow->at = 0;
        pf_log_reader_cut(&follow->reader, false);
    }
    return read_on(follow, INT64_MAX, room);
}

/* Read on in this file, and in those that came after it. */
static void read_files(struct pf_log_follow *follow)
{
    int64_t room = READ_MAX;
    struct stat st;
    int next;

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

bool pf_log_follow_read(struct pf_log_follow *follow,
                        void (*take)(void *context,
                                     const struct pf_log_line *line),
                        void *context)
{
    follow->reader.take = take;
    follow->reader.context = context;
    follow->grew = false;
    read_files(follow);
    return follow->grew;
}
