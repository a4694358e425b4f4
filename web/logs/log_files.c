#include "log_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool web_log_name_ok(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

    return n && n < WEB_LOG_NAME && !name[n];
}

int web_logs_open(const char *run)
{
    char path[4096]; /* one that is too long is cut, and cannot be opened */

    snprintf(path, sizeof path, "%s/log", run);
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* The name of the log in a file of that name; false: it is not a log. */
static bool name_of(const char *file, char ret[WEB_LOG_NAME])
{
    size_t n = strlen(file);

    if (n < 5 || n - 4 >= WEB_LOG_NAME || strcmp(file + n - 4, ".log") != 0)
        return false;
    memcpy(ret, file, n - 4);
    ret[n - 4] = '\0';
    return web_log_name_ok(ret);
}

static int by_name(const void *a, const void *b)
{
    const struct web_log_file *one = a, *other = b;

    return strcmp(one->name, other->name);
}

size_t web_logs_list(int dir, struct web_log_file ret[WEB_LOGS])
{
    int again = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *files = again < 0 ? NULL : fdopendir(again);
    struct dirent *file;
    struct stat st;
    size_t n = 0;

    if (!files) {
        if (again >= 0)
            close(again);
        return 0;
    }
    while (n < WEB_LOGS && (file = readdir(files))) {
        if (!name_of(file->d_name, ret[n].name) ||
            fstatat(dir, file->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
            !S_ISREG(st.st_mode))
            continue;
        ret[n].size = (uint64_t)st.st_size;
        ret[n].changed_ms = (int64_t)st.st_mtim.tv_sec * 1000 +
                            st.st_mtim.tv_nsec / 1000000;
        n++;
    }
    closedir(files);
    qsort(ret, n, sizeof *ret, by_name);
    return n;
}

int web_log_open(int dir, const char *name, bool is_older, struct stat *ret)
{
    char file[WEB_LOG_NAME + 8];
    int fd;

    if (!web_log_name_ok(name))
        return -1;
    snprintf(file, sizeof file, "%s.log%s", name, is_older ? ".1" : "");
    /* Not blocking: it might be a pipe that nobody writes to. */
    fd = openat(dir, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return -1;
    if (fstat(fd, ret) == 0 && S_ISREG(ret->st_mode))
        return fd;
    close(fd);
    return -1;
}

bool web_log_is_same(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}
