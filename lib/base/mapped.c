#include "mapped.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file's name until it is complete. */
struct fresh {
    char path[4096];
};

static enum pf_rc fresh_of(const char *path, struct fresh *ret,
                           struct pf_error *err)
{
    return snprintf(ret->path, sizeof ret->path, "%s.%d", path, (int)getpid()) <
                   (int)sizeof ret->path
               ? PF_OK
               : pf_fail(err, PF_IO, "the path is too long");
}

/* Map size bytes of the file fd, or with -1 of memory. */
static enum pf_rc map(int fd, int prot, size_t size, struct pf_mapped *ret,
                      struct pf_error *err)
{
    int flags = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
    void *at = mmap(NULL, size, prot, flags, fd, 0);

    if (at == MAP_FAILED)
        return pf_fail(err, PF_IO, "%s", strerror(errno));
    *ret = (struct pf_mapped){.at = at, .size = size};
    return PF_OK;
}

enum pf_rc pf_mapped_create(const char *path, size_t size,
                            struct pf_mapped *ret, struct pf_error *err)
{
    const int prot = PROT_READ | PROT_WRITE;
    struct fresh fresh = {""};
    enum pf_rc rc;
    int fd;

    if (!*path)
        return map(-1, prot, size, ret, err);
    rc = fresh_of(path, &fresh, err);
    if (rc)
        return rc;
    fd = open(fresh.path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return pf_fail(err, PF_IO, "%s", strerror(errno));
    if (ftruncate(fd, (off_t)size) != 0)
        rc = pf_fail(err, PF_IO, "%s", strerror(errno));
    else
        rc = map(fd, prot, size, ret, err);
    close(fd);
    if (rc)
        unlink(fresh.path);
    return rc;
}

enum pf_rc pf_mapped_publish(const char *path, struct pf_error *err)
{
    struct fresh fresh = {""};
    enum pf_rc rc;

    if (!*path)
        return PF_OK;
    rc = fresh_of(path, &fresh, err);
    if (rc || rename(fresh.path, path) == 0)
        return rc;
    rc = pf_fail(err, PF_IO, "%s", strerror(errno));
    unlink(fresh.path);
    return rc;
}

enum pf_rc pf_mapped_attach(const char *path, struct pf_mapped *ret,
                            struct pf_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum pf_rc rc = PF_OK;
    struct stat st;

    if (fd < 0)
        return pf_fail(err, PF_IO, "%s", strerror(errno));
    if (fstat(fd, &st) != 0)
        rc = pf_fail(err, PF_IO, "%s", strerror(errno));
    else if (!st.st_size)
        *ret = (struct pf_mapped){0};
    else
        rc = map(fd, PROT_READ, (size_t)st.st_size, ret, err);
    close(fd);
    return rc;
}

enum pf_rc pf_mapped_keep(int fd, size_t size, struct pf_mapped *ret,
                          struct pf_error *err)
{
    int failed = posix_fallocate(fd, 0, (off_t)size);

    return failed ? pf_fail(err, PF_IO, "%s", strerror(failed))
                  : map(fd, PROT_READ | PROT_WRITE, size, ret, err);
}

void pf_mapped_release(struct pf_mapped *mapped)
{
    if (mapped->at)
        munmap(mapped->at, mapped->size);
    *mapped = (struct pf_mapped){0};
}
