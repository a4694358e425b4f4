#include "log_file.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

int pf_log_open(const char *path, bool is_older, struct stat *ret)
{
    char file[PATH_MAX];
    int n = snprintf(file, sizeof file, "%s%s", path, is_older ? ".1" : "");
    int fd;

    if (n < 0 || (size_t)n >= sizeof file)
        return -1;
    /* Not blocking: it might be a pipe that nobody writes to. */
    fd = open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return -1;
    if (fstat(fd, ret) == 0 && S_ISREG(ret->st_mode))
        return fd;
    close(fd);
    return -1;
}

bool pf_log_is_same(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}
