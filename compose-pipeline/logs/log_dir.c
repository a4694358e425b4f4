#include "log_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".log"
#define OLDER ".log.1"

/* The name of NAME.log, or of NAME.log.1 if suffix says so. */
static bool take_name(const char *file, const char *suffix,
                      char ret[static LOG_NAME_SIZE])
{
    size_t len = strlen(file), end = strlen(suffix);

    if (len <= end || len - end >= LOG_NAME_SIZE ||
        strcmp(file + len - end, suffix) != 0)
        return false;
    memcpy(ret, file, len - end);
    ret[len - end] = '\0';
    return true;
}

static int open_file(const struct log_dir *logs, const struct log_trail *trail,
                     const char *suffix)
{
    char file[LOG_NAME_SIZE + 10];

    snprintf(file, sizeof file, "%s%s", trail->name, suffix);
    /* A pipe of that name would keep an open() waiting. */
    return openat(logs->dir, file,
                  O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
}

static struct log_trail *find(struct log_dir *logs, const char *name)
{
    for (size_t i = 0; i < logs->n; i++)
        if (!strcmp(logs->trails[i].name, name))
            return &logs->trails[i];
    return NULL;
}

/* A log that begins now: what is read is nothing yet, and was "rotated" to its
 * first file. */
static struct log_trail *add(struct log_dir *logs, const char *name)
{
    struct log_trail *trail = find(logs, name);

    if (trail || logs->n == LOGS_MAX)
        return NULL;
    trail = &logs->trails[logs->n++];
    *trail = (struct log_trail){.fd = -1, .rotations = 1, .is_complete = true};
    strcpy(trail->name, name);
    return trail;
}

/* One that is there, from its end on. */
static void add_old(struct log_dir *logs, const char *name)
{
    struct log_trail *trail = add(logs, name);

    if (!trail)
        return;
    trail->fd = open_file(logs, trail, SUFFIX);
    if (trail->fd < 0)
        return;
    trail->at = lseek(trail->fd, 0, SEEK_END);
    trail->rotations = 0;
    trail->is_complete = false;
}

static enum pf_rc add_all_old(struct log_dir *logs, const char *path,
                              struct pf_error *err)
{
    DIR *dir = opendir(path);
    const struct dirent *entry;
    char name[LOG_NAME_SIZE];

    if (!dir)
        return pf_fail(err, PF_IO, "%s: %s", path, strerror(errno));
    while ((entry = readdir(dir)))
        if (take_name(entry->d_name, SUFFIX, name))
            add_old(logs, name);
    closedir(dir);
    return PF_OK;
}

enum pf_rc log_dir_open(const char *path, struct log_dir *ret,
                        struct pf_error *err)
{
    *ret = (struct log_dir){.changes = -1};
    ret->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (ret->dir < 0)
        return pf_fail(err, PF_IO, "%s: %s", path, strerror(errno));
    ret->changes = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (ret->changes < 0 ||
        inotify_add_watch(ret->changes, path,
                          IN_CREATE | IN_MODIFY | IN_MOVED_TO) < 0)
        return pf_fail(err, PF_IO,
                       "%s cannot be watched: inotify: %s; too many programs "
                       "may be using it: raise fs.inotify.max_user_instances "
                       "and fs.inotify.max_user_watches with sysctl",
                       path, strerror(errno));
    return add_all_old(ret, path, err);
}

void log_dir_release(struct log_dir *logs)
{
    for (size_t i = 0; i < logs->n; i++)
        if (logs->trails[i].fd >= 0)
            close(logs->trails[i].fd);
    logs->n = 0;
    if (logs->changes >= 0)
        close(logs->changes);
    if (logs->dir >= 0)
        close(logs->dir);
    logs->changes = logs->dir = -1;
}

static void take_change(struct log_dir *logs, uint32_t what, const char *file)
{
    char name[LOG_NAME_SIZE];
    struct log_trail *trail;

    if (what & IN_CREATE && take_name(file, SUFFIX, name)) {
        add(logs, name);
    } else if (what & IN_MOVED_TO && take_name(file, OLDER, name)) {
        trail = find(logs, name);
        if (trail)
            trail->rotations++;
    }
}

void log_dir_look(struct log_dir *logs)
{
    char buf[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
    ssize_t n;

    while ((n = read(logs->changes, buf, sizeof buf)) > 0) {
        for (char *at = buf; at < buf + n;) {
            const struct inotify_event *event = (void *)at;

            if (event->len)
                take_change(logs, event->mask, event->name);
            at += sizeof *event + event->len;
        }
    }
}

/* Is the file that is being read still NAME.log? */
static bool is_last(const struct log_dir *logs, const struct log_trail *trail)
{
    char file[LOG_NAME_SIZE + 10];
    struct stat ours, last;

    snprintf(file, sizeof file, "%s" SUFFIX, trail->name);
    return !fstat(trail->fd, &ours) && !fstatat(logs->dir, file, &last, 0) &&
           ours.st_dev == last.st_dev && ours.st_ino == last.st_ino;
}

/* Open the file that comes after the one that is being read. Rotations may come
 * meanwhile: each is known before the file that it renamed can be opened by
 * another name. */
static int open_next(struct log_dir *logs, struct log_trail *trail,
                     uint64_t *files)
{
    for (;;) {
        int rotations = trail->rotations;
        int fd = open_file(logs, trail, rotations >= 2 ? OLDER : SUFFIX);

        log_dir_look(logs);
        if (trail->rotations != rotations) {
            if (fd >= 0)
                close(fd);
        } else if (fd >= 0 || rotations < 2) {
            return fd;
        } else {
            /* NAME.log.1 is deleted, and what will replace it still is
             * NAME.log. */
            *files += (uint64_t)rotations - 1;
            trail->rotations = 1;
        }
    }
}

/* False: there is none yet. */
static bool go_on(struct log_dir *logs, struct log_trail *trail,
                  uint64_t *files)
{
    int fd = open_next(logs, trail, files);

    if (fd < 0)
        return false;
    if (trail->fd >= 0)
        close(trail->fd);
    if (trail->rotations > 2)
        *files += (uint64_t)trail->rotations - 2;
    trail->rotations = trail->rotations >= 2;
    trail->fd = fd;
    trail->at = 0;
    trail->is_complete = false;
    return true;
}

/* Read from this file alone. */
static size_t read_here(struct log_trail *trail, char *buf, size_t size)
{
    struct stat file;
    ssize_t n;

    if (trail->fd < 0)
        return 0;
    if (!fstat(trail->fd, &file) && file.st_size < trail->at)
        trail->at = 0; /* it was emptied, not renamed */
    n = pread(trail->fd, buf, size, trail->at);
    if (n <= 0)
        return 0;
    trail->at += n;
    return (size_t)n;
}

size_t log_dir_read(struct log_dir *logs, struct log_trail *trail, char *buf,
                    size_t size, uint64_t *files)
{
    for (;;) {
        size_t n = read_here(trail, buf, size);

        if (n)
            return n;
        if (!trail->is_complete) {
            if (is_last(logs, trail))
                return 0;
            /* It is closed before it is renamed, so nothing is added to it any
             * more: read what came after its end was seen. */
            trail->is_complete = true;
        } else if (!go_on(logs, trail, files)) {
            return 0;
        }
    }
}

uint64_t log_dir_skip(struct log_dir *logs, struct log_trail *trail,
                      uint64_t *files)
{
    uint64_t lines = 0;
    char buf[4096];
    size_t n;

    while (trail->fd >= 0 && trail->rotations >= 2) {
        while ((n = read_here(trail, buf, sizeof buf)))
            for (size_t i = 0; i < n; i++)
                lines += buf[i] == '\n';
        if (!go_on(logs, trail, files))
            break;
    }
    return lines;
}
